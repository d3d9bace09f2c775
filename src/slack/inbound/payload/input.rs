use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::lenient;

/// What one element of a message or view holds: the value of a button, what was typed, what was chosen.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Input {
    /// The element's type, for example `plain_text_input`.
    #[serde(rename = "type", deserialize_with = "lenient")]
    pub kind: Option<String>,
    /// A button's value, or what was typed into a text, number, address or e-mail input.
    #[serde(deserialize_with = "lenient")]
    pub value: Option<String>,
    /// The option of a select, of radio buttons or of an overflow menu.
    #[serde(deserialize_with = "lenient")]
    pub selected_option: Option<SelectedOption>,
    /// The options of a multi-select or of checkboxes.
    #[serde(deserialize_with = "lenient")]
    pub selected_options: Vec<SelectedOption>,
    /// The person of a user select.
    #[serde(deserialize_with = "lenient")]
    pub selected_user: Option<String>,
    /// The people of a user multi-select.
    #[serde(deserialize_with = "lenient")]
    pub selected_users: Vec<String>,
    #[serde(deserialize_with = "lenient")]
    pub selected_channel: Option<String>,
    /// The channels of a channel multi-select.
    #[serde(deserialize_with = "lenient")]
    pub selected_channels: Vec<String>,
    #[serde(deserialize_with = "lenient")]
    pub selected_conversation: Option<String>,
    /// The conversations of a conversation multi-select.
    #[serde(deserialize_with = "lenient")]
    pub selected_conversations: Vec<String>,
    /// The day of a date picker, `YYYY-MM-DD`.
    #[serde(deserialize_with = "lenient")]
    pub selected_date: Option<String>,
    /// The time of a time picker, `HH:MM`.
    #[serde(deserialize_with = "lenient")]
    pub selected_time: Option<String>,
    /// The moment of a date-time picker, in seconds since 1970.
    #[serde(deserialize_with = "lenient")]
    pub selected_date_time: Option<i64>,
    /// What was typed into a rich text input, as Slack sends it.
    #[serde(deserialize_with = "lenient")]
    pub rich_text_value: Option<Value>,
}

/// An option that was chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct SelectedOption {
    /// The value that we gave it. The text that was shown is not kept: it is for people only.
    pub value: String,
}

/// The inputs of a message or view, by block id and action id.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ViewState {
    #[serde(deserialize_with = "lenient")]
    pub values: BTreeMap<String, BTreeMap<String, Input>>,
}

impl Input {
    /// What was typed or the button's value; `None` when it is empty.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.value.as_deref().filter(|text| !text.is_empty())
    }

    /// Every value that was chosen, of whatever kind of select.
    #[must_use]
    pub fn chosen(&self) -> Vec<&str> {
        let options = self.selected_option.iter().chain(&self.selected_options);
        let singles = [
            &self.selected_user,
            &self.selected_channel,
            &self.selected_conversation,
            &self.selected_date,
            &self.selected_time,
        ];
        let lists = [
            &self.selected_users,
            &self.selected_channels,
            &self.selected_conversations,
        ];
        options
            .map(|option| option.value.as_str())
            .chain(singles.into_iter().flatten().map(String::as_str))
            .chain(lists.into_iter().flatten().map(String::as_str))
            .collect()
    }
}

impl ViewState {
    #[must_use]
    pub fn get(&self, block_id: &str, action_id: &str) -> Option<&Input> {
        self.values.get(block_id)?.get(action_id)
    }

    /// The first input with an action id in any block. Block ids change when an initial value is to be shown anew.
    #[must_use]
    pub fn by_action(&self, action_id: &str) -> Option<&Input> {
        self.values
            .values()
            .find_map(|actions| actions.get(action_id))
    }

    /// What was typed into the input with an action id.
    #[must_use]
    pub fn text(&self, action_id: &str) -> Option<&str> {
        self.by_action(action_id)?.text()
    }

    /// The first value chosen in the select with an action id.
    #[must_use]
    pub fn choice(&self, action_id: &str) -> Option<&str> {
        self.by_action(action_id)?.chosen().into_iter().next()
    }
}
