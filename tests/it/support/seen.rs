//! What people read in Slack, for snapshots.

use countersign_sandbox::slack::Message;
use serde_json::Value;

/// The texts and buttons of messages, block by block, without what differs from run to run.
pub fn seen(messages: &[Message]) -> String {
    let each = messages.iter().map(|message| {
        let blocks = message.blocks.iter().map(block);
        blocks.collect::<Vec<_>>().join("\n")
    });
    redacted(&each.collect::<Vec<_>>().join("\n────\n"))
}

/// Characters of a table's line that Slack shows side by side in a window of usual width.
const LINE: usize = 78;

/// No line of a table breaks: the tables stand between marks of three backticks.
pub fn assert_tables_fit(text: &str) {
    let tables: Vec<&str> = text.split("```").skip(1).step_by(2).collect();
    assert!(!tables.is_empty(), "{text}");
    for line in tables.iter().flat_map(|table| table.lines()) {
        assert!(line.chars().count() <= LINE, "{line}");
    }
}

fn block(block: &Value) -> String {
    let kind = block["type"].as_str().unwrap_or_default();
    let text = |value: &Value| value["text"].as_str().unwrap_or_default().to_owned();
    let list = |name: &str| block[name].as_array().cloned().unwrap_or_default();
    let says = match kind {
        "actions" => {
            let buttons = list("elements");
            let buttons = buttons
                .iter()
                .map(|one| format!("[{}]", text(&one["text"])));
            buttons.collect::<Vec<_>>().join(" ")
        }
        "image" => block["alt_text"].as_str().unwrap_or_default().to_owned(),
        "context" => list("elements")
            .iter()
            .map(text)
            .collect::<Vec<_>>()
            .join(" "),
        _ if block.get("fields").is_some() => {
            let fields = list("fields");
            let fields = fields.iter().map(|one| text(one).replace('\n', ": "));
            fields.collect::<Vec<_>>().join("\n")
        }
        _ => text(&block["text"]),
    };
    format!("({kind}) {says}")
}

/// Times become `<time>`; digests, hashes and ids become `…`.
fn redacted(text: &str) -> String {
    let mut parts = text.split("<!date^");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str("<time>");
        out.push_str(part.split_once('>').map_or("", |(_, rest)| rest));
    }
    let is_of_id = |c: char| c.is_ascii_hexdigit() || c == '-';
    let mut clean = String::new();
    let mut run = String::new();
    for c in out.chars().chain(['\0']) {
        if is_of_id(c) {
            run.push(c);
            continue;
        }
        let is_id = run.len() >= 8 && run.contains(|c: char| c.is_ascii_digit());
        clean.push_str(if is_id { "…" } else { &run });
        run.clear();
        clean.push(c);
    }
    without_clocks(clean.trim_end_matches('\0'))
}

/// `22:14` and `22:14:03` become `<clock>`.
fn without_clocks(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let is_clock = (5..=8).contains(&word.len())
            && word.contains(':')
            && word.chars().all(|c| c.is_ascii_digit() || c == ':');
        if is_clock { "<clock>" } else { word }
    });
    words.collect::<Vec<_>>().join(" ")
}
