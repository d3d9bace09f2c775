//! The page that a person reads first: what is in the archive, in plain words.

use std::fmt::Write;

use super::{
    files::MOST_FILES,
    manifest::{Contents, NotHere},
};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}\
table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:.2rem .6rem;text-align:left}td.n{text-align:right}";

/// The page. It loads nothing from anywhere.
pub(super) fn page(contents: &Contents) -> String {
    let rows: u64 = contents.tables.iter().map(|table| table.rows).sum();
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Your data</title><style>{STYLE}</style></head><body>\n\
         <h1>Your data</h1>\n\
         <p>This archive holds what is stored about the account <code>{}</code> ({}), as it was on {}. It was made on \
         request {}. The copy that it was downloaded from is deleted after {}.</p>\n\
         <p>It is personal data: keep it where nobody else can read it.</p>\n\
         <h2>Records</h2>\n<p>{rows} records in {} files. Each file has one record per line, in a form (JSON) that people and \
         programs can read.</p>\n",
        escaped(&contents.user),
        escaped(&contents.label),
        contents.made_at.format("%-d %B %Y, %H:%M UTC"),
        escaped(&contents.request),
        escaped(&contents.kept_for),
        contents.tables.len(),
    );
    page.push_str("<table><tr><th>What</th><th>Records</th><th>File</th></tr>\n");
    for table in &contents.tables {
        // Writing to a string cannot fail.
        let _ = writeln!(
            page,
            "<tr><td>{}</td><td class=\"n\">{}</td><td><a href=\"{file}\">{file}</a></td></tr>",
            escaped(&table.table),
            table.rows,
            file = escaped(&table.file),
        );
    }
    page.push_str("</table>\n");
    page.push_str(&files(contents));
    if let Some(customers) = contents.stripe_customers {
        // Writing to a string cannot fail.
        let _ = writeln!(
            page,
            "<h2>Payments</h2>\n<p>{customers} customer record(s) and {payments} payment(s) at Stripe: \
             <a href=\"stripe.json\">stripe.json</a>.</p>",
            payments = contents.stripe_payments
        );
    }
    page.push_str(&list(
        "What is stored and not in here",
        &contents.withheld,
        "Nothing.",
    ));
    page.push_str(&list(
        "What others store",
        &contents.elsewhere,
        "Nothing is known of.",
    ));
    page.push_str(
        "<h2>To check it</h2>\n<p><a href=\"manifest.json\">manifest.json</a> lists every file with its size and its \
         SHA-256 checksum.</p>\n</body></html>\n",
    );
    page
}

fn files(contents: &Contents) -> String {
    let mut part = "<h2>Files</h2>\n".to_owned();
    let listed = contents.files.len();
    let says = if contents.too_many_files {
        format!(
            "More than {MOST_FILES} files are stored. Neither they nor a list of them are in this archive; the records name \
             those that belong to one."
        )
    } else if contents.with_files {
        let included = contents.files_included();
        format!(
            "{included} of {listed} files are in the folder <code>files</code>, {} bytes; \
             <a href=\"files.jsonl\">files.jsonl</a> says which is which.",
            contents.file_bytes()
        )
    } else {
        format!(
            "{listed} files are stored. They are not in this archive; <a href=\"files.jsonl\">files.jsonl</a> lists them."
        )
    };
    let _ = writeln!(part, "<p>{says}</p>");
    part
}

fn list(heading: &str, all: &[NotHere], none: &str) -> String {
    let mut part = format!("<h2>{heading}</h2>\n");
    if all.is_empty() {
        let _ = writeln!(part, "<p>{none}</p>");
        return part;
    }
    part.push_str("<ul>\n");
    for one in all {
        let count = one.rows.map(|rows| format!("{rows} ")).unwrap_or_default();
        let _ = writeln!(
            part,
            "<li>{count}{}: {}</li>",
            escaped(&one.what),
            escaped(&one.why)
        );
    }
    part.push_str("</ul>\n");
    part
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}
