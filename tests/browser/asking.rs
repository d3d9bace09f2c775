//! Requests, as people make, approve and read them on the page: each by its name, since a conversation holds many.

use serde_json::{Value, json};

use crate::{
    page::{MESSAGES, MODAL, Page},
    story::{ADA, GRACE},
};

/// The messages about one request, the newest last.
const ABOUT: &str =
    "const messages = all(given[0]).filter((it) => visible(it) && says(it, given[1]));";

/// What an archive begins with.
const ZIP: &[u8] = b"PK\x03\x04";

impl Page {
    /// Ada asks for an operation in #ops; gives the name of the request.
    pub async fn ask(&self, line: &str) -> String {
        self.become_person(ADA).await;
        self.channel("ops").await;
        let request = self.next_request();
        self.say(line).await;
        self.only_for_me(&request).await;
        request
    }

    /// Waits, in Ada's conversation with the app, for what says all of this about a request.
    pub async fn told(&self, request: &str, texts: &[&str]) {
        self.become_person(ADA).await;
        self.conversation_with_the_app().await;
        self.says(request, texts).await;
    }

    /// Asks for what needs nobody else, and waits for the answer.
    pub async fn ask_and_read(&self, line: &str, texts: &[&str]) -> String {
        let request = self.ask(line).await;
        self.told(&request, texts).await;
        request
    }

    /// Ada confirms what she asked for, in her conversation with the app, and waits for the answer.
    pub async fn confirm_and_read(&self, request: &str, texts: &[&str]) {
        self.told(request, &["Awaiting confirmation"]).await;
        self.press_of(request, "confirm").await;
        self.says(request, texts).await;
    }

    /// Waits, among the cards, until the one of a request says all of this.
    pub async fn card(&self, request: &str, texts: &[&str]) {
        self.channel("ops-approvals").await;
        self.says(request, texts).await;
    }

    /// Grace approves: in a modal, when there is something to type, else by saying that she is sure.
    pub async fn approve(&self, request: &str, typed: Option<&str>) {
        self.become_person(GRACE).await;
        self.channel("ops-approvals").await;
        self.press_of(request, "approve").await;
        match typed {
            Some(typed) => {
                self.modal(typed).await;
                self.submit(typed).await;
                self.modal_closed().await;
            }
            None => self.confirm().await,
        }
    }

    /// Presses a button of the newest message about a request.
    pub async fn press_of(&self, request: &str, action: &str) {
        let selector = format!("button[data-action-id={action}]");
        let look = format!(
            "{ABOUT} return messages.flatMap((it) => [...it.querySelectorAll(given[2])]).filter(usable).at(-1)"
        );
        let given = [json!(MESSAGES), json!(request), json!(selector)];
        self.click_on(&look, &given, &format!("{action} of {request}"))
            .await;
    }

    /// Presses the button with this word that an answer offers below the lines that say `near`.
    pub async fn press_offer(&self, request: &str, near: &str, word: &str) {
        let look = format!(
            "{ABOUT} return messages.flatMap((it) => [...it.querySelectorAll('.block-actions')])
               .filter((it) => says(it.previousElementSibling, given[2]))
               .flatMap((it) => [...it.querySelectorAll('button')])
               .filter((it) => usable(it) && it.textContent === given[3]).at(-1)"
        );
        let given = [json!(MESSAGES), json!(request), json!(near), json!(word)];
        self.click_on(&look, &given, &format!("{word} beside {near}"))
            .await;
    }

    /// Waits until one message here is about the request and says all of this.
    pub async fn says(&self, request: &str, texts: &[&str]) {
        for text in texts {
            let look = format!("{ABOUT} return messages.some((it) => says(it, given[2]))");
            let given = [json!(MESSAGES), json!(request), json!(text)];
            self.watch(&look, &given, &format!("{text:?} about {request}"))
                .await;
        }
    }

    /// Waits for a picture in a message about the request that the browser could draw.
    pub async fn picture(&self, request: &str) {
        let look = format!(
            "{ABOUT}
             const picture = messages.map((it) => it.querySelector('figure img')).find((it) => it);
             if (!picture) return false;
             // Pictures load when they come into sight.
             picture.scrollIntoView({{ block: 'center' }});
             return picture.complete && picture.naturalWidth > 0"
        );
        let given = [json!(MESSAGES), json!(request)];
        self.watch(&look, &given, &format!("a picture about {request}"))
            .await;
    }

    /// Follows the link to an archive in a message about the request, as a browser does that keeps the file.
    pub async fn downloads_archive(&self, request: &str) {
        let link = self.link(request, "Download").await;
        countersign::service::prepare_process();
        let answer = reqwest::get(&link).await.expect("the archive's address");
        let archive = answer.bytes().await.expect("the archive");
        assert!(archive.starts_with(ZIP), "{link} is no archive");
    }

    async fn link(&self, request: &str, label: &str) -> String {
        let look = format!(
            "{ABOUT} return messages.flatMap((it) => [...it.querySelectorAll('a')])
               .filter((it) => says(it, given[2])).at(-1)?.href"
        );
        let given = [json!(MESSAGES), json!(request), json!(label)];
        let found = self.watch(&look, &given, label).await;
        found.as_str().expect("an address").to_owned()
    }

    /// Fills fields of the open modal, by their labels.
    pub async fn fill(&self, fields: &[(&str, &str)]) {
        for (label, text) in fields {
            let field = format!("{MODAL} .input:has(.label)");
            let look = "return all(given[0]).filter((it) => says(it.querySelector('.label'), given[1]))
                .map((it) => it.querySelector('input, textarea')).filter((it) => it && usable(it)).at(-1)";
            let given = [json!(field), json!(label)];
            self.enter_into(look, &given, label, text).await;
        }
    }

    /// Keeps what a message about the request looks like, from its beginning.
    pub async fn picture_of(&self, request: &str, moment: &str) {
        let look = format!(
            "{ABOUT} messages.at(-1)?.scrollIntoView({{ block: 'start' }}); return messages.length > 0"
        );
        let given: [Value; 2] = [json!(MESSAGES), json!(request)];
        self.watch(&look, &given, request).await;
        self.screenshot(moment).await;
    }
}
