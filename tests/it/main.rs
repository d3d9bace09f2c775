mod slack_inbound;
//! Scenarios, one folder for each part of the house.

mod object_store;
