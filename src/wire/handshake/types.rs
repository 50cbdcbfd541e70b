//! The message types by name, for code that has to tell them apart.

pub const HELLO_REQUEST: u8 = super::hello_request::MESSAGE.code;
pub const CLIENT_HELLO: u8 = super::client_hello::MESSAGE.code;
pub const SERVER_HELLO: u8 = super::server_hello::MESSAGE.code;
pub const NEW_SESSION_TICKET: u8 = super::new_session_ticket::MESSAGE.code;
pub const END_OF_EARLY_DATA: u8 = super::end_of_early_data::MESSAGE.code;
pub const ENCRYPTED_EXTENSIONS: u8 = super::encrypted_extensions::MESSAGE.code;
pub const CERTIFICATE: u8 = super::certificate::MESSAGE.code;
pub const SERVER_KEY_EXCHANGE: u8 = super::server_key_exchange::MESSAGE.code;
pub const CERTIFICATE_REQUEST: u8 = super::certificate_request::MESSAGE.code;
pub const SERVER_HELLO_DONE: u8 = super::server_hello_done::MESSAGE.code;
pub const CERTIFICATE_VERIFY: u8 = super::certificate_verify::MESSAGE.code;
pub const CLIENT_KEY_EXCHANGE: u8 = super::client_key_exchange::MESSAGE.code;
pub const FINISHED: u8 = super::finished::MESSAGE.code;
pub const KEY_UPDATE: u8 = super::key_update::MESSAGE.code;
pub const COMPRESSED_CERTIFICATE: u8 = super::compressed_certificate::MESSAGE.code;
pub const CERTIFICATE_STATUS: u8 = super::certificate_status::MESSAGE.code;
