//! The SOAP operations: each needs a session; records are written, read and described.

use crate::house::{House, Reply};

const OPERATIONS: [&str; 24] = [
    "logout",
    "getUserInfo",
    "getServerTimestamp",
    "invalidateSessions",
    "setPassword",
    "create",
    "update",
    "upsert",
    "delete",
    "undelete",
    "query",
    "queryAll",
    "queryMore",
    "search",
    "retrieve",
    "getUpdated",
    "getDeleted",
    "describeGlobal",
    "describeSObject",
    "describeSObjects",
    "brew",
    "emptyRecycleBin",
    "describeLayout",
    "resetPassword",
];

async fn call(house: &House, session: &str, inside: &str) -> Reply {
    send(house, "u", session, "", inside).await
}

async fn send(house: &House, api: &str, session: &str, headers: &str, inside: &str) -> Reply {
    let text = format!(
        "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>\
         <e:Header><SessionHeader><sessionId>{session}</sessionId></SessionHeader>{headers}</e:Header><e:Body>{inside}</e:Body></e:Envelope>"
    );
    house
        .send(
            "POST",
            &format!("/services/Soap/{api}/64.0"),
            &[("Content-Type", "text/xml")],
            text.as_bytes(),
        )
        .await
}

fn between<'a>(text: &'a str, tag: &str) -> &'a str {
    text.split(&format!("<{tag}>"))
        .nth(1)
        .and_then(|t| t.split('<').next())
        .unwrap_or("")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_needs_a_session() {
    let house = House::open().await;
    for name in OPERATIONS {
        for session in ["", "x", "00D000000000001!x"] {
            let reply = call(&house, session, &format!("<{name}/>")).await;
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (500, "INVALID_SESSION_ID"),
                "{name}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn records_by_soap() {
    let house = House::open().await;
    let send = async |inside: &str| call(&house, &house.admin, inside).await.text();
    let made = send(
        "<create><sObjects><type>Case</type><Subject>soap</Subject><Origin>Web</Origin></sObjects>\
        <sObjects><type>Case</type><Nope>1</Nope></sObjects></create>",
    )
    .await;
    let id = between(&made, "id").to_owned();
    assert!(id.starts_with("500"), "{made}");
    assert!(made.contains("<statusCode>INVALID_FIELD</statusCode></errors><id xsi:nil=\"true\"/><success>false</success>"), "{made}");
    let changed = send(&format!("<update><sObjects><type>Case</type><fieldsToNull>Origin</fieldsToNull><Id>{id}</Id></sObjects></update>")).await;
    assert!(changed.contains("<success>true</success>"), "{changed}");
    let found = send(&format!("<query><queryString>SELECT Id, Origin, Owner.Name FROM Case WHERE Id = '{id}'</queryString></query>")).await;
    assert!(
        found.contains("<sf:Origin xsi:nil=\"true\"/><sf:Owner xsi:type=\"sf:sObject\">"),
        "{found}"
    );
    let read = send(&format!("<retrieve><fieldList>Id,Subject</fieldList><sObjectType>Case</sObjectType><ids>{id}</ids><ids>500000000000zzzAAA</ids></retrieve>")).await;
    assert!(
        read.contains("<sf:Subject>soap</sf:Subject>")
            && read.contains("<result xsi:nil=\"true\"/>"),
        "{read}"
    );
    let described =
        send("<describeSObjects><sObjectType>Case</sObjectType></describeSObjects>").await;
    assert!(described.contains("<keyPrefix>500</keyPrefix>"));
    assert!(
        send("<describeGlobal/>")
            .await
            .contains("<name>AgentWork</name>")
    );
    let gone = send(&format!("<delete><ids>{id}</ids><ids>x</ids></delete>")).await;
    assert!(
        gone.contains("<success>true</success>") && gone.contains("MALFORMED_ID"),
        "{gone}"
    );
    let tomorrow = house.org.now().plus_s(86_400).to_xml();
    let yesterday = house.org.now().plus_s(-86_400).to_xml();
    let window = format!(
        "<sObjectType>Case</sObjectType><startDate>{yesterday}</startDate><endDate>{tomorrow}</endDate>"
    );
    let deleted = send(&format!("<getDeleted>{window}</getDeleted>")).await;
    assert!(deleted.contains(&format!("<id>{id}</id>")), "{deleted}");
    assert!(
        !send(&format!("<getUpdated>{window}</getUpdated>"))
            .await
            .contains(&id)
    );
    assert!(
        send(&format!("<undelete><ids>{id}</ids></undelete>"))
            .await
            .contains("<success>true</success>")
    );
    for (inside, code) in [
        (
            "<create><sObjects><type>Nope</type></sObjects></create>",
            "INVALID_TYPE",
        ),
        (
            "<query><queryString>SELECT Nope FROM Case</queryString></query>",
            "INVALID_FIELD",
        ),
        (
            "<query><queryString>SELEC</queryString></query>",
            "MALFORMED_QUERY",
        ),
        (
            "<queryMore><queryLocator>x</queryLocator></queryMore>",
            "INVALID_QUERY_LOCATOR",
        ),
        ("<brew/>", "UNKNOWN_EXCEPTION"),
    ] {
        assert_eq!(
            call(&house, &house.admin, inside).await.code(),
            code,
            "{inside}"
        );
    }
    let many = "<ids>500000000000001</ids>".repeat(201);
    assert_eq!(
        call(&house, &house.admin, &format!("<delete>{many}</delete>"))
            .await
            .code(),
        "EXCEEDED_ID_LIMIT"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_changes_nothing_by_soap() {
    let house = House::open().await;
    let id = house
        .create("Case", serde_json::json!({"Subject": "kept"}))
        .await;
    for inside in [
        "<create><sObjects><type>Case</type><Subject>x</Subject></sObjects></create>".to_owned(),
        format!(
            "<update><sObjects><type>Case</type><Id>{id}</Id><Subject>x</Subject></sObjects></update>"
        ),
        format!("<delete><ids>{id}</ids></delete>"),
    ] {
        let reply = call(&house, &house.reader, &inside).await;
        assert!(
            reply.text().contains("<success>false</success>"),
            "{}",
            reply.text()
        );
    }
    let other =
        "<setPassword><userId>005000000000001</userId><password>12345678</password></setPassword>";
    assert_eq!(
        call(&house, &house.reader, other).await.code(),
        "INSUFFICIENT_ACCESS"
    );
    assert_eq!(house.count("Case").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recycle_bin_is_emptied_of_what_lies_in_it() {
    let house = House::open().await;
    let id = house
        .create("Case", serde_json::json!({"Subject": "bin"}))
        .await;
    let empty = format!("<emptyRecycleBin><ids>{id}</ids></emptyRecycleBin>");
    let alive = call(&house, &house.admin, &empty).await.text();
    assert!(
        alive.contains("<statusCode>INVALID_ID_FIELD</statusCode>"),
        "{alive}"
    );
    call(
        &house,
        &house.admin,
        &format!("<delete><ids>{id}</ids></delete>"),
    )
    .await;
    let gone = call(&house, &house.admin, &empty).await.text();
    assert!(gone.contains("<success>true</success>"), "{gone}");
    let back = format!("<undelete><ids>{id}</ids></undelete>");
    let back = call(&house, &house.admin, &back).await.text();
    assert!(
        back.contains("<statusCode>INVALID_CROSS_REFERENCE_KEY</statusCode>"),
        "{back}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_failure_undoes_all_where_the_header_says_so() {
    let house = House::open().await;
    let header =
        "<AllOrNoneHeader><allOrNone>true</allOrNone></AllOrNoneHeader><Unheard><of/></Unheard>";
    let long = "x".repeat(300);
    let inside = format!(
        "<create><sObjects><type>Case</type><Subject>a</Subject></sObjects>\
         <sObjects><type>Case</type><Subject>{long}</Subject></sObjects></create>"
    );
    let text = send(&house, "u", &house.admin, header, &inside)
        .await
        .text();
    assert!(
        text.contains("<statusCode>ALL_OR_NONE_OPERATION_ROLLED_BACK</statusCode>"),
        "{text}"
    );
    assert!(
        text.contains("<statusCode>STRING_TOO_LONG</statusCode>"),
        "{text}"
    );
    assert_eq!(house.count("Case").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_query_and_the_calls_of_the_day() {
    let house = House::open().await;
    let cases: String = (0..101)
        .map(|n| format!("<sObjects><type>Case</type><Subject>{n}</Subject></sObjects>"))
        .collect();
    for _ in 0..2 {
        call(&house, &house.admin, &format!("<create>{cases}</create>")).await;
    }
    let header = "<QueryOptions><batchSize>5</batchSize></QueryOptions>";
    let query = "<query><queryString>SELECT Id FROM Case</queryString></query>";
    let first = send(&house, "u", &house.admin, header, query).await.text();
    let used = |text: &str| between(text, "current").parse::<u64>().unwrap();
    assert_eq!(
        (between(&first, "done"), between(&first, "size")),
        ("false", "202")
    );
    assert_eq!(first.matches("<records").count(), 200);
    let more = format!(
        "<queryMore><queryLocator>{}</queryLocator></queryMore>",
        between(&first, "queryLocator")
    );
    let second = call(&house, &house.admin, &more).await.text();
    assert_eq!(
        (between(&second, "done"), second.matches("<records").count()),
        ("true", 2)
    );
    assert_eq!(used(&second), used(&first) + 1);
    assert_eq!(
        call(&house, &house.reader, &more).await.code(),
        "INVALID_QUERY_LOCATOR"
    );
    let bad = "<QueryOptions><batchSize>many</batchSize></QueryOptions>";
    assert_eq!(
        send(&house, "u", &house.admin, bad, query).await.code(),
        "INVALID_BATCH_SIZE"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_enterprise_api_has_records_of_a_type() {
    let house = House::open().await;
    let enterprise = async |inside: &str| send(&house, "c", &house.admin, "", inside).await;
    let made = enterprise(
        "<create><sObjects xsi:type='ens:Case'><Subject>typed</Subject></sObjects></create>",
    )
    .await
    .text();
    assert!(
        made.contains("xmlns=\"urn:enterprise.soap.sforce.com\""),
        "{made}"
    );
    let id = between(&made, "id").to_owned();
    let query = format!(
        "<query><queryString>SELECT Subject, Id, CaseNumber, Owner.Name FROM Case WHERE Id = '{id}'</queryString></query>"
    );
    let found = enterprise(&query).await.text();
    let want = format!("<records xsi:type=\"sf:Case\"><sf:Id>{id}</sf:Id><sf:CaseNumber>");
    assert!(
        found.contains(&want) && found.contains("<sf:Owner xsi:type=\"sf:Name\">"),
        "{found}"
    );
    let fault = enterprise("<query><queryString>SELECT Nope FROM Case</queryString></query>")
        .await
        .text();
    assert!(
        fault.contains("xmlns:sf=\"urn:fault.enterprise.soap.sforce.com\"")
            && fault.contains("<sf:row>1</sf:row><sf:column>8</sf:column></sf:InvalidFieldFault>"),
        "{fault}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_and_sessions() {
    let house = House::open().await;
    let admin = house.org.user(crate::house::ADMIN).unwrap().id;
    let short =
        format!("<setPassword><userId>{admin}</userId><password>short</password></setPassword>");
    let reply = call(&house, &house.admin, &short).await;
    assert_eq!(reply.code(), "INVALID_NEW_PASSWORD");
    assert!(reply.text().contains("<sf:InvalidNewPasswordFault "));
    let policy = node::SecurityPolicy {
        password_min_length: Some(20),
        daily_api_requests: Some(777),
        ..node::SecurityPolicy::default()
    };
    house.org.put_policy(admin, &policy).await.unwrap();
    let reply = call(
        &house,
        &house.admin,
        &short.replace("short", "nineteen characters"),
    )
    .await;
    assert_eq!(reply.code(), "INVALID_NEW_PASSWORD", "the rule of the org");
    let text = call(&house, &house.admin, "<getServerTimestamp/>")
        .await
        .text();
    assert_eq!(between(&text, "limit"), "777");
    let reset = format!("<resetPassword><userId>{admin}</userId></resetPassword>");
    let text = call(&house, &house.admin, &reset).await.text();
    let login = format!(
        "<login><username>{}</username><password>{}</password></login>",
        crate::house::ADMIN,
        between(&text, "password")
    );
    let session = call(&house, "", &login).await.text();
    let session = between(&session, "sessionId").to_owned();
    let known = house.org.session_info(&session).unwrap();
    assert_eq!(
        (known.kind.as_str(), known.from.as_str()),
        ("Other Apex API", "127.0.0.1")
    );
    let end = format!(
        "<invalidateSessions><sessionIds>{session}</sessionIds><sessionIds>x</sessionIds></invalidateSessions>"
    );
    let foreign = call(&house, &house.reader, &end).await.text();
    assert!(!foreign.contains("<success>true"), "{foreign}");
    let ended = call(&house, &house.admin, &end).await.text();
    assert!(
        ended.contains("<result><success>true</success></result><result><errors>"),
        "{ended}"
    );
    assert_eq!(
        call(&house, &session, "<getUserInfo/>").await.code(),
        "INVALID_SESSION_ID"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wsdl_names_this_server_and_shows_what_the_caller_sees() {
    let house = House::open().await;
    let plain = async |path: &str| house.send("GET", path, &[], b"").await;
    for (path, address) in [
        ("/services/wsdl/partner", "/services/Soap/u/66.0"),
        ("/services/Soap/u/58.0?wsdl", "/services/Soap/u/58.0"),
        ("/soap/wsdl.jsp", "/services/Soap/u/66.0"),
    ] {
        let reply = plain(path).await;
        let want = format!("location=\"http://{}{address}\"", house.address);
        assert!(
            reply.status == 200 && reply.text().contains(&want),
            "{path}: {}",
            reply.text()
        );
    }
    for path in [
        "/services/wsdl/enterprise",
        "/services/Soap/c/64.0?wsdl",
        "/soap/wsdl.jsp?type=*",
    ] {
        assert_eq!(plain(path).await.status, 401, "{path}");
        let text = house.get(path).await.text();
        assert!(text.contains("<complexType name=\"AgentWork\">"), "{path}");
    }
    assert_eq!(plain("/services/Soap/u/64.0").await.status, 405);
    assert_eq!(plain("/services/Soap/u/1.0?wsdl").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_envelopes_end_soon() {
    let house = House::open().await;
    let wrap = |inside: &str| format!("<Envelope><Body><query>{inside}</query></Body></Envelope>");
    let start = std::time::Instant::now();
    let names: String = (0..200_000).map(|n| format!(" a{n}=''")).collect();
    for body in [
        wrap(&"<a>".repeat(200_000)).into_bytes(),
        wrap(&"<a/>".repeat(1_000_000)).into_bytes(),
        format!("<Envelope{names}/>").into_bytes(),
        b"<!DOCTYPE a [<!ENTITY x 'y'>]><Envelope>&x;</Envelope>".to_vec(),
        b"<?xml version='1.0' encoding='UTF-16'?><Envelope/>".to_vec(),
        [b"\xff\xfe", &wrap("").into_bytes()[..]].concat(),
    ] {
        let headers = [("Content-Type", "text/xml")];
        let reply = house
            .send("POST", "/services/Soap/u/64.0", &headers, &body)
            .await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (500, "UNKNOWN_EXCEPTION")
        );
    }
    assert!(start.elapsed().as_secs() < 10);
}
