//! Copies one row's JSON, without the values inside JSON columns whose names look like a secret's, and without those that
//! name somebody else: another address than the person's, and who of the team did something.
//!
//! The text is copied as it is and not read into numbers and back, which would change some of them.

use super::{
    address::{OwnAddress, is_address},
    secret::{Value, looks_like},
};

/// Names under which JSON says who of the team did something, as the runbook notes it of manual credits.
const OF_THE_TEAM: [&str; 3] = ["admin", "adminid", "adminname"];

/// Copies `json` to `out` on one line, with `null` for what is held back. Gives how many values that were. The row's own
/// columns, the outermost names, are decided about elsewhere.
pub(super) fn copy(json: &str, own: &OwnAddress, out: &mut Vec<u8>) -> u64 {
    let mut copying = Copying {
        text: json.as_bytes(),
        own,
        at: 0,
        depth: 0,
        withheld: 0,
    };
    copying.run(out);
    copying.withheld
}

struct Copying<'a> {
    /// Well-formed JSON: Postgres made it.
    text: &'a [u8],
    own: &'a OwnAddress,
    at: usize,
    depth: usize,
    withheld: u64,
}

impl Copying<'_> {
    fn run(&mut self, out: &mut Vec<u8>) {
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b'"' => self.text_or_name(out),
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                _ => {
                    match byte {
                        b'{' | b'[' => self.depth += 1,
                        b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                        _ => {}
                    }
                    out.push(byte);
                    self.at += 1;
                }
            }
        }
    }

    /// A string; when a colon follows it was a name, and its value may be held back.
    fn text_or_name(&mut self, out: &mut Vec<u8>) {
        let begin = self.at;
        self.skip_string();
        let string = &self.text[begin..self.at];
        self.skip_space();
        let is_name = self.text.get(self.at) == Some(&b':');
        if self.depth < 2 {
            out.extend_from_slice(string);
            return;
        }
        let read: String = serde_json::from_slice(string).unwrap_or_default();
        let of_others = is_address(&read) && !self.own.is(&read);
        match (of_others, is_name) {
            (true, true) => out.extend_from_slice(br#""(withheld)""#),
            (true, false) => {
                out.extend_from_slice(b"null");
                self.withheld += 1;
            }
            (false, _) => out.extend_from_slice(string),
        }
        if !is_name {
            return;
        }
        self.at += 1;
        self.skip_space();
        out.push(b':');
        if of_others || self.is_held_back(&read) {
            self.skip_value();
            out.extend_from_slice(b"null");
            self.withheld += 1;
        }
    }

    fn is_held_back(&self, name: &str) -> bool {
        let value = self.value();
        let plain = name.to_lowercase().replace(['_', '-'], "");
        let is_of_the_team = value != Value::FlagOrTime && OF_THE_TEAM.contains(&plain.as_str());
        is_of_the_team || looks_like(name, value).is_some()
    }

    /// What kind of value comes next.
    fn value(&self) -> Value {
        match self.text.get(self.at) {
            Some(b't' | b'f' | b'n') => Value::FlagOrTime,
            Some(b'-' | b'0'..=b'9') => Value::Number,
            _ => Value::Other,
        }
    }

    fn skip_value(&mut self) {
        let mut depth = 0_usize;
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b'"' => {
                    self.skip_string();
                    if depth == 0 {
                        return;
                    }
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' | b',' if depth == 0 => return,
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        self.at += 1;
                        return;
                    }
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    /// From a quotation mark to behind the one that ends it.
    fn skip_string(&mut self) {
        self.at += 1;
        while let Some(&byte) = self.text.get(self.at) {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
        self.at = self.at.min(self.text.len());
    }

    fn skip_space(&mut self) {
        while matches!(self.text.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(json: &str) -> (String, u64) {
        let mut out = Vec::new();
        let own = OwnAddress::new(Some("maria@example.com"), false);
        let withheld = copy(json, &own, &mut out);
        (String::from_utf8(out).unwrap(), withheld)
    }

    #[test]
    fn secrets_inside_of_json_are_held_back_at_any_depth() {
        let (text, withheld) = copied(
            r#"{"id":"1","metadata":{"page": "/a", "accessToken" : "ya29\"}", "list":[{"api_key":{"a":[1,"]"]}},{"tokens":12}]}}"#,
        );
        assert_eq!(
            text,
            r#"{"id":"1","metadata":{"page":"/a","accessToken":null,"list":[{"api_key":null},{"tokens":12}]}}"#
        );
        assert_eq!(withheld, 2);
    }

    #[test]
    fn what_holds_no_secret_is_copied_to_the_last_digit_on_one_line() {
        let (text, withheld) =
            copied("{\"n\":1.00000000000000000001,\"j\":{\n \"a\" : [ 1,\t2 ],\"s\":\"x y\\\\\"}}");
        assert_eq!(
            text,
            r#"{"n":1.00000000000000000001,"j":{"a":[1,2],"s":"x y\\"}}"#
        );
        assert_eq!(withheld, 0);
    }

    #[test]
    fn a_name_that_is_spelled_with_escapes_does_not_get_through() {
        let (text, _) = copied(r#"{"m":{"\u0070assword":"x"}}"#);
        assert_eq!(text, r#"{"m":{"\u0070assword":null}}"#);
    }

    #[test]
    fn other_peoples_addresses_are_held_back_and_ones_own_is_not() {
        let (text, withheld) = copied(
            r#"{"note":"ada@example.com","m":{"by":"ada@example.com","to":"Maria@Example.com","cc":["x@y.org","a b@c d"],"x@y.org":{"n":1}}}"#,
        );
        assert_eq!(
            text,
            r#"{"note":"ada@example.com","m":{"by":null,"to":"Maria@Example.com","cc":[null,"a b@c d"],"(withheld)":null}}"#
        );
        assert_eq!(withheld, 3);
    }

    #[test]
    fn who_of_the_team_did_it_is_held_back_however_they_are_named() {
        let (text, withheld) = copied(
            r#"{"m":{"credits":10,"admin":"U0ADA","admin_id":7,"isAdmin":true,"admin":false}}"#,
        );
        assert_eq!(
            text,
            r#"{"m":{"credits":10,"admin":null,"admin_id":null,"isAdmin":true,"admin":false}}"#
        );
        assert_eq!(withheld, 2);
    }
}
