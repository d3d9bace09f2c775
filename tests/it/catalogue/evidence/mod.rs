//! Which test shows what of which operation, by the tests' names.

mod money;
mod people;
mod service;
mod vendors;

/// What is shown of one operation.
pub struct Evidence {
    /// As people type it.
    pub operation: &'static str,
    /// It works, and what people read then.
    pub succeeds: Shown,
    /// Each kind of refusal.
    pub refused: Shown,
    /// A step, or the system that it needs, fails.
    pub fails: Shown,
    /// The program dies between an effect and its entry in the journal, and the step is repeated.
    pub repeated: Shown,
    /// The application as it really is.
    pub real: Shown,
}

/// By what it is shown.
pub enum Shown {
    /// Tests, with their modules.
    By(&'static [&'static str]),
    /// There is nothing to show, for this reason.
    NotApplicable(&'static str),
}

impl Evidence {
    /// The columns with their names.
    pub fn columns(&self) -> [(&'static str, &Shown); 5] {
        [
            ("it succeeds", &self.succeeds),
            ("it is refused", &self.refused),
            ("a step fails", &self.fails),
            ("a step is repeated", &self.repeated),
            ("the real application", &self.real),
        ]
    }
}

impl Shown {
    /// The tests.
    pub fn tests(&self) -> &'static [&'static str] {
        match self {
            Self::By(tests) => tests,
            Self::NotApplicable(_) => &[],
        }
    }
}

/// What is shown of an operation.
pub fn of(operation: &str) -> Option<&'static Evidence> {
    all().find(|evidence| evidence.operation == operation)
}

/// All of it.
pub fn all() -> impl Iterator<Item = &'static Evidence> {
    people::ALL
        .iter()
        .chain(money::ALL)
        .chain(service::ALL)
        .chain(vendors::ALL)
}
