//! Every key that a stored value may mean, however it is spelled.
//!
//! One file has many spellings: encoded or not, `+` or `%20` for a space (the address that S3 answers to a finished
//! multipart upload has `+`), encoded twice, escaped for HTML, with a doubled slash, in another Unicode form. What a value
//! means by the rules of its form comes first; the other spellings count too when it is asked whose a file is.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use unicode_normalization::UnicodeNormalization;
use url::Url;

use super::{
    bucket::BucketPlace,
    key::ObjectKey,
    value::{Form, NotOurs},
};

/// Most spellings of one value that are looked at.
const MOST_SPELLINGS: usize = 64;
/// Times that a value may have been percent-encoded.
const MOST_ENCODINGS: usize = 3;
/// What HTML writes for characters that keys hold.
const HTML_ESCAPES: [(&str, &str); 9] = [
    ("&#x2F;", "/"),
    ("&#x2f;", "/"),
    ("&#47;", "/"),
    ("&#x27;", "'"),
    ("&#39;", "'"),
    ("&quot;", "\""),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&amp;", "&"),
];

/// The keys that a value of a person's row may mean in our bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Readings {
    /// By the rules of its form. Two when an address holds a `+`, which is a plus or a space; none when the value is
    /// unclear.
    pub plain: Vec<ObjectKey>,
    /// In other spellings, for when nothing is at the plain ones.
    pub other: Vec<ObjectKey>,
}

impl Readings {
    /// All keys, the plain ones first.
    pub fn all(&self) -> impl Iterator<Item = &ObjectKey> {
        self.plain.iter().chain(&self.other)
    }
}

/// The wanted keys that a value of somebody's row may mean.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meant {
    /// It names these.
    pub surely: Vec<ObjectKey>,
    /// It names these if it is spelled in another way than its form has it.
    pub perhaps: Vec<ObjectKey>,
}

impl Meant {
    /// Whether it is none of the wanted keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.surely.is_empty() && self.perhaps.is_empty()
    }

    pub fn all(&self) -> impl Iterator<Item = &ObjectKey> {
        self.surely.iter().chain(&self.perhaps)
    }
}

/// Which spellings are looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Those under which a person's own file is looked for.
    Own,
    /// Also those that only keep a file: paths that lead upwards, backslashes.
    Anybody,
}

/// The part of a value that says the key, as it is written.
struct Written<'a> {
    text: Cow<'a, str>,
    is_address: bool,
}

impl BucketPlace {
    /// Every key that `value` may mean in this bucket.
    ///
    /// # Errors
    /// [`NotOurs`] as for [`BucketPlace::key_of_value`], when no key can be made of it.
    pub fn readings(&self, value: &str) -> Result<Readings, NotOurs> {
        let strict = self.key_of_value(value);
        let Some(written) = self.written(value) else {
            return strict.map(|key| Readings {
                plain: vec![key],
                other: vec![],
            });
        };
        let mut readings = Readings::default();
        match strict {
            Ok(key) => readings.plain.push(key),
            Err(NotOurs::Unclear(_)) => {}
            Err(other) => return Err(other),
        }
        if let (true, [key]) = (written.is_address, readings.plain.as_slice()) {
            let form_encoded =
                plus_as_space(cut_query(&written.text)).and_then(|text| decode(&text));
            let second = form_encoded.and_then(|text| ObjectKey::new(text).ok());
            let second = second.filter(|second| second != key);
            readings.plain.extend(second);
        }
        let others = spellings(&written.text, Scope::Own).into_iter();
        readings.other = others
            .filter_map(|text| ObjectKey::new(text).ok())
            .filter(|key| !readings.plain.contains(key))
            .collect();
        match self.key_of_value(value) {
            Err(unclear) if readings.other.is_empty() => Err(unclear),
            _ => Ok(readings),
        }
    }

