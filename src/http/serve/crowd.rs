//! All connections, and which of them is closed when there are too many.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::slack::inbound::bodies::ProvesItself;

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    /// Nothing was sent yet.
    Open,
    /// A request's headers are arriving.
    Headers,
    /// A request is being answered; its body may still be arriving.
    Request,
    /// A request was answered.
    Idle,
}

/// What a connection is doing, and since when.
pub(super) type Phase = (Doing, Instant);

/// All connections.
pub(super) struct Crowd {
    most: usize,
    members: Mutex<Members>,
}

#[derive(Default)]
struct Members {
    next: u64,
    present: BTreeMap<u64, Member>,
}

struct Member {
    phase: watch::Receiver<Phase>,
    proof: ProvesItself,
    close: CancellationToken,
}

/// One connection's place, given back when it is dropped.
pub(super) struct Place {
    number: u64,
    crowd: Arc<Crowd>,
    pub phase: watch::Sender<Phase>,
    pub proof: ProvesItself,
    /// Cancelled when the place is needed for somebody else.
    pub close: CancellationToken,
}

impl Crowd {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            members: Mutex::default(),
        }
    }

    /// A place for a new connection, perhaps that of another one; `None` when all are answering verified requests.
    pub(super) fn admit(self: &Arc<Self>) -> Option<Place> {
        let mut members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        if members.present.len() >= self.most && !members.close_one() {
            return None;
        }
        let (phase, seen) = watch::channel((Doing::Open, Instant::now()));
        let (proof, close) = (ProvesItself::default(), CancellationToken::new());
        let number = members.next;
        members.next += 1;
        let member = Member {
            phase: seen,
            proof: proof.clone(),
            close: close.clone(),
        };
        members.present.insert(number, member);
        Some(Place {
            number,
            crowd: self.clone(),
            phase,
            proof,
            close,
        })
    }

    /// Closes one connection.
    pub(super) fn make_room(&self) {
        let mut members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        members.close_one();
    }
}

impl Members {
    /// Closes the connection that has sent headers or an unverified request for the longest time, or if there is none,
    /// the one that has sent nothing for the longest time. False when there is no such connection.
    fn close_one(&mut self) -> bool {
        let rank = |member: &Member| {
            let (doing, since) = *member.phase.borrow();
            let is_sending = matches!(doing, Doing::Open | Doing::Headers | Doing::Request);
            (!is_sending, since)
        };
        let candidates = self.present.iter();
        let unproven = candidates.filter(|(_, member)| !member.proof.was_verified());
        let Some(number) = unproven
            .min_by_key(|(_, member)| rank(member))
            .map(|(n, _)| *n)
        else {
            return false;
        };
        if let Some(member) = self.present.remove(&number) {
            metrics::counter!("countersign_http_closed_connections_total").increment(1);
            member.close.cancel();
        }
        true
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let members = self.crowd.members.lock();
        let mut members = members.unwrap_or_else(PoisonError::into_inner);
        members.present.remove(&self.number);
    }
}
