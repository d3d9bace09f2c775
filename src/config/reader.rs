//! Takes settings out of what was written, one by one, and notes every fault on the way instead of stopping at the first.

use super::{
    database_url::DatabaseUrl,
    effective::{Effective, Line, Origin},
    fault::{Fault, Faults},
    names::{self, Kind, Name, Need},
    raw::Raw,
    secret::Secret,
};

/// Reads settings and gathers faults.
///
/// Where a value is faulty its place is filled with an empty one, so that the rest is still checked. That is safe because
/// [`Reader::finish`] gives out no settings once there is a fault.
pub(super) struct Reader {
    raw: Raw,
    faults: Faults,
}

impl Reader {
    pub(super) fn new(raw: Raw, faults: Faults) -> Self {
        Self { raw, faults }
    }

    /// Whether the setting was written somewhere, its default aside.
    pub(super) fn is_set(&self, name: &Name) -> bool {
        self.raw.values.contains_key(name.env)
    }

    /// Notes a fault.
    pub(super) fn fault(&mut self, fault: Fault) {
        self.faults.0.push(fault);
    }

    /// The value after `parse`, whose error says what is wrong as in "`NAME` is not an address".
    pub(super) fn get<T>(
        &mut self,
        name: &Name,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.text(name)?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(says) => {
                self.fault(Fault::new(name.env, says));
                None
            }
        }
    }

    /// As [`Reader::get`], for what has to be there.
    pub(super) fn need<T: Default>(
        &mut self,
        name: &Name,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> T {
        self.get(name, parse).unwrap_or_default()
    }

    /// A text that may be absent.
    pub(super) fn plain(&mut self, name: &Name) -> Option<String> {
        self.get(name, |text| Ok(text.to_owned()))
    }

    /// A secret that may be absent.
    pub(super) fn secret(&mut self, name: &Name) -> Option<Secret> {
        self.get(name, |text| Ok(Secret::new(text)))
    }

    /// Each entry of a list after `parse`, without repetitions. Every bad entry is a fault of its own.
    pub(super) fn list<T: PartialEq>(
        &mut self,
        name: &Name,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Vec<T> {
        let text = self.text(name).unwrap_or_default();
        let mut entries = Vec::new();
        for entry in text
            .split([',', ' ', '\n', '\t'])
            .filter(|entry| !entry.is_empty())
        {
            match parse(entry) {
                Ok(value) if entries.contains(&value) => {}
                Ok(value) => entries.push(value),
                Err(says) => self.fault(Fault::new(name.env, says)),
            }
        }
        entries
    }

    /// What is in force, as it may be shown.
    pub(super) fn effective(&self) -> Effective {
        let lines = names::ALL.iter().map(|name| {
            let (text, origin) = match (self.raw.values.get(name.env), name.need) {
                (Some((text, origin)), _) => (text.as_str(), *origin),
                (None, Need::Default(text)) => (text, Origin::Default),
                (None, Need::Required | Need::Optional) => ("", Origin::Unset),
            };
            Line {
                name: name.env.to_owned(),
                value: shown(name, text),
                origin,
            }
        });
        let tables = [
            ("[app.schema]", self.raw.schema.len()),
            ("[people] linked", self.linked_len()),
        ];
        let tables = tables.map(|(name, entries)| Line {
            name: name.to_owned(),
            value: format!("entries: {entries}"),
            origin: if entries == 0 {
                Origin::Unset
            } else {
                Origin::File
            },
        });
        Effective(lines.chain(tables).collect())
    }

    /// `value` when nothing was wrong.
    pub(super) fn finish<T>(self, value: T) -> Result<T, Faults> {
        if self.faults.0.is_empty() {
            Ok(value)
        } else {
            Err(self.faults)
        }
    }

    /// `[app.schema]` as it stands.
    pub(super) fn schema(&self) -> toml::Table {
        self.raw.schema.clone()
    }

    /// `linked` under `[people]` as it stands.
    pub(super) fn linked(&self) -> Option<toml::Value> {
        self.raw.linked.clone()
    }

    fn linked_len(&self) -> usize {
        self.raw
            .linked
            .as_ref()
            .and_then(toml::Value::as_array)
            .map_or(0, Vec::len)
    }

    fn text(&mut self, name: &Name) -> Option<String> {
        match (self.raw.values.get(name.env), name.need) {
            (Some((text, _)), _) => Some(text.clone()),
            (None, Need::Default(text)) => Some(text.to_owned()),
            (None, Need::Optional) => None,
            (None, Need::Required) => {
                self.fault(Fault::new(name.env, "is missing").hint(name.about));
                None
            }
        }
    }
}

fn shown(name: &Name, text: &str) -> String {
    match name.kind {
        _ if text.is_empty() => String::new(),
        Kind::Plain | Kind::List => text.to_owned(),
        Kind::Secret => "[secret]".to_owned(),
        // A faulty URL stops the service before anything is shown; its text is never repeated.
        Kind::Database => DatabaseUrl::parse(text)
            .map(|url| url.shown)
            .unwrap_or_default(),
    }
}
