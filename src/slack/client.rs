//! Calls to the Slack Web API.
