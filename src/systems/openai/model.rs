//! Models: which there are, and until when.

use chrono::NaiveDate;
use http::Method;
use serde::Deserialize;

use super::OpenAi;
use crate::systems::http::{Call, Doing, VendorError, segment};

#[derive(Debug, Clone, Deserialize)]
pub struct Model {
    pub id: String,
    /// The day on which it shuts down, when that is announced.
    #[serde(default)]
    pub shutdown_date: Option<NaiveDate>,
}

#[derive(Deserialize)]
struct List {
    data: Vec<Model>,
}

impl OpenAi {
    /// How many models the app's key may use. An answer proves the key, not that there is money.
    pub async fn count_models(&self) -> Result<usize, VendorError> {
        let call = Call {
            what: "list the models",
            method: Method::GET,
            path: "/models",
            query: &[],
            body: None,
            doing: Doing::Reading,
        };
        let answer = self.app.call::<List>(call).await?;
        Ok(answer.body.data.len())
    }

    /// One model.
    ///
    /// # Errors
    /// [`VendorError`]; it is missing when this key cannot use it.
    pub async fn model(&self, id: &str) -> Result<Model, VendorError> {
        let call = Call {
            what: "look a model up",
            method: Method::GET,
            path: &format!("/models/{}", segment(id)),
            query: &[],
            body: None,
            doing: Doing::Reading,
        };
        Ok(self.app.call(call).await?.body)
    }
}
