//! Blocks, by the surface they may be on.

use super::{
    elements::{IMAGE, IN_ACTIONS, IN_CONTEXT_ACTIONS, IN_INPUT, IN_SECTION},
    objects::{ID, SLACK_FILE, URL},
    shape::{Rule, Shape, opt, req, shape},
};

/// A block of a message.
pub(super) const MESSAGE_BLOCK: Rule = Rule::Union(&[EVERYWHERE, RICH_TEXT, MESSAGES, ALERT]);
/// A block of a modal.
pub(super) const MODAL_BLOCK: Rule = Rule::Union(&[EVERYWHERE, RICH_TEXT, ALERT]);
/// A block of a Home tab.
pub(super) const HOME_BLOCK: Rule = Rule::Union(&[EVERYWHERE, RICH_TEXT]);

const TEXTS: &[Shape] = &[
    shape(
        "plain_text",
        &[req("text", Rule::Text(1, 3000)), opt("emoji", Rule::Flag)],
    ),
    shape(
        "mrkdwn",
        &[
            req("text", Rule::Text(1, 3000)),
            opt("verbatim", Rule::Flag),
        ],
    ),
];

const EVERYWHERE: &[Shape] = &[
    shape(
        "section",
        &[
            opt("block_id", ID),
            opt("text", Rule::Words(3000)),
            opt("fields", Rule::List(1, 10, &Rule::Words(2000))),
            opt("accessory", IN_SECTION),
            opt("expand", Rule::Flag),
        ],
    ),
    shape(
        "header",
        &[opt("block_id", ID), req("text", Rule::Plain(150))],
    ),
    shape("divider", &[opt("block_id", ID)]),
    shape(
        "image",
        &[
            opt("block_id", ID),
            req("alt_text", Rule::Text(1, 2000)),
            opt("image_url", URL),
            opt("slack_file", SLACK_FILE),
            opt("title", Rule::Plain(2000)),
        ],
    ),
    shape(
        "actions",
        &[
            opt("block_id", ID),
            req("elements", Rule::List(1, 25, &IN_ACTIONS)),
        ],
    ),
    shape(
        "context",
        &[
            opt("block_id", ID),
            req("elements", Rule::List(1, 10, &Rule::Union(&[TEXTS, IMAGE]))),
        ],
    ),
    shape(
        "input",
        &[
            opt("block_id", ID),
            req("label", Rule::Plain(2000)),
            req("element", IN_INPUT),
            opt("hint", Rule::Plain(2000)),
            opt("optional", Rule::Flag),
            opt("dispatch_action", Rule::Flag),
        ],
    ),
];

const ALERT: &[Shape] = &[shape(
    "alert",
    &[
        opt("block_id", ID),
        req("text", Rule::Words(3000)),
        opt(
            "level",
            Rule::OneOf(&["default", "info", "warning", "error", "success"]),
        ),
    ],
)];

const MESSAGES: &[Shape] = &[
    shape(
        "markdown",
        &[opt("block_id", ID), req("text", Rule::Text(1, 12_000))],
    ),
    shape(
        "context_actions",
        &[
            opt("block_id", ID),
            req("elements", Rule::List(1, 5, &IN_CONTEXT_ACTIONS)),
        ],
    ),
    shape(
        "table",
        &[
            opt("block_id", ID),
            req(
                "rows",
                Rule::List(
                    1,
                    100,
                    &Rule::List(1, 20, &Rule::Union(&[CELLS, RICH_TEXT])),
                ),
            ),
            opt("column_settings", Rule::List(1, 20, &COLUMN)),
        ],
    ),
];

const CELLS: &[Shape] = &[
    shape("raw_text", &[req("text", Rule::Text(1, 3000))]),
    shape(
        "raw_number",
        &[
            req("text", Rule::Text(1, 3000)),
            req("value", Rule::Number(i64::MIN, i64::MAX)),
        ],
    ),
];
const COLUMN: Rule = Rule::Object(&[
    opt("align", Rule::OneOf(&["left", "center", "right"])),
    opt("is_wrapped", Rule::Flag),
]);

/// A rich text block, which is also the value of a rich text input and a cell of a table.
pub(super) const RICH_TEXT: &[Shape] = &[shape(
    "rich_text",
    &[
        opt("block_id", ID),
        req(
            "elements",
            Rule::List(1, 100, &Rule::Union(&[RICH_SECTION, RICH_PARTS])),
        ),
    ],
)];
const RICH_SECTION: &[Shape] = &[shape(
    "rich_text_section",
    &[req("elements", Rule::List(0, 500, &Rule::Typed(INLINE)))],
)];
const BORDER: Rule = Rule::Number(0, 1);
const RICH_PARTS: &[Shape] = &[
    shape(
        "rich_text_list",
        &[
            req("style", Rule::OneOf(&["bullet", "ordered"])),
            req("elements", Rule::List(1, 500, &Rule::Typed(RICH_SECTION))),
            opt("indent", Rule::Number(0, 8)),
            opt("offset", Rule::Number(0, 1_000_000)),
            opt("border", BORDER),
        ],
    ),
    shape(
        "rich_text_preformatted",
        &[
            req("elements", Rule::List(1, 500, &Rule::Typed(INLINE))),
            opt("border", BORDER),
            opt("language", Rule::Text(1, 255)),
        ],
    ),
    shape(
        "rich_text_quote",
        &[
            req("elements", Rule::List(1, 500, &Rule::Typed(INLINE))),
            opt("border", BORDER),
        ],
    ),
];
const FONT: Rule = Rule::Object(&[
    opt("bold", Rule::Flag),
    opt("italic", Rule::Flag),
    opt("strike", Rule::Flag),
    opt("code", Rule::Flag),
    opt("underline", Rule::Flag),
]);
const NAMED: Rule = Rule::Text(1, 255);
const INLINE: &[Shape] = &[
    shape(
        "text",
        &[req("text", Rule::Text(1, 12_000)), opt("style", FONT)],
    ),
    shape(
        "link",
        &[
            req("url", URL),
            opt("text", Rule::Text(1, 3000)),
            opt("unsafe", Rule::Flag),
            opt("style", FONT),
        ],
    ),
    shape(
        "emoji",
        &[
            req("name", NAMED),
            opt("unicode", NAMED),
            opt("url", URL),
            opt("style", FONT),
        ],
    ),
    shape("user", &[req("user_id", NAMED), opt("style", FONT)]),
    shape(
        "usergroup",
        &[req("usergroup_id", NAMED), opt("style", FONT)],
    ),
    shape("channel", &[req("channel_id", NAMED), opt("style", FONT)]),
    shape(
        "broadcast",
        &[
            req("range", Rule::OneOf(&["here", "channel", "everyone"])),
            opt("style", FONT),
        ],
    ),
    shape("color", &[req("value", NAMED), opt("style", FONT)]),
    shape("team", &[req("team_id", NAMED), opt("style", FONT)]),
    shape(
        "date",
        &[
            req("timestamp", Rule::Number(0, 9_999_999_999)),
            req("format", NAMED),
            opt("url", URL),
            opt("fallback", Rule::Text(1, 3000)),
            opt("style", FONT),
        ],
    ),
];