    /// The keys that `value`, in somebody's row, may mean among those that `goes` wants. A file too many that stays does
    /// less harm than somebody's file that is gone, so what is neither a key nor clearly elsewhere (a CDN, a path of the
    /// app) counts for every part of it that reads like a wanted key.
    #[must_use]
    pub fn meant(&self, value: &str, goes: &dyn Fn(&str) -> bool) -> Meant {
        let wanted = |texts: Vec<String>| -> Vec<ObjectKey> {
            let texts = texts.into_iter().filter(|text| goes(text));
            texts.filter_map(|text| ObjectKey::new(text).ok()).collect()
        };
        let strict = self.key_of_value(value);
        let mut meant = Meant::default();
        match &strict {
            Ok(key) => meant
                .surely
                .extend(Some(key.clone()).filter(|key| goes(key.as_str()))),
            Err(NotOurs::NoKey(_) | NotOurs::OtherBucket(_)) => return meant,
            Err(NotOurs::OtherHost(_) | NotOurs::Unclear(_)) => {
                let once = percent_decode_str(value).decode_utf8_lossy();
                meant.surely = wanted([parts(value), parts(&once)].concat());
            }
        }
        if let Some(written) = self.written(value) {
            meant.perhaps = wanted(spellings(&written.text, Scope::Anybody));
            if written.is_address && cut_query(&written.text).contains('+') {
                // Which of the two the plus means is not known.
                meant.perhaps.append(&mut meant.surely);
            }
        }
        if strict.is_err() || looks_like_an_address(value) {
            let texts = spellings(value, Scope::Anybody);
            meant
                .perhaps
                .extend(wanted(texts.iter().flat_map(|text| parts(text)).collect()));
        }
        if let Some(unescaped) = unescape(value).filter(|unescaped| unescaped != value) {
            let inner = self.meant(&unescaped, goes);
            meant.perhaps.extend(inner.all().cloned());
        }
        for keys in [&mut meant.surely, &mut meant.perhaps] {
            keys.sort_unstable();
            keys.dedup();
        }
        meant.perhaps.retain(|key| !meant.surely.contains(key));
        meant
    }

    /// Finds the key's part, more leniently than [`BucketPlace::key_of_value`]: spaces around the value, a missing scheme
    /// and HTML escapes do not matter. `None` when the value is elsewhere.
    fn written<'a>(&self, value: &'a str) -> Option<Written<'a>> {
        let text = value.trim();
        let with_scheme = if text.starts_with("//") {
            Cow::Owned(format!("https:{text}"))
        } else if self.starts_with_our_host(text) {
            Cow::Owned(format!("https://{text}"))
        } else {
            Cow::Borrowed(value)
        };
        let Some((scheme, rest)) = with_scheme.split_once("://") else {
            let is_elsewhere = ["data:", "blob:", "arn:", "file:"]
                .iter()
                .any(|start| text.starts_with(start));
            return (!is_elsewhere && !text.is_empty()).then_some(Written {
                text: Cow::Borrowed(value),
                is_address: false,
            });
        };
        let key = match scheme.trim_start().to_ascii_lowercase().as_str() {
            "s3" => self.after_bucket(rest),
            "http" | "https" => {
                let url = Url::parse(with_scheme.trim()).ok()?;
                let form = self.address_form(&url, url.host_str()?).ok()?;
                let path = rest.split_once(['/', '\\']).map_or("", |(_, path)| path);
                match form {
                    Form::BucketInHost => Some(path),
                    Form::BucketInPath(base) => self.after_bucket(path.strip_prefix(&base)?),
                }
            }
            _ => None,
        }?;
        let is_address = !scheme.trim_start().eq_ignore_ascii_case("s3");
        (!key.is_empty()).then(|| Written {
            text: Cow::Owned(key.to_owned()),
            is_address,
        })
    }

    fn after_bucket<'a>(&self, path: &'a str) -> Option<&'a str> {
        let (bucket, key) = path.split_once('/')?;
        (bucket == self.bucket).then_some(key)
    }

    fn starts_with_our_host(&self, text: &str) -> bool {
        let first = text.split(['/', '?', '#']).next().unwrap_or_default();
        let own = self.endpoint.as_ref().and_then(|endpoint| {
            let host = endpoint.host_str()?;
            Some(match endpoint.port() {
                Some(port) => format!("{host}:{port}"),
                None => host.to_owned(),
            })
        });
        first != text
            && (first.ends_with(".amazonaws.com")
                || own.is_some_and(|own| first == own || first == format!("{}.{own}", self.bucket)))
    }
}

