//! Delivery to Slack.
