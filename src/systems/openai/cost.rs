//! What the organisation was charged, day by day. OpenAI's numbers lag by hours.

use http::Method;
use serde::{Deserialize, Deserializer};

use super::OpenAi;
use crate::{
    domain::Instant,
    systems::http::{Call, Doing, VendorError},
};

/// The most days on one page (OpenAI's limit is 180).
const DAYS: &str = "31";
/// The most pages that are read: more is not one month.
const PAGES: usize = 10;
/// The currency in which budgets are set.
const CURRENCY: &str = "usd";

/// The sum of some days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Costs {
    Dollars(f64),
    /// Some are in another currency, or the list does not end.
    Unclear,
}

#[derive(Deserialize)]
struct Page {
    data: Vec<Day>,
    has_more: bool,
    next_page: Option<String>,
}

#[derive(Deserialize)]
struct Day {
    results: Vec<Charge>,
}

#[derive(Deserialize)]
struct Charge {
    amount: Amount,
}

#[derive(Deserialize)]
struct Amount {
    #[serde(deserialize_with = "number")]
    value: f64,
    currency: String,
}

/// The description says that it is a number; answers have held texts of digits as well.
fn number<'de, D: Deserializer<'de>>(input: D) -> Result<f64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(f64),
        Text(String),
    }
    let value = match Either::deserialize(input)? {
        Either::Number(value) => value,
        Either::Text(text) => text.parse().map_err(serde::de::Error::custom)?,
    };
    match value.is_finite() {
        true => Ok(value),
        false => Err(serde::de::Error::custom("not a finite number")),
    }
}

impl OpenAi {
    /// What was charged since a day's beginning; `None` without an admin key.
    pub async fn costs_since(&self, start: Instant) -> Option<Result<Costs, VendorError>> {
        let admin = self.admin.as_ref()?;
        let start = start.timestamp().to_string();
        let (mut sum, mut page) = (0.0, None::<String>);
        for _ in 0..PAGES {
            let mut query = vec![
                ("start_time", start.as_str()),
                ("bucket_width", "1d"),
                ("limit", DAYS),
            ];
            query.extend(page.as_deref().map(|page| ("page", page)));
            let call = Call {
                what: "read the costs",
                method: Method::GET,
                path: "/organization/costs",
                query: &query,
                body: None,
                doing: Doing::Reading,
            };
            let read = match admin.call::<Page>(call).await {
                Ok(answer) => answer.body,
                Err(error) => return Some(Err(error)),
            };
            for charge in read.data.iter().flat_map(|day| &day.results) {
                if !charge.amount.currency.eq_ignore_ascii_case(CURRENCY) {
                    return Some(Ok(Costs::Unclear));
                }
                sum += charge.amount.value;
            }
            match (read.has_more, read.next_page) {
                (false, _) => return Some(Ok(Costs::Dollars(sum))),
                (true, Some(next)) => page = Some(next),
                (true, None) => break,
            }
        }
        Some(Ok(Costs::Unclear))
    }
}
