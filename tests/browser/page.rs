//! The page, in the words of who uses it. Nothing here waits for a time: it waits for what is on the page.

use std::{cell::Cell, env, fs, path::PathBuf, time::Instant};

use fantoccini::{
    Client, Locator,
    elements::{Element, ElementRef},
    error::{CmdError, ErrorStatus},
};
use serde_json::{Value, json};

use crate::browser::PATIENCE;

/// The conversation, and the thread beside it.
pub const MESSAGES: &str = "#messages [data-testid=message]";
const THREAD: &str = "#thread-messages [data-testid=message]";
pub const MODAL: &str = "dialog[data-testid=modal]";
/// The number of a demo's first request.
const FIRST_REQUEST: u32 = 1001;

/// Runs `look` whenever something on the page changed, until it finds something.
const WATCH: &str = "
const done = arguments[arguments.length - 1];
const given = arguments;
const visible = (it) => it.getClientRects().length > 0;
const says = (it, text) => (it.textContent ?? '').replace(/\\s+/g, ' ').includes(text);
const all = (selector) => [...document.querySelectorAll(selector)];
const usable = (it) => visible(it) && !it.disabled && !it.readOnly;
const look = () => { LOOK };
const check = () => {
  const found = look();
  if (!found) return;
  observer.disconnect();
  document.removeEventListener('load', check, true);
  done(found === true ? null : found);
};
const observer = new MutationObserver(check);
observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
// A picture that has loaded changes nothing in the document.
document.addEventListener('load', check, true);
check();
";

/// The page of one demo.
pub struct Page {
    client: Client,
    story: &'static str,
    /// Requests that were asked for so far.
    asked: Cell<u32>,
}

impl Page {
    /// A page that is not open yet. The story's name goes into the names of its screenshots.
    pub fn new(client: Client, story: &'static str) -> Self {
        Self {
            client,
            story,
            asked: Cell::new(0),
        }
    }

    /// Opens it as this person.
    pub async fn open(&self, url: &str, person: &str) {
        self.client
            .goto(&format!("{url}?as={person}"))
            .await
            .expect("opening the page");
        self.see("[data-testid=composer]", "").await;
    }

    /// Hides the tour, which takes room.
    pub async fn hide_tour(&self) {
        self.click("[data-testid=story-close]").await;
    }

    /// Becomes another person.
    pub async fn become_person(&self, person: &str) {
        let switch = self
            .client
            .find(Locator::Css("[data-testid=persona-switch]"))
            .await
            .expect("the switch");
        switch.select_by_value(person).await.expect("the person");
    }

    /// Opens a channel.
    pub async fn channel(&self, name: &str) {
        let item = format!("[data-testid=channel-{name}]");
        self.click(&item).await;
        self.see(&format!("{item}.current"), "").await;
    }

    /// Opens the conversation with the app.
    pub async fn conversation_with_the_app(&self) {
        self.click("#dm-list button").await;
        self.see("#dm-list button.current", "").await;
    }

    /// Types a message or a command into the channel, and sends it.
    pub async fn say(&self, text: &str) {
        self.click("[data-testid=composer]").await;
        self.enter("[data-testid=composer]", text).await;
        self.click("[data-testid=send]").await;
    }

    /// Waits for a message that says this.
    pub async fn message(&self, text: &str) {
        self.see(MESSAGES, text).await;
    }

    /// Waits for a message that says this and that nobody else sees.
    pub async fn only_for_me(&self, text: &str) {
        self.see(&format!("{MESSAGES}[data-ephemeral=true]"), text)
            .await;
    }

    /// Waits for a reply in the thread that is open.
    pub async fn reply(&self, text: &str) {
        self.see(THREAD, text).await;
    }

    /// Opens the thread of the last message that says this.
    pub async fn thread(&self, text: &str) {
        self.act(
            &format!("{MESSAGES}:has([data-testid=thread-open])"),
            text,
            async |message| {
                let link = Locator::Css("[data-testid=thread-open]");
                message.find(link).await?.click().await
            },
        )
        .await;
        self.see("#thread-pane", text).await;
    }

    /// Presses a button of a card.
    pub async fn press(&self, action: &str) {
        self.click(&button(action)).await;
    }

    /// Waits until the newest card has such a button.
    pub async fn button(&self, action: &str) {
        self.see(&button(action), "").await;
    }

    /// Waits until no card has such a button.
    pub async fn no_button(&self, action: &str) {
        let look = "return all(given[0]).filter(visible).length === 0";
        self.watch(look, &[json!(button(action))], "no button")
            .await;
    }

    /// Says yes to "are you sure".
    pub async fn confirm(&self) {
        self.click("[data-testid=confirm-yes]").await;
    }

    /// Fills the one field of the open modal, and submits it.
    pub async fn submit(&self, text: &str) {
        self.enter(&format!("{MODAL} input, {MODAL} textarea"), text)
            .await;
        self.click("[data-testid=modal-submit]").await;
    }

    /// Waits for an open modal that says this.
    pub async fn modal(&self, text: &str) {
        self.see(MODAL, text).await;
    }

    /// Closes the modal that is on top.
    pub async fn close_modal(&self) {
        self.click("[data-testid=modal-close]").await;
    }

