//! The SOAP API (rest-api.md 10): envelopes, faults, and what the operations read and answer.
//!
//! `schema` says which types and operations there are; `wsdl` prints it for toolkits. Two APIs share all of it:
//! the partner API, whose records are loose, and the enterprise API, whose records have the types of the org.

pub mod describe;
pub mod envelope;
pub mod fault;
pub mod records;
pub mod results;
pub mod schema;
pub mod session;
pub mod wsdl;

/// Which of the two APIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// `/services/Soap/u/`.
    Partner,
    /// `/services/Soap/c/`.
    Enterprise,
}

impl Api {
    /// The letter of its path.
    pub fn letter(self) -> &'static str {
        match self {
            Self::Partner => "u",
            Self::Enterprise => "c",
        }
    }

    /// Namespace of operations, headers and results.
    pub fn operations(self) -> &'static str {
        match self {
            Self::Partner => "urn:partner.soap.sforce.com",
            Self::Enterprise => "urn:enterprise.soap.sforce.com",
        }
    }

    /// Namespace of records.
    pub fn sobjects(self) -> &'static str {
        match self {
            Self::Partner => "urn:sobject.partner.soap.sforce.com",
            Self::Enterprise => "urn:sobject.enterprise.soap.sforce.com",
        }
    }

    /// Namespace of faults.
    pub fn faults(self) -> &'static str {
        match self {
            Self::Partner => "urn:fault.partner.soap.sforce.com",
            Self::Enterprise => "urn:fault.enterprise.soap.sforce.com",
        }
    }
}

#[cfg(test)]
pub(crate) mod golden;
