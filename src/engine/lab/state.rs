//! What is waited for.

use super::classic::*;
use super::conn::Conn;
use super::hello::ExpectServerHello;
use super::refusal::*;
use super::tls13;
use crate::wire::handshake;

/// Each state is named for the message that it waits for.
pub enum State {
    ServerHello(ExpectServerHello),
    // TLS 1.2 and earlier.
    Certificate(ExpectCertificate),
    ServerKeyExchange(ExpectServerKeyExchange),
    ServerHelloDone(ExpectServerHelloDone),
    ChangeCipherSpec(ExpectChangeCipherSpec),
    Finished(ExpectFinished),
    // TLS 1.3.
    EncryptedExtensions(tls13::ExpectEncryptedExtensions),
    Certificate13(tls13::ExpectCertificate),
    CertificateVerify13(tls13::ExpectCertificateVerify),
    Finished13(tls13::ExpectFinished),
    /// The handshake is complete.
    Open,
}

impl State {
    /// A whole handshake message came.
    pub fn message(self, bytes: &[u8], conn: &mut Conn) -> Result<State, Refusal> {
        match self {
            State::ServerHello(state) => state.message(bytes, conn),
            State::Certificate(state) => state.message(bytes, conn),
            State::ServerKeyExchange(state) => state.message(bytes, conn),
            State::ServerHelloDone(state) => state.message(bytes, conn),
            State::ChangeCipherSpec(state) => state.message(bytes, conn),
            State::Finished(state) => state.message(bytes, conn),
            State::EncryptedExtensions(state) => state.message(bytes, conn),
            State::Certificate13(state) => state.message(bytes, conn),
            State::CertificateVerify13(state) => state.message(bytes, conn),
            State::Finished13(state) => state.message(bytes, conn),
            State::Open => conn.post_handshake(bytes),
        }
    }

    /// A ChangeCipherSpec came.
    pub fn change_cipher_spec(self, conn: &mut Conn) -> Result<State, Refusal> {
        match self {
            State::ChangeCipherSpec(state) => state.change_cipher_spec(conn),
            _ => refuse(Alert::unexpected_message, "ChangeCipherSpec at the wrong place"),
        }
    }
}

/// What came is not what was waited for.
pub fn unexpected<T>(expected: &str, bytes: &[u8]) -> Result<T, Refusal> {
    let came = bytes
        .first()
        .map_or("nothing", |code| handshake::find(*code).map_or("an unknown message", |row| row.name));
    refuse(Alert::unexpected_message, format!("{expected} was to come, {came} came"))
}
