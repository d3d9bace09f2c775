//! The parameters of a call: form-encoded pairs whose names nest, such as `metadata[order]` and `expand[]`.
//! Each endpoint takes what it knows; what is left is refused.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::refusal::Refusal;

/// The longest name of metadata that Stripe takes, in bytes.
const METADATA_NAME_MAX: usize = 40;
/// The same for a value, in bytes.
const METADATA_VALUE_MAX: usize = 500;

/// Parameters that have not been taken yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Params {
    fields: BTreeMap<String, Field>,
    /// What stands before the names in error messages; empty at the top.
    prefix: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Field {
    Text(String),
    List(Vec<String>),
    Map(BTreeMap<String, Field>),
}

/// A span of time, in seconds since 1970.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Span {
    from: Option<i64>,
    until: Option<i64>,
}

impl Span {
    pub(super) fn holds(self, at: i64) -> bool {
        self.from.is_none_or(|from| at >= from) && self.until.is_none_or(|until| at <= until)
    }
}

impl Params {
    /// Reads pairs of a query and of a body.
    pub(super) fn parse(encoded: &[&[u8]]) -> Result<Self, Refusal> {
        let mut params = Self::default();
        for (name, value) in encoded.iter().flat_map(|part| form_urlencoded::parse(part)) {
            let path = path_of(&name).ok_or_else(|| {
                Refusal::malformed(None, format!("Invalid parameter name: {name}"), &name)
            })?;
            insert(&mut params.fields, &path, &value)
                .ok_or_else(|| Refusal::malformed(None, format!("Invalid hash: {name}"), &name))?;
        }
        Ok(params)
    }

    /// All of them, for the record and for comparing requests.
    pub(super) fn to_value(&self) -> Value {
        map_value(&self.fields)
    }

    /// A string, never an empty one.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        match self.fields.remove(name) {
            None => Ok(None),
            Some(Field::Text(text)) if text.is_empty() => {
                let name = self.full(name);
                let message = format!("You passed an empty string for '{name}'.");
                Err(Refusal::malformed(
                    Some("parameter_invalid_empty"),
                    message,
                    &name,
                ))
            }
            Some(Field::Text(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(name, "string")),
        }
    }

    /// A whole number.
    pub(super) fn integer(&mut self, name: &str) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let wrong = |_| {
            let name = self.full(name);
            let message = format!("Invalid integer: {text}");
            Refusal::malformed(Some("parameter_invalid_integer"), message, &name)
        };
        text.parse().map(Some).map_err(wrong)
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.text(name)?.as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(self.wrong(name, "boolean")),
        }
    }

    /// One of some words.
    pub(super) fn choice(&mut self, name: &str, words: &[&str]) -> Result<Option<String>, Refusal> {
        let given = self.text(name)?;
        if let Some(word) = given.as_deref().filter(|word| !words.contains(word)) {
            let message = format!(
                "Invalid {name}: must be one of {}, not {word}",
                words.join(", ")
            );
            return Err(Refusal::malformed(None, message, &self.full(name)));
        }
        Ok(given)
    }

    /// A list of strings.
    pub(super) fn list(&mut self, name: &str) -> Result<Vec<String>, Refusal> {
        match self.fields.remove(name) {
            None => Ok(Vec::new()),
            Some(Field::List(list)) => Ok(list),
            Some(_) => Err(self.wrong(name, "array")),
        }
    }

    /// Parameters within a parameter. Whoever asks has to [`Params::finish`] them.
    pub(super) fn inner(&mut self, name: &str) -> Result<Self, Refusal> {
        let prefix = self.full(name);
        match self.fields.remove(name) {
            None => Ok(Self {
                prefix,
                ..Self::default()
            }),
            Some(Field::Map(fields)) => Ok(Self { fields, prefix }),
            Some(_) => Err(self.wrong(name, "object")),
        }
    }

    /// `metadata`, within Stripe's limits.
    pub(super) fn metadata(&mut self) -> Result<BTreeMap<String, String>, Refusal> {
        let inner = self.inner("metadata")?;
        let mut metadata = BTreeMap::new();
        for (name, field) in inner.fields {
            let full = format!("metadata[{name}]");
            match field {
                Field::Text(value)
                    if name.len() <= METADATA_NAME_MAX && value.len() <= METADATA_VALUE_MAX =>
                {
                    metadata.insert(name, value);
                }
                _ => {
                    let message = format!("Invalid value or length of {full}");
                    return Err(Refusal::malformed(None, message, &full));
                }
            }
        }
        Ok(metadata)
    }

    /// A time, or a span with `gt`, `gte`, `lt`, `lte`.
    pub(super) fn span(&mut self, name: &str) -> Result<Span, Refusal> {
        if matches!(self.fields.get(name), Some(Field::Text(_))) {
            let at = self.integer(name)?;
            return Ok(Span {
                from: at,
                until: at,
            });
        }
        let mut inner = self.inner(name)?;
        let (gte, gt) = (inner.integer("gte")?, inner.integer("gt")?);
        let (lte, lt) = (inner.integer("lte")?, inner.integer("lt")?);
        inner.finish()?;
        Ok(Span {
            from: gte.max(gt.map(|at| at + 1)),
            until: [lte, lt.map(|at| at - 1)].into_iter().flatten().min(),
        })
    }

    /// Refuses what nobody took.
    pub(super) fn finish(self) -> Result<(), Refusal> {
        match self.fields.keys().next() {
            None => Ok(()),
            Some(name) => {
                let name = self.full(name);
                let message = format!("Received unknown parameter: {name}");
                Err(Refusal::malformed(
                    Some("parameter_unknown"),
                    message,
                    &name,
                ))
            }
        }
    }

    fn wrong(&self, name: &str, wanted: &str) -> Refusal {
        let name = self.full(name);
        Refusal::malformed(None, format!("Invalid {wanted}: {name}"), &name)
    }

    fn full(&self, name: &str) -> String {
        if self.prefix.is_empty() {
            name.to_owned()
        } else {
            format!("{}[{name}]", self.prefix)
        }
    }
}

