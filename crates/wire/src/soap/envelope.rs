//! Envelopes and headers (rest-api.md 10, form rules 1, 2 and 9).

use model::{Code, Refusal};

use super::Api;
use crate::xml::{self, Element};

/// A request: operation with its parameters, and the headers that are read.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Request {
    /// Operation and parameters.
    pub call: Element,
    /// SessionHeader.
    pub session: Option<String>,
    /// QueryOptions.
    pub batch_size: Option<String>,
    /// AllOrNoneHeader.
    pub all_or_none: bool,
    /// LoginScopeHeader.
    pub organization: Option<String>,
    /// CallOptions: what the client calls itself.
    pub client: Option<String>,
}

/// Reads an envelope; headers that it does not know are no error.
///
/// # Errors
/// No XML, or no envelope with one operation.
pub fn read(body: &[u8]) -> Result<Request, Refusal> {
    let wrong = |why: &str| Refusal::new(Code::InvalidInput, why);
    let mut root = xml::parse(body)?;
    if root.name != "Envelope" {
        return Err(wrong("The request is no SOAP envelope"));
    }
    let parts = std::mem::take(&mut root.children);
    let mut parts = parts
        .into_iter()
        .filter(|e| e.name == "Header" || e.name == "Body");
    let mut header = Element::default();
    let body = loop {
        match parts.next() {
            Some(part) if part.name == "Body" => break part,
            Some(part) => header = part,
            None => return Err(wrong("The SOAP envelope has no body")),
        }
    };
    let call = body.children.into_iter().next();
    let call = call.ok_or_else(|| wrong("The SOAP body names no operation"))?;
    let of = |name: &str, field: &str| {
        let text = header.child(name)?.text_of(field)?.trim();
        Some(text.to_owned()).filter(|t| !t.is_empty())
    };
    Ok(Request {
        call,
        session: of("SessionHeader", "sessionId"),
        batch_size: of("QueryOptions", "batchSize"),
        all_or_none: header
            .child("AllOrNoneHeader")
            .is_some_and(|h| h.flag("allOrNone")),
        organization: of("LoginScopeHeader", "organizationId"),
        client: of("CallOptions", "client"),
    })
}

/// API calls of the org's day, for LimitInfoHeader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Used so far.
    pub current: u64,
    /// Allowed.
    pub limit: u64,
}

/// An answer: `inside` is what stands in the operation's response element.
pub fn answer(api: Api, operation: &str, inside: &str, usage: Option<Usage>) -> String {
    let header = usage.map_or_else(String::new, |usage| {
        format!(
            "<soapenv:Header><LimitInfoHeader><limitInfo><current>{}</current><limit>{}</limit>\
             <type>API REQUESTS</type></limitInfo></LimitInfoHeader></soapenv:Header>",
            usage.current, usage.limit
        )
    });
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns=\"{}\" \
         xmlns:sf=\"{}\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">{header}<soapenv:Body><{operation}Response>{inside}</{operation}Response>\
         </soapenv:Body></soapenv:Envelope>",
        api.operations(),
        api.sobjects()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_is_read_whatever_its_prefixes() {
        let body = b"<se:Envelope xmlns:se='http://schemas.xmlsoap.org/soap/envelope/'><se:Header>\
            <SessionHeader><sessionId>00D!x</sessionId></SessionHeader><AllOrNoneHeader><allOrNone>true</allOrNone></AllOrNoneHeader>\
            <Unheard><of>1</of></Unheard><CallOptions><client>c/1</client></CallOptions>\
            </se:Header><se:Body><login xmlns='u'><username>a</username></login></se:Body></se:Envelope>";
        let request = read(body).unwrap();
        assert_eq!(request.call.name, "login");
        assert_eq!(request.call.text_of("username"), Some("a"));
        assert_eq!(
            (
                request.session.as_deref(),
                request.all_or_none,
                request.client.as_deref()
            ),
            (Some("00D!x"), true, Some("c/1"))
        );
        for wrong in ["<a/>", "<Envelope/>", "<Envelope><Body/></Envelope>", "x"] {
            assert!(read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
