//! A simulated Slack workspace.
