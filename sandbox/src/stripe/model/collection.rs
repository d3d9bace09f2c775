//! Objects of one kind, in the order in which they came.

use serde::Serialize;

/// What every object of Stripe's has.
pub trait Object: Serialize {
    /// The kind, as error messages call it, for example `customer`.
    const KIND: &'static str;

    /// Its id.
    fn id(&self) -> &str;

    /// When it was made, in seconds since 1970.
    fn created(&self) -> i64;
}

/// All objects of one kind.
#[derive(Debug, Clone)]
pub struct Collection<T>(Vec<T>);

impl<T> Default for Collection<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Object> Collection<T> {
    /// Puts one in.
    pub(in crate::stripe) fn add(&mut self, object: T) {
        self.0.push(object);
    }

    /// The one with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&T> {
        self.0.iter().find(|object| object.id() == id)
    }

    /// The one with this id, to be changed.
    pub(in crate::stripe) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.0.iter_mut().find(|object| object.id() == id)
    }

    /// Takes the one with this id away.
    pub(in crate::stripe) fn remove(&mut self, id: &str) {
        self.0.retain(|object| object.id() != id);
    }

    /// All of them, to be changed.
    pub(in crate::stripe) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut()
    }

    /// All of them, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }

    /// Those that fit, the newest first, as every list of Stripe's has them.
    pub(in crate::stripe) fn newest(&self, fits: impl Fn(&T) -> bool) -> Vec<&T> {
        let mut found: Vec<&T> = self.0.iter().rev().filter(|object| fits(object)).collect();
        // The sort is stable: what was made in one second stays in its order of arrival.
        found.sort_by_key(|object| std::cmp::Reverse(object.created()));
        found
    }
}

/// Implements [`Object`] for a struct with `id` and `created`.
macro_rules! object {
    ($type:ty, $kind:literal) => {
        impl $crate::stripe::model::Object for $type {
            const KIND: &'static str = $kind;

            fn id(&self) -> &str {
                &self.id
            }

            fn created(&self) -> i64 {
                self.created
            }
        }
    };
}
pub(super) use object;
