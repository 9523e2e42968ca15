//! Faults (rest-api.md 10, form rules 5 to 7).

use model::{Code, Refusal};

use super::Api;
use crate::xml;

/// Why a whole call is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    kind: &'static str,
    code: &'static str,
    message: String,
    place: Option<(usize, usize)>,
}

impl Fault {
    /// The fault of a refusal. `place` is where in the query it was met.
    pub fn of(refusal: &Refusal, place: Option<(usize, usize)>) -> Self {
        Self {
            kind: kind(refusal.code),
            code: code(refusal.code),
            message: refusal.message.clone(),
            place,
        }
    }

    /// A password that may not be used.
    pub fn new_password(message: impl Into<String>) -> Self {
        Self {
            kind: "InvalidNewPasswordFault",
            code: "INVALID_NEW_PASSWORD",
            message: message.into(),
            place: None,
        }
    }

    /// The envelope.
    pub fn print(&self, api: Api) -> String {
        let (kind, code) = (self.kind, self.code);
        let mut message = String::with_capacity(self.message.len());
        xml::escape(&mut message, &self.message);
        let place = if has_place(kind) {
            self.place()
        } else {
            String::new()
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
             <soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
             xmlns:sf=\"{}\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
             <soapenv:Body><soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {message}</faultstring>\
             <detail><sf:{kind} xsi:type=\"sf:{kind}\"><sf:exceptionCode>{code}</sf:exceptionCode>\
             <sf:exceptionMessage>{message}</sf:exceptionMessage>{place}</sf:{kind}></detail></soapenv:Fault>\
             </soapenv:Body></soapenv:Envelope>",
            api.faults()
        )
    }

    /// -1 stands for no place.
    fn place(&self) -> String {
        let number = |n: usize| i64::try_from(n).unwrap_or(-1);
        let (row, column) = self
            .place
            .map_or((-1, -1), |(row, column)| (number(row), number(column)));
        format!("<sf:row>{row}</sf:row><sf:column>{column}</sf:column>")
    }
}

fn has_place(kind: &str) -> bool {
    matches!(
        kind,
        "InvalidFieldFault"
            | "InvalidSObjectFault"
            | "MalformedQueryFault"
            | "MalformedSearchFault"
    )
}

fn kind(code: Code) -> &'static str {
    match code {
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

/// Toolkits know the codes of ExceptionCode only; those that a fault cannot carry become the nearest.
fn code(code: Code) -> &'static str {
    use Code as C;
    match code {
        C::NotFound | C::EntityIsDeleted => "INVALID_ID_FIELD",
        C::InsufficientAccessOrReadonly | C::InsufficientAccessOnCrossReferenceEntity => {
            "INSUFFICIENT_ACCESS"
        }
        C::MethodNotAllowed | C::InvalidInput | C::InvalidArgument | C::UnsupportedMediaType => {
            "UNKNOWN_EXCEPTION"
        }
        other => other.as_str(),
    }
}

/// The refusal of an operation that is not served.
pub fn no_operation(name: &str, api: Api) -> Refusal {
    let message = format!(
        "No operation available for request {{{}}}{}",
        api.operations(),
        crate::json::clip(name)
    );
    Refusal::new(Code::UnknownException, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_carry_the_literal_prefix() {
        let text =
            Fault::of(&Refusal::new(Code::InvalidLogin, "Invalid <x>"), None).print(Api::Partner);
        assert!(text.contains("<faultcode>sf:INVALID_LOGIN</faultcode><faultstring>INVALID_LOGIN: Invalid &lt;x&gt;</faultstring>"));
        assert!(text.contains("<sf:LoginFault xsi:type=\"sf:LoginFault\"><sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode>"));
        assert!(!text.contains("<sf:row>"));
    }

    #[test]
    fn query_faults_say_where() {
        let refusal = Refusal::new(Code::MalformedQuery, "x");
        assert!(Fault::of(&refusal, Some((1, 8))).print(Api::Enterprise).contains(
            "<sf:exceptionMessage>x</sf:exceptionMessage><sf:row>1</sf:row><sf:column>8</sf:column></sf:MalformedQueryFault>"
        ));
        let text = Fault::of(&refusal, None).print(Api::Partner);
        assert!(text.contains("<sf:row>-1</sf:row><sf:column>-1</sf:column>"));
    }
}
