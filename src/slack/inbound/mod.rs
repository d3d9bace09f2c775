//! Requests from Slack.
