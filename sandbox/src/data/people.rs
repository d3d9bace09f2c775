//! The people in the data sets that tests and the demo speak of. All forty are in `people.sql`.

/// One person of the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SamplePerson {
    /// The application's user id.
    pub id: &'static str,
    /// The e-mail as it is stored.
    pub email: &'static str,
    /// The name as it is stored.
    pub name: &'static str,
}

/// The main character: no admin, much data. Her id is a prefix of `usr_10` to `usr_19`.
pub const MARIA: SamplePerson = person("usr_1", "maria@example.com", "Maria Santos");
/// An admin.
pub const ADA: SamplePerson = person("usr_2", "ada@example.com", "Ada Okafor");
/// An admin.
pub const BEN: SamplePerson = person("usr_3", "ben@example.com", "Ben Carter");
/// An admin.
pub const CHLOE: SamplePerson = person("usr_4", "chloe@example.com", "Chloe Dubois");
/// Has an active subscription, and no analytics events.
pub const DANIEL: SamplePerson = person("usr_5", "daniel@example.com", "Daniel Kim");
/// Her name holds markup, as anybody's may.
pub const ZOE: SamplePerson = person("usr_27", "zoe@example.com", "Zoe <b>Papadaki</b> & Co");

/// How many people both shapes of the application have; their ids are `usr_1` to `usr_40`.
pub const PEOPLE: u32 = 40;

const fn person(id: &'static str, email: &'static str, name: &'static str) -> SamplePerson {
    SamplePerson { id, email, name }
}
