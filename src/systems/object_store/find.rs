//! Finding everything under prefixes and at exact keys, page by page.

use std::collections::BTreeSet;

use futures::{Stream, StreamExt, TryStreamExt, stream};

use super::{
    client::ObjectStore,
    error::StoreError,
    found::{Found, ObjectVersion},
    key::ObjectKey,
    prefix::Prefix,
    walk::{Listing, Walk, listings},
};

impl ObjectStore {
    /// Everything under `prefixes` and at exactly `keys`: in a bucket that keeps versions every version and every delete
    /// marker, also those of objects that look deleted. Ordered by key and version id; nothing is listed twice.
    ///
    /// # Errors
    /// Any [`StoreError`]; nothing is returned by halves.
    pub async fn find(&self, prefixes: &[Prefix], keys: &[ObjectKey]) -> Result<Found, StoreError> {
        let pages = self.find_stream(prefixes, keys).await?;
        let mut found = pages
            .try_fold(Found::default(), |mut found, page| async move {
                found.add(page);
                Ok(found)
            })
            .await?;
        found
            .objects
            .sort_by(|a, b| (&a.key, &a.version_id).cmp(&(&b.key, &b.version_id)));
        Ok(found)
    }

    /// As [`ObjectStore::find`], page by page (at most 1000 entries each) in no order, for a caller that puts them down
    /// before it takes the next. The search is complete when the stream ends without an error.
    ///
    /// # Errors
    /// Asking for the bucket's versioning may fail; the stream's items carry what happens later.
    pub async fn find_stream(
        &self,
        prefixes: &[Prefix],
        keys: &[ObjectKey],
    ) -> Result<impl Stream<Item = Result<Vec<ObjectVersion>, StoreError>> + Send + use<>, StoreError>
    {
        let listings = search(prefixes, keys, self.concurrency);
        let keeps_versions = !listings.is_empty() && self.versioning().await?.keeps_versions();
        let store = self.clone();
        let concurrency = self.concurrency;
        let pages = listings.into_iter().map(move |listing| {
            let walk = Walk::new(store.clone(), keeps_versions, listing);
            Box::pin(
                stream::try_unfold(walk, Walk::next)
                    .try_filter(|objects| std::future::ready(!objects.is_empty())),
            )
        });
        Ok(stream::iter(pages).flatten_unordered(concurrency))
    }

    /// Which of `keys` have an object, a version or a delete marker.
    pub async fn existing(
        &self,
        keys: &BTreeSet<ObjectKey>,
    ) -> Result<BTreeSet<ObjectKey>, StoreError> {
        let keys: Vec<ObjectKey> = keys.iter().cloned().collect();
        let pages = self.find_stream(&[], &keys).await?;
        pages
            .try_fold(BTreeSet::new(), |mut found, page| async move {
                found.extend(page.into_iter().map(|object| object.key));
                Ok(found)
            })
            .await
    }

    /// Looks again after an erasure: what is still there. Empty means gone, versions and markers included.
    ///
    /// # Errors
    /// As [`ObjectStore::find`]: without an answer nothing is called gone.
    pub async fn remaining(
        &self,
        prefixes: &[Prefix],
        keys: &[ObjectKey],
    ) -> Result<Found, StoreError> {
        self.find(prefixes, keys).await
    }
}

/// The listings to make: what lies under another prefix already is left out, so that nothing is counted twice.
fn search(prefixes: &[Prefix], keys: &[ObjectKey], concurrency: usize) -> Vec<Listing> {
    // In order, a prefix comes right before all that start with it.
    let mut kept: Vec<&Prefix> = Vec::new();
    for prefix in prefixes.iter().collect::<BTreeSet<_>>() {
        if !kept
            .last()
            .is_some_and(|last| prefix.as_str().starts_with(last.as_str()))
        {
            kept.push(prefix);
        }
    }
    let covered = |key: &ObjectKey| {
        let after = kept.partition_point(|prefix| prefix.as_str() <= key.as_str());
        after > 0 && key.as_str().starts_with(kept[after - 1].as_str())
    };
    let exact = keys
        .iter()
        .filter(|key| !covered(key))
        .collect::<BTreeSet<_>>();
    let exact = exact.into_iter().cloned().collect();
    let under = kept.into_iter().cloned().map(Listing::Under);
    under.chain(listings(exact, concurrency)).collect()
}
