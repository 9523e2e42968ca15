//! login, logout, getUserInfo, getServerTimestamp: elements in the order of the WSDL.

use model::{Millis, RecordId};

use crate::xml;

/// What an answer says about the user.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct UserInfo<'a> {
    pub org: RecordId,
    pub org_name: &'a str,
    pub user: RecordId,
    pub profile: Option<RecordId>,
    pub role: Option<RecordId>,
    pub username: &'a str,
    pub name: &'a str,
    pub email: &'a str,
    pub time_zone: &'a str,
    pub language: &'a str,
    pub locale: &'a str,
    /// Sliding life of the session.
    pub session_s: i64,
}

fn id_or_nil(out: &mut String, name: &str, id: Option<RecordId>) {
    match id {
        Some(id) => xml::leaf(out, name, &id.to_string()),
        None => nil(out, name),
    }
}

/// `<name xsi:nil="true"/>`.
pub fn nil(out: &mut String, name: &str) {
    out.push('<');
    out.push_str(name);
    out.push_str(" xsi:nil=\"true\"/>");
}

impl UserInfo<'_> {
    /// The elements of GetUserInfoResult.
    pub fn print(&self, out: &mut String) {
        xml::leaf(out, "accessibilityMode", "false");
        xml::leaf(out, "chatterExternal", "false");
        xml::leaf(out, "currencySymbol", "$");
        xml::leaf(out, "orgAttachmentFileSizeLimit", "5242880");
        xml::leaf(out, "orgDefaultCurrencyIsoCode", "USD");
        xml::leaf(out, "orgDefaultCurrencyLocale", "en_US");
        xml::leaf(out, "orgDisallowHtmlAttachments", "false");
        xml::leaf(out, "orgHasPersonAccounts", "false");
        xml::leaf(out, "organizationId", &self.org.to_string());
        xml::leaf(out, "organizationMultiCurrency", "false");
        xml::leaf(out, "organizationName", self.org_name);
        id_or_nil(out, "profileId", self.profile); // nil for the org's own user only, who cannot log in
        id_or_nil(out, "roleId", self.role);
        xml::leaf(out, "sessionSecondsValid", &self.session_s.to_string());
        nil(out, "userDefaultCurrencyIsoCode");
        xml::leaf(out, "userEmail", self.email);
        xml::leaf(out, "userFullName", self.name);
        xml::leaf(out, "userId", &self.user.to_string());
        xml::leaf(out, "userLanguage", self.language);
        xml::leaf(out, "userLocale", self.locale);
        xml::leaf(out, "userName", self.username);
        xml::leaf(out, "userTimeZone", self.time_zone);
        xml::leaf(out, "userType", "Standard");
        xml::leaf(out, "userUiSkin", "Theme3");
    }
}

/// What login answers beside the user.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Login<'a> {
    pub instance_url: &'a str,
    /// Path part of the request, `/services/Soap/u/64.0`.
    pub path: &'a str,
    pub session: &'a str,
    pub user: UserInfo<'a>,
}

impl Login<'_> {
    /// The inside of loginResponse.
    pub fn print(&self) -> String {
        let org = self.user.org.as_15();
        let metadata = self
            .path
            .replacen("/u/", "/m/", 1)
            .replacen("/c/", "/m/", 1);
        let mut out = String::from("<result>");
        xml::leaf(
            &mut out,
            "metadataServerUrl",
            &format!("{}{metadata}/{org}", self.instance_url),
        );
        xml::leaf(&mut out, "passwordExpired", "false");
        xml::leaf(&mut out, "sandbox", "false");
        xml::leaf(
            &mut out,
            "serverUrl",
            &format!("{}{}/{org}", self.instance_url, self.path),
        );
        xml::leaf(&mut out, "sessionId", self.session);
        xml::leaf(&mut out, "userId", &self.user.user.to_string());
        out.push_str("<userInfo>");
        self.user.print(&mut out);
        out.push_str("</userInfo></result>");
        out
    }
}

/// The inside of getUserInfoResponse.
pub fn user_info(user: &UserInfo<'_>) -> String {
    let mut out = String::from("<result>");
    user.print(&mut out);
    out.push_str("</result>");
    out
}

/// The inside of resetPasswordResponse.
pub fn password(password: &str) -> String {
    let mut out = String::from("<result>");
    xml::leaf(&mut out, "password", password);
    out.push_str("</result>");
    out
}

/// The inside of getServerTimestampResponse.
pub fn timestamp(now: Millis) -> String {
    format!("<result><timestamp>{}</timestamp></result>", now.to_xml())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::KeyPrefix;

    #[test]
    fn login_has_the_literal_tags_that_clients_look_for() {
        let user = UserInfo {
            org: RecordId::new(KeyPrefix::of("00D"), 1),
            org_name: "A & B",
            user: RecordId::new(KeyPrefix::of("005"), 1),
            profile: None,
            role: None,
            username: "a@b",
            name: "Ann",
            email: "a@b",
            time_zone: "UTC",
            language: "en_US",
            locale: "en_US",
            session_s: 7200,
        };
        let login = Login {
            instance_url: "http://h:1",
            path: "/services/Soap/u/64.0",
            session: "00D!t",
            user,
        };
        let text = login.print();
        for part in [
            "<metadataServerUrl>http://h:1/services/Soap/m/64.0/00D000000000001</metadataServerUrl>",
            "<serverUrl>http://h:1/services/Soap/u/64.0/00D000000000001</serverUrl><sessionId>00D!t</sessionId>\
             <userId>005000000000001AAA</userId><userInfo>",
            "<organizationName>A &amp; B</organizationName><profileId xsi:nil=\"true\"/>",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
