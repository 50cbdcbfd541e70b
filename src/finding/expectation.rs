//! What is said of expectations; whether they are met is found out where the facts are.

/// A row: what is said, and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    pub id: &'static str,
    pub title: &'static str,
    pub about: &'static str,
}

/// An expectation is not met.
pub const UNMET: Row = Row {
    id: "expect.unmet",
    title: "an expectation is not met",
    about: "--expect asked for something that is not so. The handshake itself may be in perfect order: each expectation \
            stands with what was found, and the exit code is 1. Fields and operators are listed in docs/json.md.",
};

/// An expectation could not be evaluated.
pub const NOT_EVALUATED: Row = Row {
    id: "expect.not_evaluated",
    title: "an expectation could not be evaluated",
    about: "--expect asked for something that this connection did not show: the status of a certificate when nobody said \
            anything about it, for example (--revocation asks). It is neither met nor unmet, so the exit code is 7; \
            --allow-unevaluated=expect.not_evaluated lifts that.",
};

/// `--warn` is not met.
pub const WARNING: Row = Row {
    id: "expect.warning",
    title: "not as --warn asks",
    about: "--warn asked for something that is not so. It is reported and does not change the exit code; --expect does.",
};

/// All of them.
pub const ROWS: [Row; 3] = [UNMET, NOT_EVALUATED, WARNING];
