//! Envelope, headers and faults (rest-api.md 10, form rules 1 to 9).

use model::{Code, Refusal};

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
}

/// Reads an envelope.
///
/// # Errors
/// No XML, or no envelope with one operation.
pub fn read(body: &[u8]) -> Result<Request, Refusal> {
    let wrong = |why: &str| Refusal::new(Code::InvalidInput, why);
    let root = xml::parse(body)?;
    if root.name != "Envelope" {
        return Err(wrong("The request is no SOAP envelope"));
    }
    let inside = root
        .child("Body")
        .ok_or_else(|| wrong("The SOAP envelope has no body"))?;
    let call = inside
        .children
        .first()
        .ok_or_else(|| wrong("The SOAP body names no operation"))?;
    let none = Element::default();
    let header = root.child("Header").unwrap_or(&none);
    let of = |name: &str, field: &str| {
        let text = header.child(name)?.text_of(field)?.trim();
        Some(text.to_owned()).filter(|t| !t.is_empty())
    };
    Ok(Request {
        call: call.clone(),
        session: of("SessionHeader", "sessionId"),
        batch_size: of("QueryOptions", "batchSize"),
        all_or_none: header
            .child("AllOrNoneHeader")
            .is_some_and(|h| h.flag("allOrNone")),
        organization: of("LoginScopeHeader", "organizationId"),
    })
}

/// Namespace of the partner API, or of the enterprise one.
pub fn namespace(partner: bool) -> &'static str {
    if partner {
        "urn:partner.soap.sforce.com"
    } else {
        "urn:enterprise.soap.sforce.com"
    }
}

/// An answer: `inside` is what stands in the operation's response element.
pub fn answer(partner: bool, operation: &str, inside: &str) -> String {
    let objects = if partner {
        "urn:sobject.partner.soap.sforce.com"
    } else {
        "urn:sobject.enterprise.soap.sforce.com"
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns=\"{}\" \
         xmlns:sf=\"{objects}\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\"><soapenv:Body><{operation}Response>{inside}</{operation}Response>\
         </soapenv:Body></soapenv:Envelope>",
        namespace(partner)
    )
}

/// The fault type of a refusal.
fn fault_type(refusal: &Refusal) -> &'static str {
    match refusal.code {
        Code::InvalidLogin => "LoginFault",
        Code::MalformedId | Code::InvalidIdField => "InvalidIdFault",
        Code::InvalidQueryLocator => "InvalidQueryLocatorFault",
        Code::InvalidField => "InvalidFieldFault",
        Code::InvalidType => "InvalidSObjectFault",
        Code::MalformedQuery => "MalformedQueryFault",
        Code::MalformedSearch => "MalformedSearchFault",
        _ => "UnexpectedErrorFault",
    }
}

/// Row and column of "ERROR at Row:1:Column:8" in a query's message; -1 where it has none.
fn place(message: &str) -> (i64, i64) {
    let read = || {
        let rest = message.split_once("Row:")?.1;
        let (row, rest) = rest.split_once(":Column:")?;
        let column: String = rest.chars().take_while(char::is_ascii_digit).collect();
        Some((row.parse().ok()?, column.parse().ok()?))
    };
    read().unwrap_or((-1, -1))
}

/// A fault; http sends it with status 500.
pub fn fault(refusal: &Refusal) -> String {
    let kind = fault_type(refusal);
    let code = refusal.code.as_str();
    let mut message = String::new();
    xml::escape(&mut message, &refusal.message);
    let place = match kind {
        "InvalidFieldFault"
        | "InvalidSObjectFault"
        | "MalformedQueryFault"
        | "MalformedSearchFault" => {
            let (row, column) = place(&refusal.message);
            format!("<sf:row>{row}</sf:row><sf:column>{column}</sf:column>")
        }
        _ => String::new(),
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:sf=\"urn:fault.partner.soap.sforce.com\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
         <soapenv:Body><soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {message}</faultstring>\
         <detail><sf:{kind} xsi:type=\"sf:{kind}\"><sf:exceptionCode>{code}</sf:exceptionCode>\
         <sf:exceptionMessage>{message}</sf:exceptionMessage>{place}</sf:{kind}></detail></soapenv:Fault>\
         </soapenv:Body></soapenv:Envelope>"
    )
}

/// The refusal of an operation that is not served.
pub fn no_operation(name: &str, partner: bool) -> Refusal {
    let message = format!(
        "No operation available for request {{{}}}{}",
        namespace(partner),
        crate::json::clip(name)
    );
    Refusal::new(Code::UnknownException, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_is_read_whatever_its_prefixes() {
        let body = b"<se:Envelope xmlns:se='http://schemas.xmlsoap.org/soap/envelope/'><se:Header>\
            <SessionHeader><sessionId>00D!x</sessionId></SessionHeader><AllOrNoneHeader><allOrNone>true</allOrNone></AllOrNoneHeader>\
            </se:Header><se:Body><login xmlns='u'><username>a</username></login></se:Body></se:Envelope>";
        let request = read(body).unwrap();
        assert_eq!(request.call.name, "login");
        assert_eq!(request.call.text_of("username"), Some("a"));
        assert_eq!(
            (request.session.as_deref(), request.all_or_none),
            (Some("00D!x"), true)
        );
        for wrong in ["<a/>", "<Envelope/>", "<Envelope><Body/></Envelope>", "x"] {
            assert!(read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn faults_carry_the_literal_prefix() {
        let text = fault(&Refusal::new(Code::InvalidLogin, "Invalid <x>"));
        assert!(text.contains("<faultcode>sf:INVALID_LOGIN</faultcode><faultstring>INVALID_LOGIN: Invalid &lt;x&gt;</faultstring>"));
        assert!(text.contains("<sf:LoginFault xsi:type=\"sf:LoginFault\"><sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode>"));
        let text = fault(&Refusal::new(
            Code::MalformedQuery,
            "\nx\n^\nERROR at Row:1:Column:8\nno",
        ));
        assert!(text.contains("<sf:row>1</sf:row><sf:column>8</sf:column>"));
    }
}
