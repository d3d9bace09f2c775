//! Asking for what ends by itself, and what the requester reads of it.

use countersign::domain::RequestId;

use crate::support::{World, boundary::Boundary, story::*};

impl World {
    /// Somebody asks for something that nobody has to approve; gives the request.
    pub async fn ask_freely(&self, who: &str, line: &str) -> RequestId {
        let before = self.newest().await;
        let delivery = self.slack.slash(who, OPS, line).await.unwrap();
        assert!(delivery.ok(), "{:?}", delivery.error);
        self.until_newer_than(before).await
    }

    /// What somebody is told directly about the end of their request.
    pub async fn told_directly(&self, who: &str, id: RequestId) -> String {
        let message = self
            .until("a direct message about it", async |world| {
                let mut told = world.told_about(who, id).await.into_iter();
                told.find(|message| message.metadata.is_some())
            })
            .await;
        message.all_text()
    }

    /// Asks, waits for the end, and gives the request and what the requester reads.
    pub async fn ask_and_read(&self, who: &str, line: &str) -> (RequestId, String) {
        let id = self.ask_freely(who, line).await;
        self.until_state(id, "done").await;
        (id, self.told_directly(who, id).await)
    }

    /// Asks, and gives the reasons of the refusal as the requester reads them.
    pub async fn refusal_of(&self, who: &str, line: &str) -> String {
        let id = self.ask_freely(who, line).await;
        self.until_state(id, "refused").await;
        self.told_directly(who, id).await
    }

    /// Crashes when a step has had its effect and is not on record yet, and starts anew.
    pub async fn crash_after_effect(&mut self, boundary: Boundary) {
        boundary.reached(self).await;
        self.crash().await;
        boundary.roll_back(self).await;
        self.start_replica().await;
    }
}

/// A message as people read it, without what is another one each time.
pub fn shown(message: &countersign_sandbox::slack::Message) -> String {
    without_times(&message.all_text())
}

/// Dates in Slack's form and digests of plans are replaced.
pub fn without_times(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("<!date^") {
        out.push_str(&rest[..at]);
        out.push_str("[time]");
        rest = rest[at..].split_once('>').map_or("", |(_, rest)| rest);
    }
    out.push_str(rest);
    let digest = |word: &str| {
        let hex = word.trim_matches('`');
        word.starts_with('`') && hex.len() >= 8 && hex.chars().all(|c| c.is_ascii_hexdigit())
    };
    let lines = out.lines().map(|line| {
        let words = line
            .split(' ')
            .map(|word| if digest(word) { "`[digest]`" } else { word });
        words.collect::<Vec<_>>().join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}
