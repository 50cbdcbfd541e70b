//! A Finished or a signature that is wrong.

use crate::trace::{Evidence, Proven, State};

use super::{By, Case, Cause, Failure, Outcome, Rule};

/// Something that the handshake must prove does not hold.
pub const RULE: Rule = Rule {
    id: "proof.",
    title: "wrong Finished or handshake signature",
    about: "A Finished or a signature of the handshake was verified over the recorded bytes and is wrong. \
            Either the bytes were changed in transit, or one side does not have the key that it claims to \
            have.",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Failure> {
    let trace = case.trace();
    let proof = trace.handshakes.iter().flat_map(|h| &h.proofs).find(|proof| proof.state.fails())?;
    let (id, what, by) = match proof.what {
        Proven::ServerFinished => ("proof.finished", "the server's Finished is wrong", By::Server),
        Proven::ClientFinished => ("proof.finished", "the client's Finished is wrong", By::Client),
        Proven::ServerCertificateVerify => {
            ("proof.signature", "invalid signature in server's CertificateVerify", By::Server)
        }
        Proven::ClientCertificateVerify => {
            ("proof.signature", "invalid signature in client's CertificateVerify", By::Client)
        }
        Proven::ServerKeyExchange => {
            ("proof.signature", "invalid signature in ServerKeyExchange", By::Server)
        }
    };
    let mut failure = Failure::new(id, Outcome::Failed, "tls", what);
    failure.stage = case.stage();
    failure.by = Some(by);
    if let State::Fails(why) = &proof.state {
        failure.seen = Some(why.clone());
    }
    failure.evidence = vec![Evidence { message: Some(proof.message), ..Evidence::default() }];
    // A Finished shows who has the key only where nothing else does: with RSA key exchange.
    let about_key = match proof.what {
        Proven::ServerFinished => !trace.handshakes.iter().flat_map(|h| &h.proofs).any(|other| {
            matches!(other.what, Proven::ServerCertificateVerify | Proven::ServerKeyExchange)
                && other.state.holds()
        }),
        Proven::ServerCertificateVerify | Proven::ServerKeyExchange => true,
        Proven::ClientFinished | Proven::ClientCertificateVerify => false,
    };
    if about_key {
        failure
            .causes
            .push(Cause::possible("the server uses a certificate whose private key it does not have"));
    }
    failure.causes.push(Cause::possible("the handshake was changed in transit"));
    if by == By::Server {
        failure.causes.push(Cause::possible("the server computes it wrongly, which is a fault"));
    }
    Some(failure)
}
