//! Answers of success that are cut off or are no answers of S3. The SDK's XML reader takes what it can read and does not
//! notice a missing end: of a listing that breaks off it gives the first keys, and the others would count as gone.

use std::error::Error;

use aws_sdk_s3::config::{
    ConfigBag, Intercept, RuntimeComponents,
    interceptors::AfterDeserializationInterceptorContextRef,
};

/// An answer that says success and cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct NotWhole(&'static str);

/// Refuses such answers.
#[derive(Debug)]
pub(super) struct WholeAnswers;

impl Intercept for WholeAnswers {
    fn name(&self) -> &'static str {
        "WholeAnswers"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let response = context.response();
        // The content of an object is a stream and not in memory here.
        let body = response.body().bytes().unwrap_or_default();
        if response.status().is_success() {
            check(body)?;
        }
        Ok(())
    }
}

fn check(body: &[u8]) -> Result<(), NotWhole> {
    let Ok(text) = std::str::from_utf8(body) else {
        return Err(NotWhole("the answer is not text"));
    };
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Ok(());
    }
    let mut rest = text;
    while let Some(inner) = rest
        .strip_prefix("<?")
        .or_else(|| rest.strip_prefix("<!--"))
    {
        rest = inner
            .split_once('>')
            .map_or("", |(_, after)| after)
            .trim_start();
    }
    let name = rest.strip_prefix('<').unwrap_or_default();
    let name = name
        .split(|char: char| char.is_whitespace() || matches!(char, '>' | '/'))
        .next()
        .unwrap_or_default();
    if name.is_empty() {
        return Err(NotWhole("the answer is not XML"));
    }
    if name.eq_ignore_ascii_case("html") || name.eq_ignore_ascii_case("!doctype") {
        return Err(NotWhole("the answer is a web page"));
    }
    let is_closed = text.ends_with(&format!("</{name}>"))
        || (text.ends_with("/>") && rest.matches('<').count() == 1);
    if is_closed {
        Ok(())
    } else {
        Err(NotWhole("the answer is cut off"))
    }
}
