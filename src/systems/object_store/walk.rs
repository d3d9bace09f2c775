//! The listings that a search is made of: everything under a prefix, one key, or many keys in one run.
//!
//! A run looks for many keys in one listing. It starts right before the first key, reads a page, and goes on right before
//! the next key that the page did not reach. So it takes one call per page where most of what lies there is looked for,
//! and never more than about one call per key. Pages become smaller where little is found, since a long page costs more.

use super::{
    client::ObjectStore,
    error::StoreError,
    found::ObjectVersion,
    key::{MAX_KEY_BYTES, ObjectKey},
    listing::{Ask, Position, page},
    prefix::Prefix,
};

/// Fewer keys than this are listed one by one.
const FEWEST_KEYS_OF_A_RUN: usize = 4;
/// Keys per run, so that several runs work side by side.
const KEYS_OF_A_RUN: std::ops::RangeInclusive<usize> = 16..=1000;
/// Entries that a page may hold for each key that it settles; with more, single listings are cheaper.
const ENTRIES_WORTH_A_KEY: usize = 50;
/// Sizes of the pages of a run.
const PAGE_SIZES: std::ops::RangeInclusive<i32> = 8..=1000;
/// Sorts behind everything that a key is likely to hold.
const LAST_CHAR: char = '\u{10fffd}';
/// From here on stores differ in how they sort.
const FIRST_UNSORTED_CHAR: char = '\u{e000}';

/// One listing, not begun yet.
#[derive(Debug)]
pub(super) enum Listing {
    /// Everything under a prefix.
    Under(Prefix),
    Exactly(ObjectKey),
    /// Many keys, exactly.
    Run(Run),
}

/// Keys that are looked for in one listing.
#[derive(Debug)]
pub(super) struct Run {
    /// What all of them start with; never empty.
    prefix: String,
    /// In order.
    keys: Vec<ObjectKey>,
    /// The first key that no page has reached.
    next: usize,
    /// Entries of the next page.
    page_size: i32,
}

/// The listings for exactly `keys`, which are in order and differ.
pub(super) fn listings(keys: Vec<ObjectKey>, concurrency: usize) -> Vec<Listing> {
    let (sorted, odd): (Vec<_>, Vec<_>) = keys.into_iter().partition(has_a_place_in_order);
    let mut listings: Vec<Listing> = odd.into_iter().map(Listing::Exactly).collect();
    let first_char = |key: &ObjectKey| key.as_str().chars().next();
    for group in sorted.chunk_by(|a, b| first_char(a) == first_char(b)) {
        let size = group
            .len()
            .div_ceil(concurrency)
            .clamp(*KEYS_OF_A_RUN.start(), *KEYS_OF_A_RUN.end());
        listings.extend(group.chunks(size).flat_map(run));
    }
    listings
}

/// Whether every store sorts the key the same way, and text that sorts right before it can be sent.
fn has_a_place_in_order(key: &ObjectKey) -> bool {
    let text = key.as_str();
    text.len() + LAST_CHAR.len_utf8() <= MAX_KEY_BYTES
        && text.chars().all(|char| char < FIRST_UNSORTED_CHAR)
        && text.ends_with(|char| char > ' ')
}

/// One run, or single listings when there are few keys.
fn run(keys: &[ObjectKey]) -> Vec<Listing> {
    let prefix = match keys {
        [first, .., last] if keys.len() >= FEWEST_KEYS_OF_A_RUN => {
            common_start(first.as_str(), last.as_str())
        }
        _ => "",
    };
    if prefix.is_empty() {
        return keys.iter().cloned().map(Listing::Exactly).collect();
    }
    let twice = i32::try_from(keys.len().saturating_mul(2)).unwrap_or(i32::MAX);
    vec![Listing::Run(Run {
        prefix: prefix.to_owned(),
        keys: keys.to_vec(),
        next: 0,
        page_size: twice.clamp(*PAGE_SIZES.start(), *PAGE_SIZES.end()),
    })]
}

fn common_start<'a>(a: &'a str, b: &str) -> &'a str {
    let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b);
    let bytes: usize = same.map(|(char, _)| char.len_utf8()).sum();
    &a[..bytes]
}

/// Text that sorts right before `key`, with hardly any key between.
fn right_before(key: &ObjectKey) -> String {
    let mut text = key.as_str().to_owned();
    let last = text.pop().map_or(0, u32::from);
    text.extend(last.checked_sub(1).and_then(char::from_u32));
    text.push(LAST_CHAR);
    text
}

/// Listings that are being read, page by page.
pub(super) struct Walk {
    store: ObjectStore,
    keeps_versions: bool,
    /// What is still to be read, and from where.
    open: Vec<(Listing, Position)>,
}

impl Walk {
    pub(super) fn new(store: ObjectStore, keeps_versions: bool, listing: Listing) -> Self {
        Self {
            store,
            keeps_versions,
            open: vec![start(listing)],
        }
    }

    /// What the next page holds of what is looked for; `None` at the end.
    pub(super) async fn next(mut self) -> Result<Option<(Vec<ObjectVersion>, Self)>, StoreError> {
        let Some((listing, from)) = self.open.pop() else {
            return Ok(None);
        };
        let found = match listing {
            Listing::Under(prefix) => self.under(prefix, from).await?,
            Listing::Exactly(key) => self.exactly(key, from).await?,
            Listing::Run(run) => self.run(run, from).await?,
        };
        Ok(Some((found, self)))
    }

    async fn under(
        &mut self,
        prefix: Prefix,
        from: Position,
    ) -> Result<Vec<ObjectVersion>, StoreError> {
        let page = page(
            &self.store,
            &ask(prefix.as_str(), from),
            self.keeps_versions,
        )
        .await?;
        self.open
            .extend(page.next.map(|next| (Listing::Under(prefix), next)));
        Ok(page.objects)
    }

