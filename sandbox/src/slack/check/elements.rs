//! Block elements, by where they may stand.

use super::{
    blocks::RICH_TEXT,
    objects::{
        CHOICE, CONFIRM, DATE, DECIMAL, DISPATCH, FILTER, GROUPS, ID, OPTION, OPTIONS,
        OVERFLOW_OPTION, PLACEHOLDER, SLACK_FILE, STYLE, TIME, URL,
    },
    shape::{Rule, Shape, opt, req, shape},
};

/// Characters that a text input takes.
const INPUT_MOST: i64 = 3000;
/// Options of radio buttons and checkboxes.
const CHOICES: Rule = Rule::List(1, 10, &CHOICE);
const CONVERSATION: Rule = Rule::Text(1, 255);
const MANY_CONVERSATIONS: Rule = Rule::List(1, 100, &CONVERSATION);
const SELECTED_MOST: Rule = Rule::Number(1, 1000);

/// What is allowed in an actions block.
pub(super) const IN_ACTIONS: Rule = Rule::Union(&[PRESSED, CHOSEN, MULTI, DATE_TIME, RICH]);
/// What is allowed beside a section.
pub(super) const IN_SECTION: Rule = Rule::Union(&[PRESSED, CHOSEN, MULTI, IMAGE]);
/// What is allowed in an input block.
pub(super) const IN_INPUT: Rule = Rule::Union(&[CHOSEN, MULTI, DATE_TIME, RICH, TYPED]);
/// What is allowed in a context block besides texts.
pub(super) const IMAGE: &[Shape] = &[shape(
    "image",
    &[
        req("alt_text", Rule::Text(1, 2000)),
        opt("image_url", URL),
        opt("slack_file", SLACK_FILE),
    ],
)];
/// What is allowed in a context actions block.
pub(super) const IN_CONTEXT_ACTIONS: Rule = Rule::Typed(&[
    shape(
        "feedback_buttons",
        &[
            opt("action_id", ID),
            req("positive_button", FEEDBACK),
            req("negative_button", FEEDBACK),
        ],
    ),
    shape(
        "icon_button",
        &[
            req("icon", Rule::OneOf(&["trash"])),
            req("text", Rule::Plain(75)),
            opt("action_id", ID),
            opt("value", Rule::Text(1, 2000)),
            opt("confirm", CONFIRM),
            opt("accessibility_label", Rule::Text(1, 75)),
            opt(
                "visible_to_user_ids",
                Rule::List(1, 100, &Rule::Text(1, 255)),
            ),
        ],
    ),
]);

const FEEDBACK: Rule = Rule::Object(&[
    req("text", Rule::Plain(75)),
    req("value", Rule::Text(1, 2000)),
    opt("accessibility_label", Rule::Text(1, 75)),
]);

const PRESSED: &[Shape] = &[
    shape(
        "button",
        &[
            req("text", Rule::Plain(75)),
            opt("action_id", ID),
            opt("url", URL),
            opt("value", Rule::Text(1, 2000)),
            opt("style", STYLE),
            opt("confirm", CONFIRM),
            opt("accessibility_label", Rule::Text(1, 75)),
        ],
    ),
    shape(
        "overflow",
        &[
            opt("action_id", ID),
            req("options", Rule::List(1, 5, &OVERFLOW_OPTION)),
            opt("confirm", CONFIRM),
        ],
    ),
];

const CHOSEN: &[Shape] = &[
    shape(
        "static_select",
        &[
            opt("action_id", ID),
            opt("placeholder", PLACEHOLDER),
            opt("options", OPTIONS),
            opt("option_groups", GROUPS),
            opt("initial_option", OPTION),
            opt("confirm", CONFIRM),
            opt("focus_on_load", Rule::Flag),
        ],
    ),
    shape(
        "external_select",
        &[
            opt("action_id", ID),
            opt("placeholder", PLACEHOLDER),
            opt("initial_option", OPTION),
            opt("min_query_length", Rule::Number(0, 255)),
            opt("confirm", CONFIRM),
            opt("focus_on_load", Rule::Flag),
        ],
    ),
    shape(
        "users_select",
        &[
            opt("action_id", ID),
            opt("placeholder", PLACEHOLDER),
            opt("initial_user", CONVERSATION),
            opt("confirm", CONFIRM),
            opt("focus_on_load", Rule::Flag),
        ],
    ),
    shape(
        "conversations_select",
        &[
            opt("action_id", ID),
            opt("placeholder", PLACEHOLDER),
            opt("initial_conversation", CONVERSATION),
            opt("default_to_current_conversation", Rule::Flag),
            opt("response_url_enabled", Rule::Flag),
            opt("filter", FILTER),
            opt("confirm", CONFIRM),
            opt("focus_on_load", Rule::Flag),
        ],
    ),
    shape(
        "channels_select",
        &[
            opt("action_id", ID),
            opt("placeholder", PLACEHOLDER),
            opt("initial_channel", CONVERSATION),
            opt("response_url_enabled", Rule::Flag),
            opt("confirm", CONFIRM),
            opt("focus_on_load", Rule::Flag),
        ],
    ),
    shape(
        "radio_buttons",
        &[
            opt("action_id", ID),
            req("options", CHOICES),
            opt("initial_option", CHOICE),
            opt("confirm", CONFIRM),
            opt("focus_on_load", Rule::Flag),
        ],
    ),
    shape(
        "checkboxes",
        &[
            opt("action_id", ID),
            req("options", CHOICES),
            opt("initial_options", CHOICES),
            opt("confirm", CONFIRM),
            opt("focus_on_load", Rule::Flag),
        ],
    ),
    shape(
        "datepicker",
        &[
            opt("action_id", ID),
            opt("placeholder", PLACEHOLDER),
            opt("initial_date", DATE),
            opt("confirm", CONFIRM),
            opt("focus_on_load", Rule::Flag),
        ],
    ),
    shape(
        "timepicker",
        &[
            opt("action_id", ID),
            opt("placeholder", PLACEHOLDER),
            opt("initial_time", TIME),
            opt("timezone", Rule::Text(1, 255)),
            opt("confirm", CONFIRM),
            opt("focus_on_load", Rule::Flag),
        ],
    ),
];