/// The parts of a name: `a[b][]` is `a`, `b` and an empty one for a list. A number is a place in a list too.
fn path_of(name: &str) -> Option<Vec<&str>> {
    let (first, rest) = name.find('[').map_or((name, ""), |at| name.split_at(at));
    if first.is_empty() {
        return None;
    }
    let mut path = vec![first];
    if !rest.is_empty() {
        let inside = rest.strip_prefix('[')?.strip_suffix(']')?;
        path.extend(inside.split("]["));
    }
    Some(path)
}

fn insert(fields: &mut BTreeMap<String, Field>, path: &[&str], value: &str) -> Option<()> {
    let (first, rest) = path.split_first()?;
    match rest {
        [] => {
            let before = fields.insert((*first).to_owned(), Field::Text(value.to_owned()));
            before.is_none().then_some(())
        }
        [place] if place.is_empty() || place.bytes().all(|byte| byte.is_ascii_digit()) => {
            let list = fields
                .entry((*first).to_owned())
                .or_insert_with(|| Field::List(Vec::new()));
            let Field::List(list) = list else { return None };
            list.push(value.to_owned());
            Some(())
        }
        rest => {
            let map = fields
                .entry((*first).to_owned())
                .or_insert_with(|| Field::Map(BTreeMap::new()));
            let Field::Map(map) = map else { return None };
            insert(map, rest, value)
        }
    }
}

fn map_value(fields: &BTreeMap<String, Field>) -> Value {
    let one = |(name, field): (&String, &Field)| {
        let value = match field {
            Field::Text(text) => Value::from(text.as_str()),
            Field::List(list) => list.clone().into(),
            Field::Map(map) => map_value(map),
        };
        (name.clone(), value)
    };
    Value::Object(fields.iter().map(one).collect::<Map<_, _>>())
}
