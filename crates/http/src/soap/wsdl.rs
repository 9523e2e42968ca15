//! The WSDL of both APIs, at the platform's addresses.
//!
//! The partner WSDL says nothing of an org and is open. The enterprise WSDL shows objects and fields, so it needs
//! a session and shows what that user sees.

use model::{Code, Refusal};
use wire::rest::entry::{NEWEST, served};
use wire::soap::{Api, wsdl};

use crate::answer::{Answer, Fault, Outcome};
use crate::call::{Call, bearer};
use crate::reads::Shown;

fn address(call: &Call, api: Api, version: u32) -> String {
    format!(
        "{}/services/Soap/{}/{version}.0",
        call.instance_url,
        api.letter()
    )
}

fn partner_of(call: &Call, version: u32) -> Answer {
    call.xml(wsdl::partner(&address(call, Api::Partner, version)))
}

fn enterprise_of(call: &Call, version: u32) -> Outcome {
    let session = call.porch.session(bearer(&call.parts.headers)?, version)?;
    let address = address(call, Api::Enterprise, version);
    let shown = Shown(&session.caller.rights);
    Ok(call.xml(wsdl::enterprise(
        &session.org.catalogue(),
        &shown,
        version,
        &address,
    )))
}

/// GET /services/wsdl/partner.
pub async fn partner(call: Call) -> Outcome {
    Ok(partner_of(&call, NEWEST))
}

/// GET /services/wsdl/enterprise.
pub async fn enterprise(call: Call) -> Outcome {
    enterprise_of(&call, NEWEST)
}

/// GET /soap/wsdl.jsp: partner, or enterprise with `type=*`.
pub async fn jsp(call: Call) -> Outcome {
    if call.query().filled("type").is_some() {
        enterprise_of(&call, NEWEST)
    } else {
        Ok(partner_of(&call, NEWEST))
    }
}

/// The version of an address that is asked for its WSDL.
fn asked(call: &Call) -> Result<u32, Fault> {
    let query = call.parts.uri.query().unwrap_or("");
    if !query.eq_ignore_ascii_case("wsdl") {
        let message = "HTTP Method 'GET' not allowed. Allowed are POST";
        return Err(Refusal::new(Code::MethodNotAllowed, message).into());
    }
    served(call.param("soap")).ok_or_else(Fault::not_found)
}

/// GET /services/Soap/u/NN.0?wsdl.
pub async fn partner_at(call: Call) -> Outcome {
    Ok(partner_of(&call, asked(&call)?))
}

/// GET /services/Soap/c/NN.0?wsdl.
pub async fn enterprise_at(call: Call) -> Outcome {
    let version = asked(&call)?;
    enterprise_of(&call, version)
}
