//! The SOAP operations: each needs a session; records are written, read and described.

use crate::house::{House, Reply};

const OPERATIONS: [&str; 22] = [
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
];

async fn call(house: &House, session: &str, inside: &str) -> Reply {
    let text = format!(
        "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>\
         <e:Header><SessionHeader><sessionId>{session}</sessionId></SessionHeader></e:Header><e:Body>{inside}</e:Body></e:Envelope>"
    );
    house
        .send(
            "POST",
            "/services/Soap/u/64.0",
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