const DATE_TIME: &[Shape] = &[shape(
    "datetimepicker",
    &[
        opt("action_id", ID),
        opt(
            "initial_date_time",
            Rule::Number(1_000_000_000, 9_999_999_999),
        ),
        opt("confirm", CONFIRM),
        opt("focus_on_load", Rule::Flag),
    ],
)];

const MULTI: &[Shape] = &[
    shape(
        "multi_static_select",
        &[
            opt("action_id", ID),
            opt("placeholder", PLACEHOLDER),
            opt("options", OPTIONS),
            opt("option_groups", GROUPS),
            opt("initial_options", OPTIONS),
            opt("max_selected_items", SELECTED_MOST),
            opt("confirm", CONFIRM),
            opt("focus_on_load", Rule::Flag),
        ],
    ),
    shape(
        "multi_external_select",
        &[
            opt("action_id", ID),
            opt("placeholder", PLACEHOLDER),
            opt("initial_options", OPTIONS),
            opt("min_query_length", Rule::Number(0, 255)),
            opt("max_selected_items", SELECTED_MOST),
            opt("confirm", CONFIRM),
            opt("focus_on_load", Rule::Flag),
        ],
    ),
    shape(
        "multi_users_select",
        &[
            opt("action_id", ID),
            opt("placeholder", PLACEHOLDER),
            opt("initial_users", MANY_CONVERSATIONS),
            opt("max_selected_items", SELECTED_MOST),
            opt("confirm", CONFIRM),
            opt("focus_on_load", Rule::Flag),
        ],
    ),
    shape(
        "multi_conversations_select",
        &[
            opt("action_id", ID),
            opt("placeholder", PLACEHOLDER),
            opt("initial_conversations", MANY_CONVERSATIONS),
            opt("default_to_current_conversation", Rule::Flag),
            opt("filter", FILTER),
            opt("max_selected_items", SELECTED_MOST),
            opt("confirm", CONFIRM),
            opt("focus_on_load", Rule::Flag),
        ],
    ),
    shape(
        "multi_channels_select",
        &[
            opt("action_id", ID),
            opt("placeholder", PLACEHOLDER),
            opt("initial_channels", MANY_CONVERSATIONS),
            opt("max_selected_items", SELECTED_MOST),
            opt("confirm", CONFIRM),
            opt("focus_on_load", Rule::Flag),
        ],
    ),
];

const RICH: &[Shape] = &[shape(
    "rich_text_input",
    &[
        opt("action_id", ID),
        opt("placeholder", PLACEHOLDER),
        opt("initial_value", Rule::Typed(RICH_TEXT)),
        opt("dispatch_action_config", DISPATCH),
        opt("focus_on_load", Rule::Flag),
        opt("min_lines", Rule::Number(1, 100)),
        opt("max_lines", Rule::Number(1, 100)),
    ],
)];

const TYPED: &[Shape] = &[
    shape(
        "plain_text_input",
        &[
            opt("action_id", ID),
            opt("placeholder", PLACEHOLDER),
            opt("initial_value", Rule::Text(0, 3000)),
            opt("multiline", Rule::Flag),
            opt("min_length", Rule::Number(0, INPUT_MOST)),
            opt("max_length", Rule::Number(1, INPUT_MOST)),
            opt("dispatch_action_config", DISPATCH),
            opt("focus_on_load", Rule::Flag),
        ],
    ),
    shape(
        "email_text_input",
        &[
            opt("action_id", ID),
            opt("placeholder", PLACEHOLDER),
            opt("initial_value", Rule::Text(0, 3000)),
            opt("dispatch_action_config", DISPATCH),
            opt("focus_on_load", Rule::Flag),
        ],
    ),
    shape(
        "url_text_input",
        &[
            opt("action_id", ID),
            opt("placeholder", PLACEHOLDER),
            opt("initial_value", Rule::Text(0, 3000)),
            opt("dispatch_action_config", DISPATCH),
            opt("focus_on_load", Rule::Flag),
        ],
    ),
    shape(
        "number_input",
        &[
            opt("action_id", ID),
            opt("placeholder", PLACEHOLDER),
            req("is_decimal_allowed", Rule::Flag),
            opt("initial_value", DECIMAL),
            opt("min_value", DECIMAL),
            opt("max_value", DECIMAL),
            opt("dispatch_action_config", DISPATCH),
            opt("focus_on_load", Rule::Flag),
        ],
    ),
    shape(
        "file_input",
        &[
            opt("action_id", ID),
            opt("filetypes", Rule::List(1, 100, &Rule::Text(1, 255))),
            opt("max_files", Rule::Number(1, 10)),
        ],
    ),
];
