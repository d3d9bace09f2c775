//! What the app was allowed at its installation. Slack tells it in a header of every answer, which the library drops.

use std::collections::BTreeSet;

use super::{Cause, SlackApi, SlackError, error::Effect};

const METHOD: &str = "auth.test";
const HEADER: &str = "x-oauth-scopes";

impl SlackApi {
    /// The token's scopes; `None` when Slack does not tell them.
    ///
    /// # Errors
    /// [`SlackError`]. Whether the token is valid is not looked at: [`SlackApi::auth_test`] tells that.
    pub async fn scopes(&self) -> Result<Option<BTreeSet<String>>, SlackError> {
        let url = format!("{}/{METHOD}", self.api_url.as_str().trim_end_matches('/'));
        let token = &self.token.token_value.0;
        let call = self.http.post(url).bearer_auth(token).send();
        let unavailable = |cause| SlackError::unavailable(METHOD, Effect::None, cause);
        let response = match tokio::time::timeout(self.timeout, call).await {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => return Err(unavailable(Cause::Connection)),
            Err(_) => return Err(unavailable(Cause::Timeout)),
        };
        let told = response.headers().get(HEADER);
        let told = told.and_then(|value| value.to_str().ok());
        let each = |list: &str| list.split(',').map(|one| one.trim().to_owned()).collect();
        Ok(told.map(each))
    }
}