/// Every spelling of what a text says, itself included.
fn spellings(written: &str, scope: Scope) -> Vec<String> {
    let mut texts = vec![written.to_owned()];
    widen(&mut texts, |text| Some(cut_query(text).to_owned()));
    widen(&mut texts, |text| Some(text.split('#').next()?.to_owned()));
    widen(&mut texts, unescape);
    widen(&mut texts, plus_as_space);
    for _ in 0..MOST_ENCODINGS {
        widen(&mut texts, decode);
    }
    if scope == Scope::Anybody {
        widen(&mut texts, |text| Some(text.replace('\\', "/")));
    }
    widen(&mut texts, |text| {
        Some(text.trim_start_matches('/').to_owned())
    });
    widen(&mut texts, |text| Some(tidy(text, scope)));
    widen(&mut texts, |text| Some(text.trim().to_owned()));
    widen(&mut texts, |text| {
        compose(text, |text| text.nfc().collect())
    });
    widen(&mut texts, |text| {
        compose(text, |text| text.nfd().collect())
    });
    texts
}

/// Adds what `step` makes of each text, where it is new.
fn widen(texts: &mut Vec<String>, step: impl Fn(&str) -> Option<String>) {
    for index in 0..texts.len() {
        if let Some(new) = step(&texts[index])
            && texts.len() < MOST_SPELLINGS
            && !texts.contains(&new)
        {
            texts.push(new);
        }
    }
}

fn cut_query(text: &str) -> &str {
    text.split(['?', '#']).next().unwrap_or_default()
}

fn plus_as_space(text: &str) -> Option<String> {
    text.contains('+').then(|| text.replace('+', " "))
}

fn decode(text: &str) -> Option<String> {
    let decoded = percent_decode_str(text).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

fn unescape(text: &str) -> Option<String> {
    text.contains('&').then(|| {
        let escapes = HTML_ESCAPES.iter();
        escapes.fold(text.to_owned(), |text, (escape, char)| {
            text.replace(escape, char)
        })
    })
}

fn compose(text: &str, form: impl Fn(&str) -> String) -> Option<String> {
    (!text.is_ascii()).then(|| form(text))
}

/// The path as a browser resolves it, and without doubled slashes.
fn tidy(text: &str, scope: Scope) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in text.split('/') {
        match segment {
            "" | "." => {}
            ".." if scope == Scope::Anybody => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    if text.ends_with('/') {
        segments.push("");
    }
    segments.join("/")
}

/// Whether a text without a scheme may be an address all the same: it begins with a host's name or has a query.
fn looks_like_an_address(value: &str) -> bool {
    let is_host = |(first, _): (&str, &str)| {
        first.rsplit_once('.').is_some_and(|(_, last)| {
            last.len() > 1 && last.chars().all(|char| char.is_ascii_alphabetic())
        })
    };
    !value.contains("://") && (value.contains('?') || value.split_once('/').is_some_and(is_host))
}

/// What a text holds from each of its separators on.
fn parts(text: &str) -> Vec<String> {
    let starts = text
        .char_indices()
        .filter(|(_, char)| "/=?&#".contains(*char))
        .map(|(at, char)| at + char.len_utf8());
    std::iter::once(0)
        .chain(starts)
        .filter_map(|start| text[start..].split(['?', '&', '#']).next())
        .map(str::to_owned)
        .collect()
}
