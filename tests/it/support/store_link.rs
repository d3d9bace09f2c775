//! The way between the service and its store, which can hang, break, or lose what the store answers to a commit.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

use super::World;

/// What the link does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// It lets everything through.
    Open,
    /// Nothing comes through in either direction.
    Hung,
    /// No connection stays and none is made.
    Cut,
    /// The store gets every commit, and its answers after one do not come back.
    CommitsUnanswered,
}

/// A link that the service goes over. It ends with the test.
pub struct StoreLink {
    mode: watch::Sender<Link>,
    port: u16,
}

impl StoreLink {
    /// A world whose service reaches its store, and nothing else, over a link.
    pub async fn world() -> (World, Self) {
        let mut world = World::without_service(super::Options::default()).await;
        let link = Self::to(world.database_url()).await;
        let mut url = url::Url::parse(world.database_url()).unwrap();
        url.set_port(Some(link.port)).unwrap();
        let name = "COUNTERSIGN_DATABASE_URL".to_owned();
        world.environment.insert(name, url.to_string());
        world.start_replica().await;
        (world, link)
    }

    async fn to(url: &str) -> Self {
        let url = url::Url::parse(url).unwrap();
        let store = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mode = watch::Sender::new(Link::Open);
        let watched = mode.subscribe();
        tokio::spawn(async move {
            while let Ok((service, _)) = listener.accept().await {
                tokio::spawn(carry(service, store.clone(), watched.clone()));
            }
        });
        Self { mode, port }
    }

    pub fn set(&self, mode: Link) {
        self.mode.send_replace(mode);
    }
}

async fn carry(service: TcpStream, store: String, mode: watch::Receiver<Link>) {
    if *mode.borrow() == Link::Cut {
        return;
    }
    let Ok(store) = TcpStream::connect(store).await else {
        return;
    };
    let committed = Arc::new(AtomicBool::new(false));
    let (from_service, to_service) = service.into_split();
    let (from_store, to_store) = store.into_split();
    let mut cut = mode.clone();
    tokio::select! {
        () = pass(from_service, to_store, mode.clone(), Arc::clone(&committed), true) => {}
        () = pass(from_store, to_service, mode, committed, false) => {}
        _ = cut.wait_for(|mode| *mode == Link::Cut) => {}
    }
}

async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut mode: watch::Receiver<Link>,
    committed: Arc<AtomicBool>,
    is_question: bool,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let bytes = &buffer[..read];
        let is_commit = is_question && bytes.windows(6).any(|word| word == b"COMMIT");
        if is_commit && *mode.borrow() == Link::CommitsUnanswered {
            committed.store(true, Ordering::SeqCst);
        }
        let goes_on = |mode: &Link| match mode {
            Link::Open | Link::Cut => true,
            Link::Hung => false,
            Link::CommitsUnanswered => is_question || !committed.load(Ordering::SeqCst),
        };
        if mode.wait_for(goes_on).await.is_err() || to.write_all(bytes).await.is_err() {
            return;
        }
    }
}
