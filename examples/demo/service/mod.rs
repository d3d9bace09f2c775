//! The real service as a second process: started, killed on demand, started again.

mod child;
mod environment;
mod keeper;

use std::sync::Arc;

use anyhow::Context;
use countersign_sandbox::slack::Workspace;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

use crate::folder::Folder;
pub use child::{AS_SERVICE, be_the_service};
pub use environment::Environment;
pub use keeper::DOWN_FOR;
use keeper::Keeper;

/// How the service stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Its process is there; it does not listen yet.
    Starting,
    /// It works.
    Running {
        /// The process.
        pid: u32,
    },
    /// Its process ended, and is started again after a moment.
    Down {
        /// How it ended.
        how: String,
    },
}

/// How the service stands, and what was done to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Now.
    pub state: State,
    /// How often it was killed.
    pub kills: u32,
    /// Whether it is to be killed as soon as it deletes files.
    pub armed: bool,
}

/// What can be done to the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// SIGKILL, now.
    Kill,
    /// Start without waiting for the moment to be over.
    Start,
    /// End.
    Stop,
}

/// Is told where the service listens, each time that it was started.
pub type Follow = Box<dyn Fn(&str) + Send + Sync>;

/// The service's process, and the task that keeps it.
pub struct Service {
    status: Arc<watch::Sender<Status>>,
    orders: mpsc::Sender<Order>,
    keeper: JoinHandle<()>,
}

impl Service {
    /// Starts the service; it is ready when this returns.
    ///
    /// # Errors
    /// When it does not start: then with the end of its log.
    pub async fn start(
        variables: Vec<(&'static str, String)>,
        folder: &Folder,
        slack: Workspace,
        follow: Follow,
    ) -> anyhow::Result<Self> {
        let status = Arc::new(watch::Sender::new(Status {
            state: State::Starting,
            kills: 0,
            armed: false,
        }));
        let (orders, taken) = mpsc::channel(1);
        let keeper = Keeper {
            variables,
            log: folder.log(),
            config: folder.config(),
            slack,
            follow,
            status: status.clone(),
        };
        let first = keeper.launch().await?;
        let keeper = tokio::spawn(keeper.keep(first, taken));
        Ok(Self {
            status,
            orders,
            keeper,
        })
    }

    /// How it stands, and a way to hear of changes and to note them.
    pub fn status(&self) -> Arc<watch::Sender<Status>> {
        self.status.clone()
    }

    /// A way to give orders.
    pub fn orders(&self) -> mpsc::Sender<Order> {
        self.orders.clone()
    }

    /// Ends the service.
    pub async fn stop(self) -> anyhow::Result<()> {
        // The keeper may have ended by itself; then there is nobody to tell.
        let _ = self.orders.send(Order::Stop).await;
        self.keeper.await.context("the task of the service")
    }
}
