//! The service as a process of its own, which can be killed.
