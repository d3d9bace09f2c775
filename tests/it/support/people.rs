//! What people do who may not, and what is on record of it.

use countersign::domain::RequestId;
use countersign_sandbox::slack::{Message, Outcome, Pick, User};

use super::{
    World,
    story::{ADA, APPROVALS, OPS},
};

pub const VICTOR: &str = "U0VICTOR";
pub const DANA: &str = "U0DANA";
pub const STELLA: &str = "U0STELLA";
pub const BOTTY: &str = "U0BOTTY";

impl World {
    /// A command as it would reach the app, also from an account that could not type it.
    pub async fn command_from(&self, who: &str, text: &str) -> Outcome {
        let request = self
            .slack
            .command_request(who, OPS, "/ops", text)
            .expect("a known account");
        self.slack.send(&request).await
    }

    /// A click as it would reach the app, also from an account that could not see the card.
    pub async fn click_from(&self, who: &str, id: RequestId, action: &str) -> Outcome {
        let card = self.until_card_shows(id, action).await;
        let pick = Pick::on_message(who, APPROVALS, &card.ts, action);
        let request = self.slack.click_request(&pick).expect("a button");
        self.slack.send(&request).await
    }

    /// Asks, and gives the request once it has ended in a refusal.
    pub async fn ask_and_be_refused(&self, line: &str) -> RequestId {
        let before = self.newest().await;
        let delivery = self.slack.slash(ADA, OPS, line).await.unwrap();
        assert!(delivery.ok(), "{:?}", delivery.error);
        let id = self.until_newer_than(before).await;
        self.until_state(id, "refused").await;
        id
    }

    /// Asks for something that only reads, and gives the request with the direct message that answers it.
    pub async fn answered(&self, who: &str, line: &str) -> (RequestId, Message) {
        let before = self.newest().await;
        let delivery = self.slack.slash(who, OPS, line).await.unwrap();
        assert!(delivery.ok(), "{:?}", delivery.error);
        let id = self.until_newer_than(before).await;
        (id, self.told_of(who, id).await)
    }

    /// Asks for something that needs no approval, and gives the request. Where it has to be confirmed, that happens while the
    /// scenario waits.
    pub async fn asks(&self, who: &str, line: &str) -> RequestId {
        let before = self.newest().await;
        let delivery = self.slack.slash(who, OPS, line).await.unwrap();
        assert!(delivery.ok(), "{:?}", delivery.error);
        self.until_newer_than(before).await
    }

    /// The direct message that tells somebody what came of a request.
    pub async fn told_of(&self, who: &str, id: RequestId) -> Message {
        self.until("the answer", async |world| {
            world.told_about(who, id).await.pop()
        })
        .await
    }

    /// The request that came after another one.
    pub async fn until_newer_than(&self, before: Option<RequestId>) -> RequestId {
        self.until("a new request", async |world| {
            world.newest().await.filter(|id| Some(*id) != before)
        })
        .await
    }

    /// Waits until a request's journal has an event with this name so many times.
    pub async fn until_event(&self, id: RequestId, name: &str, times: usize) {
        self.until(&format!("{times} × {name}"), async |world| {
            let names = world.event_names(id).await;
            (names.iter().filter(|one| *one == name).count() >= times).then_some(())
        })
        .await;
    }

    /// Waits until the audit thread says something.
    pub async fn until_audit(&self, id: RequestId, words: &str) -> Message {
        self.until(&format!("the audit thread says {words:?}"), async |world| {
            let thread = world.audit_thread(id).await;
            thread
                .into_iter()
                .find(|message| message.all_text().contains(words))
        })
        .await
    }

    /// Waits until the card says something.
    pub async fn until_card_says(&self, id: RequestId, words: &str) -> Message {
        self.until(&format!("the card says {words:?}"), async |world| {
            let card = world.card(id).await;
            card.all_text().contains(words).then_some(card)
        })
        .await
    }

    /// Whether an account of the application is blocked.
    pub async fn is_blocked(&self, user: &str) -> bool {
        sqlx::query_scalar(r#"select "isBlocked" from "User" where id = $1"#)
            .bind(user)
            .fetch_one(&self.db)
            .await
            .unwrap()
    }

    /// Has the directory ask Slack again instead of using what it read a moment ago.
    pub fn let_facts_age(&self) {
        self.clock.advance(std::time::Duration::from_secs(2));
    }

    /// Adds admins to the workspace.
    pub fn add_admins(&self, how_many: usize) -> Vec<String> {
        let ids: Vec<String> = (0..how_many).map(|n| format!("U0MANY{n:03}")).collect();
        for id in &ids {
            let name = id.to_lowercase();
            let user = User {
                id: id.clone(),
                team_id: "T0COUNTER".to_owned(),
                real_name: name.clone(),
                email: Some(format!("{name}@ieltseq.example")),
                name,
                ..User::default()
            };
            self.slack.edit(|slack| {
                slack.users.insert(id.clone(), user);
                for channel in [APPROVALS, OPS] {
                    let channel = slack.channels.get_mut(channel).unwrap();
                    channel.members.insert(id.clone());
                }
            });
        }
        let group = self
            .slack
            .edit_group("S0ADMINS", |group| group.users.extend(ids.clone()));
        group.unwrap();
        ids
    }

    /// Takes somebody out of the group of admins.
    pub fn remove_from_admins(&self, who: &str) {
        self.slack
            .edit_group("S0ADMINS", |group| group.users.retain(|one| one != who))
            .unwrap();
        self.let_facts_age();
    }

    /// Gives Maria more rows of one table than the plan had.
    pub async fn add_flashcards_of_maria(&self, many: i32) {
        sqlx::query(
            r#"insert into "Flashcard" (id, word, definition)
               select 'new_' || n, 'word ' || n, '' from generate_series(1, $1) n"#,
        )
        .bind(many)
        .execute(&self.db)
        .await
        .unwrap();
        sqlx::query(
            r#"insert into "UserFlashcardProgress" (id, "userId", "flashcardId", "nextReview")
               select 'new_' || n, 'usr_1', 'new_' || n, now() from generate_series(1, $1) n"#,
        )
        .bind(many)
        .execute(&self.db)
        .await
        .unwrap();
    }
}
