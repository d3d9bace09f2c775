//! Measures every operation of the SDK, with its own repetitions.

use std::error::Error;

use aws_sdk_s3::config::{
    ConfigBag, Intercept, RuntimeComponents,
    interceptors::{BeforeSerializationInterceptorContextRef, FinalizerInterceptorContextRef},
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_types::config_bag::{Storable, StoreReplace};

use crate::telemetry::{self, VendorCall};

/// The vendor's name in metrics.
const VENDOR: &str = "s3";

/// Measures every operation.
#[derive(Debug)]
pub(super) struct Measured;

/// The measurement of one operation, kept in its own bag: dropped with it when it is given up.
#[derive(Debug)]
struct Measurement(std::sync::Mutex<Option<VendorCall>>);

impl Storable for Measurement {
    type Storer = StoreReplace<Self>;
}

impl Intercept for Measured {
    fn name(&self) -> &'static str {
        "Measured"
    }

    // The operation's name is not known before.
    fn read_before_serialization(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let operation = bag.load::<Metadata>().map(Metadata::name);
        let call = VendorCall::begin(VENDOR, operation.unwrap_or("unknown"));
        let measurement = Measurement(std::sync::Mutex::new(Some(call)));
        bag.interceptor_state().store_put(measurement);
        Ok(())
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let response = context.response();
        if response.is_some_and(|response| matches!(response.status().as_u16(), 429 | 503)) {
            telemetry::rate_limited(VENDOR);
        }
        let is_ok = response.is_some_and(|response| response.status().is_success())
            && matches!(context.output_or_error(), Some(Ok(_)));
        let measurement = bag.load::<Measurement>();
        let call = measurement.and_then(|one| one.0.lock().ok()?.take());
        if let Some(call) = call {
            call.end(is_ok);
        }
        Ok(())
    }
}
