//! The journal's commands: verify, rebuild, export.
