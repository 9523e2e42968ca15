//! The SOAP partner API (rest-api.md 10): envelopes, faults, and the operations by module.

pub mod describe;
pub mod envelope;
pub mod records;
pub mod session;