    async fn exactly(
        &mut self,
        key: ObjectKey,
        from: Position,
    ) -> Result<Vec<ObjectVersion>, StoreError> {
        let page = page(&self.store, &ask(key.as_str(), from), self.keeps_versions).await?;
        // Keys are listed in order, and an exact key comes first among those that start with it.
        let next = page.next.filter(|next| match next {
            Position::AfterVersion { key: last, .. } => last == key.as_str(),
            _ => page.objects.iter().all(|object| object.key == key),
        });
        let mut found = page.objects;
        found.retain(|object| object.key == key);
        self.open
            .extend(next.map(|next| (Listing::Exactly(key), next)));
        Ok(found)
    }

    async fn run(
        &mut self,
        mut run: Run,
        from: Position,
    ) -> Result<Vec<ObjectVersion>, StoreError> {
        let ask = Ask {
            prefix: &run.prefix,
            from,
            most: Some(run.page_size),
        };
        let page = match page(&self.store, &ask, self.keeps_versions).await {
            Ok(page) => page,
            // A policy may allow to list folders only, not all that a run spans.
            Err(StoreError::Denied { .. }) => {
                self.open.extend(run.narrower().into_iter().map(start));
                return Ok(vec![]);
            }
            // A store may refuse a start that is no key.
            Err(StoreError::Answered { .. }) => {
                self.open.extend(run.one_by_one().into_iter().map(start));
                return Ok(vec![]);
            }
            Err(error) => return Err(error),
        };
        if !is_in_order(&page.objects, &ask.from) {
            self.open.extend(run.one_by_one().into_iter().map(start));
            return Ok(vec![]);
        }
        let listed = page.objects.len();
        let last = match &page.next {
            Some(Position::AfterVersion { key, .. }) => Some(key.clone()),
            _ => page
                .objects
                .iter()
                .map(|object| &object.key)
                .max()
                .map(ToString::to_string),
        };
        let mut found = page.objects;
        found.retain(|object| run.keys.binary_search(&object.key).is_ok());
        if let Some(next) = page.next {
            run.advance(last.as_deref(), self.keeps_versions, listed, found.len());
            let from = run.goes_on(last.as_deref(), next);
            self.open.extend(from.map(|from| (Listing::Run(run), from)));
        }
        Ok(found)
    }
}

impl Run {
    /// Counts what a page that ends with `last` has settled. Of a key with versions more may follow on the next page.
    fn advance(&mut self, last: Option<&str>, keeps_versions: bool, listed: usize, found: usize) {
        let reached = last.map_or(0, |last| {
            self.keys.partition_point(|key| match keeps_versions {
                true => key.as_str() < last,
                false => key.as_str() <= last,
            })
        });
        let settled = reached.saturating_sub(self.next).max(found);
        self.next = self.next.max(reached);
        let size = if settled.saturating_mul(ENTRIES_WORTH_A_KEY) >= listed {
            self.page_size.saturating_mul(2)
        } else {
            self.page_size / 2
        };
        self.page_size = size.clamp(*PAGE_SIZES.start(), *PAGE_SIZES.end());
    }

    /// Where the next page starts; `None` when every key was reached.
    fn goes_on(&self, last: Option<&str>, next: Position) -> Option<Position> {
        let before = right_before(self.keys.get(self.next)?);
        Some(match last {
            Some(last) if before.as_str() > last => Position::AfterText(before),
            _ => next,
        })
    }

    /// The same keys, folder by folder; one by one when they are in one folder already.
    fn narrower(self) -> Vec<Listing> {
        if self.prefix.contains('/') {
            return self.one_by_one();
        }
        fn folder(key: &ObjectKey) -> Option<&str> {
            key.as_str().split_once('/').map(|(folder, _)| folder)
        }
        let groups = self.keys[self.next..].chunk_by(|a, b| folder(a) == folder(b));
        groups
            .flat_map(|group| match folder(&group[0]) {
                Some(_) => run(group),
                None => group.iter().cloned().map(Listing::Exactly).collect(),
            })
            .collect()
    }

    fn one_by_one(self) -> Vec<Listing> {
        let keys = self.keys.into_iter().skip(self.next);
        keys.map(Listing::Exactly).collect()
    }
}

fn ask(prefix: &str, from: Position) -> Ask<'_> {
    Ask {
        prefix,
        from,
        most: None,
    }
}

/// Where a listing begins.
fn start(listing: Listing) -> (Listing, Position) {
    let from = match &listing {
        Listing::Run(run) => run.keys.get(run.next).map_or(Position::Start, |key| {
            Position::AfterText(right_before(key))
        }),
        Listing::Under(_) | Listing::Exactly(_) => Position::Start,
    };
    (listing, from)
}

/// Whether the page starts where it was asked to start, and its keys rise: only then is a key that it passes over absent.
fn is_in_order(objects: &[ObjectVersion], from: &Position) -> bool {
    let starts_there = |object: &ObjectVersion| match from {
        Position::AfterText(text) => object.key.as_str() > text.as_str(),
        Position::AfterVersion { key, .. } => object.key.as_str() >= key.as_str(),
        Position::Start | Position::Token(_) => true,
    };
    let markers = objects.partition_point(|object| !object.delete_marker);
    let (versions, markers) = objects.split_at(markers);
    let rises = |objects: &[ObjectVersion]| objects.is_sorted_by(|a, b| a.key <= b.key);
    objects.iter().all(starts_there) && rises(versions) && rises(markers)
}