    /// Waits for an error under the field of the modal.
    pub async fn modal_error(&self, text: &str) {
        self.see(&format!("{MODAL} [data-testid=modal-error]"), text)
            .await;
    }

    /// Waits until there is no modal.
    pub async fn modal_closed(&self) {
        let look = "return all(given[0]).filter(visible).length === 0";
        self.watch(look, &[json!(MODAL)], "no modal").await;
    }

    /// Presses a button of a panel backstage.
    pub async fn backstage(&self, panel: &str, action: &str) {
        self.click(&format!("[data-testid=panel-action-{panel}-{action}]"))
            .await;
    }

    /// Waits until a panel says exactly this of that.
    pub async fn fact(&self, panel: &str, label: &str, value: &str) {
        self.row(panel, label, value, "it.textContent === value")
            .await;
    }

    /// Waits until a panel says this, among other things, of that.
    pub async fn fact_has(&self, panel: &str, label: &str, value: &str) {
        self.row(panel, label, value, "says(it, value)").await;
    }

    async fn row(&self, panel: &str, label: &str, value: &str, as_wanted: &str) {
        let look = format!(
            "const [rows, label, value] = given;
             const wanted = (it) => {as_wanted};
             return all(rows).some((row) => row.querySelector('dt').textContent === label && wanted(row.querySelector('dd')))"
        );
        let rows = format!("[data-testid=panel-{panel}] .row");
        let args = [json!(rows), json!(label), json!(value)];
        self.watch(&look, &args, &format!("{label}: {value}")).await;
    }

    /// Waits until something visible that the selector finds says this.
    pub async fn see(&self, selector: &str, text: &str) {
        let look = "return all(given[0]).some((it) => visible(it) && says(it, given[1]))";
        let what = format!("{text:?} in {selector}");
        self.watch(look, &[json!(selector), json!(text)], &what)
            .await;
    }

    /// The name that the next request gets.
    pub fn next_request(&self) -> String {
        self.asked.set(self.asked.get() + 1);
        format!("OPS-{}", FIRST_REQUEST + self.asked.get() - 1)
    }

    /// Keeps what the page looks like, for people to look at.
    pub async fn screenshot(&self, moment: &str) {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
        fs::create_dir_all(&folder).expect("the folder of screenshots");
        let png = self.client.screenshot().await.expect("a screenshot");
        let name = format!("{}-{moment}.png", self.story);
        fs::write(folder.join(name), png).expect("writing a screenshot");
    }

    /// Clicks the last visible element that the selector finds.
    pub async fn click(&self, selector: &str) {
        self.act(selector, "", async |element| element.click().await)
            .await;
    }

    /// Types into the last visible field that the selector finds.
    pub async fn enter(&self, selector: &str, text: &str) {
        self.act(selector, "", async |element| {
            element.clear().await?;
            element.send_keys(text).await
        })
        .await;
    }

    /// Does something to the last visible element that says this. The page may draw it anew in between: then once more.
    async fn act(
        &self,
        selector: &str,
        text: &str,
        act: impl AsyncFn(&Element) -> Result<(), CmdError>,
    ) {
        let look = "return all(given[0]).filter((it) => usable(it) && says(it, given[1])).at(-1)";
        self.act_on(look, &[json!(selector), json!(text)], selector, act)
            .await;
    }

    /// Clicks what `look` finds.
    pub async fn click_on(&self, look: &str, given: &[Value], what: &str) {
        self.act_on(look, given, what, async |element| element.click().await)
            .await;
    }

    /// Types into what `look` finds.
    pub async fn enter_into(&self, look: &str, given: &[Value], what: &str, text: &str) {
        self.act_on(look, given, what, async |element| {
            element.clear().await?;
            element.send_keys(text).await
        })
        .await;
    }

    async fn act_on(
        &self,
        look: &str,
        given: &[Value],
        what: &str,
        act: impl AsyncFn(&Element) -> Result<(), CmdError>,
    ) {
        let until = Instant::now() + PATIENCE;
        loop {
            let found = self.watch(look, given, what).await;
            let element = self.element(&found);
            match act(&element).await {
                Ok(()) => return,
                Err(error) if passes(&error) && Instant::now() < until => {}
                Err(error) => panic!("{}: {what}: {error}", self.story),
            }
        }
    }

    fn element(&self, found: &Value) -> Element {
        let id = found
            .as_object()
            .and_then(|object| object.values().next()?.as_str().map(str::to_owned))
            .expect("an element");
        Element::from_element_id(self.client.clone(), ElementRef::from(id))
    }

    /// Waits until `look` finds something.
    pub async fn watch(&self, look: &str, given: &[Value], what: &str) -> Value {
        let script = WATCH.replace("LOOK", look);
        match self.client.execute_async(&script, given.to_vec()).await {
            Ok(found) => found,
            Err(error) => panic!("{}: waited in vain for {what}: {error}", self.story),
        }
    }
}

/// The page draws what changed while somebody clicks; a click that met the old drawing had no effect.
fn passes(error: &CmdError) -> bool {
    error.is_stale_element_reference()
        || matches!(error, CmdError::Standard(why) if why.error == ErrorStatus::ElementClickIntercepted)
        || error.is_element_not_interactable()
        || error.is_no_such_element()
}

fn button(action: &str) -> String {
    format!("#messages button[data-action-id={action}]")
}
