//! Lists: pages by the last id, or by a token in searches.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use super::{Stripe, StripeError, call::Fields};

/// The most that one page holds (Stripe's rule).
pub(super) const PAGE: usize = 100;

/// A list as far as it was read.
#[derive(Debug, Clone)]
pub struct Listed<T> {
    /// The items, as Stripe orders them: newest first.
    pub items: Vec<T>,
    /// Whether there are more than were asked for.
    pub more: bool,
}

/// Something that is named by its id unless the whole of it was asked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Expandable<T> {
    Id(String),
    Whole(Box<T>),
}

impl<T> Expandable<T> {
    pub fn whole(&self) -> Option<&T> {
        match self {
            Self::Id(_) => None,
            Self::Whole(whole) => Some(whole),
        }
    }
}

impl<T: Identified> Expandable<T> {
    /// The id, either way.
    pub fn id(&self) -> &str {
        match self {
            Self::Id(id) => id,
            Self::Whole(whole) => whole.id(),
        }
    }
}

/// What stands in lists.
pub trait Identified {
    /// The id by which the next page is asked for.
    fn id(&self) -> &str;
}

macro_rules! identified {
    ($($type:ty),*) => {$(
        impl $crate::systems::stripe::listing::Identified for $type {
            fn id(&self) -> &str {
                &self.id
            }
        }
    )*};
}
pub(super) use identified;

#[derive(Deserialize)]
struct Page<T> {
    data: Vec<T>,
    #[serde(default)]
    has_more: bool,
    next_page: Option<String>,
}

/// Stripe may write `null` where nothing is.
pub(super) fn or_empty<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// A value in the language of searches.
pub(super) fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

impl Stripe {
    /// Reads pages until there are `most` items or no more.
    pub(super) async fn list<T: DeserializeOwned + Identified>(
        &self,
        what: &'static str,
        query: &Fields<'_>,
        most: usize,
    ) -> Result<Listed<T>, StripeError> {
        self.pages(what, what, query, most, |page: &Page<T>| {
            let last = page.data.last().filter(|_| page.has_more)?;
            Some(("starting_after", last.id().to_owned()))
        })
        .await
    }

    /// Searches. What was written a moment ago may not be found yet.
    pub(super) async fn search<T: DeserializeOwned + Identified>(
        &self,
        what: &'static str,
        query: &str,
        more: &Fields<'_>,
        most: usize,
    ) -> Result<Listed<T>, StripeError> {
        let path = format!("{what}/search");
        let mut fields = vec![("query", query)];
        fields.extend_from_slice(more);
        self.pages(what, &path, &fields, most, |page: &Page<T>| {
            let next = page.next_page.clone().filter(|_| page.has_more)?;
            Some(("page", next))
        })
        .await
    }

    async fn pages<T: DeserializeOwned>(
        &self,
        what: &'static str,
        path: &str,
        query: &Fields<'_>,
        most: usize,
        next: impl Fn(&Page<T>) -> Option<(&'static str, String)>,
    ) -> Result<Listed<T>, StripeError> {
        let limit = most.clamp(1, PAGE).to_string();
        let mut items = Vec::new();
        let mut from: Option<(&'static str, String)> = None;
        loop {
            let mut fields = query.to_vec();
            fields.push(("limit", &limit));
            if let Some((name, value)) = &from {
                fields.push((name, value));
            }
            let page: Page<T> = self.get(what, path, &fields).await?;
            from = next(&page);
            items.extend(page.data);
            if from.is_none() || items.len() >= most {
                break;
            }
        }
        let more = from.is_some() || items.len() > most;
        items.truncate(most);
        Ok(Listed { items, more })
    }
}
