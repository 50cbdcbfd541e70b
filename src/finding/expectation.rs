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

/// A rule of a policy is violated.
pub const POLICY_VIOLATED: Row = Row {
    id: "policy.violated",
    title: "a rule of the policy is violated",
    about: "--policy asked for something that is not so. Each violated rule stands in the policy's block with what was found, \
            what would satisfy it, and where the rule is from; `tls-trace explain policy.NAME` lists all rules. The exit code \
            is 1. A rule may be excepted for a time, with a reason, in a policy file of one's own (docs/policies.md).",
};

/// A rule of a policy could not be evaluated.
pub const POLICY_NOT_EVALUATED: Row = Row {
    id: "policy.not_evaluated",
    title: "a rule of the policy could not be evaluated",
    about: "A rule of the policy asks for something that one handshake can show, and this one did not. So the exit code \
            is 7; --allow-unevaluated=policy.not_evaluated lifts that. Rules about what no single handshake can show, \
            such as whether older versions are refused, do not change the exit code and say what would show it.",
};

/// A rule that only warns is violated.
pub const POLICY_WARNING: Row = Row {
    id: "policy.warning",
    title: "a recommendation of the policy is not followed",
    about: "A rule of the policy whose violation is a warning or a note: it is reported and does not change the exit code.",
};

/// All of them.
pub const ROWS: [Row; 6] =
    [UNMET, NOT_EVALUATED, WARNING, POLICY_VIOLATED, POLICY_NOT_EVALUATED, POLICY_WARNING];
