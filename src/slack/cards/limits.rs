//! Slack's limits, and the shares of them that the parts of a card get. Lengths are in UTF-16 units, which is
//! never less than what Slack counts.

pub const MESSAGE_BLOCKS: usize = 50;
pub const MODAL_BLOCKS: usize = 100;
/// The fallback text of a message: what Slack recommends at most.
pub const FALLBACK: usize = 4000;
/// The text of a section or a context element.
pub const TEXT: usize = 3000;
/// One field of a section.
pub const FIELD: usize = 2000;
pub const HEADER: usize = 150;
/// What a picture shows, in words.
pub const ALT: usize = 2000;
/// The title and the buttons of a modal.
pub const MODAL_TITLE: usize = 24;
pub const BUTTON_VALUE: usize = 2000;
pub const BUTTON_TEXT: usize = 75;
/// What a screen reader says of a button instead of its text.
pub const BUTTON_LABEL: usize = 75;
/// The title of a confirmation dialog.
pub const CONFIRM_TITLE: usize = 100;
/// The text of a confirmation dialog.
pub const CONFIRM_TEXT: usize = 300;
/// The buttons of a confirmation dialog.
pub const CONFIRM_BUTTON: usize = 30;
/// The label and the hint of an input.
pub const LABEL: usize = 2000;
/// What a text input may hold.
pub const INPUT: usize = 3000;
/// The name of a block or an action.
pub const ID: usize = 255;

/// A name from a plan or a result: a table, a key, a place.
pub const NAME: usize = 120;
/// One item of a list in a result.
pub const ITEM: usize = 200;
/// One sentence from a plan, a result or a refusal.
pub const SENTENCE: usize = 400;
/// A reason or a note as a card shows it; the whole of it stays on record.
pub const QUOTE: usize = 1200;
/// Lines of a reason or a note as a card shows it.
pub const QUOTE_LINES: usize = 12;
/// A note that is asked for in a modal, in characters.
pub const NOTE_INPUT: u64 = 500;
/// Lines of a list on a card before it says how many more there are.
pub const LIST: usize = 8;
/// Lines of the lists that only accompany: warnings, what stays.
pub const SHORT_LIST: usize = 4;
/// How full a list gets before it says how many more there are, so that this line still fits.
pub const LIST_TEXT: usize = TEXT - 100;
/// Tables that one step's result names.
pub const RESULT_TABLES: usize = 6;
/// Facts of one step's result that are shown.
pub const RESULT_FACTS: usize = 12;
/// How long the facts of one step get on a card, where steps stand side by side.
pub const RESULT_LINE: usize = 600;
/// Sections that the steps of one run may take.
pub const STEP_SECTIONS: usize = 12;
