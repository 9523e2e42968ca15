//! The Bulk APIs through the whole porch: dialects, results, pages, big uploads, both versions.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::house::{House, Reply};

const PATIENCE: Duration = Duration::from_secs(30);
const INGEST: &str = "/services/data/v64.0/jobs/ingest";
const QUERY: &str = "/services/data/v64.0/jobs/query";

struct Bulk {
    house: House,
    bearer: String,
}

impl Bulk {
    async fn open() -> Self {
        let house = House::open().await;
        let bearer = format!("Bearer {}", house.admin);
        Self { house, bearer }
    }

    async fn send(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> Reply {
        let headers = [
            ("Authorization", self.bearer.as_str()),
            ("Content-Type", kind),
        ];
        self.house.send(method, path, &headers, body).await
    }

    async fn json(&self, method: &str, path: &str, body: Json) -> Reply {
        self.send(
            method,
            path,
            "application/json",
            body.to_string().as_bytes(),
        )
        .await
    }

    async fn create(&self, body: Json) -> String {
        let made = self.json("POST", INGEST, body).await;
        assert_eq!(made.status, 200, "{}", made.text());
        made.json()["id"].as_str().unwrap().to_owned()
    }

    async fn put(&self, job: &str, body: &[u8]) -> Reply {
        self.send("PUT", &format!("{INGEST}/{job}/batches"), "text/csv", body)
            .await
    }

    async fn state(&self, job: &str, state: &str) -> Reply {
        self.json(
            "PATCH",
            &format!("{INGEST}/{job}"),
            json!({ "state": state }),
        )
        .await
    }

    async fn done(&self, path: &str) -> Json {
        let end = Instant::now() + PATIENCE;
        loop {
            let job = self.house.get(path).await.json();
            if ["JobComplete", "Failed", "Aborted"]
                .contains(&job["state"].as_str().unwrap_or_default())
            {
                return job;
            }
            assert!(Instant::now() < end, "{job}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// A whole load; the job at its end and its id.
    async fn load(&self, job: Json, csv: &[u8]) -> (Json, String) {
        let id = self.create(job).await;
        let put = self.put(&id, csv).await;
        assert_eq!((put.status, put.body.len()), (201, 0), "{}", put.text());
        assert_eq!(self.state(&id, "UploadComplete").await.status, 200);
        (self.done(&format!("{INGEST}/{id}")).await, id)
    }

    async fn results(&self, job: &str, which: &str) -> String {
        let reply = self.house.get(&format!("{INGEST}/{job}/{which}")).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.text()
    }

    /// A query job that is done; its path.
    async fn query(&self, soql: &str) -> String {
        let made = self
            .json(
                "POST",
                QUERY,
                json!({ "operation": "query", "query": soql }),
            )
            .await;
        assert_eq!(made.status, 200, "{}", made.text());
        let path = format!("{QUERY}/{}", made.json()["id"].as_str().unwrap());
        let job = self.done(&path).await;
        assert_eq!(job["state"], "JobComplete", "{job}");
        path
    }
}

/// A body of chunks, without the sizes between them.
fn cells(csv: &str, delimiter: char) -> Vec<Vec<String>> {
    let line = |l: &str| {
        l.split(delimiter)
            .map(|c| c.trim_matches('"').to_owned())
            .collect()
    };
    csv.lines().map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_dialect_is_read_and_answered_in_kind() {
    let bulk = Bulk::open().await;
    for (name, d) in [
        ("COMMA", ','),
        ("SEMICOLON", ';'),
        ("TAB", '\t'),
        ("PIPE", '|'),
        ("CARET", '^'),
        ("BACKQUOTE", '`'),
    ] {
        for (ending, end) in [("LF", "\n"), ("CRLF", "\r\n")] {
            let job = json!({"object": "Case", "operation": "insert", "columnDelimiter": name, "lineEnding": ending});
            let csv = format!(
                "\u{feff}Subject{d}Origin{end}\"{name} \"\"{d}\"\"\"{d}Web{end}{d}Phone{end}{}{d}{end}",
                "x".repeat(256)
            );
            let (job, id) = bulk.load(job, csv.as_bytes()).await;
            assert_eq!(
                (&job["numberRecordsProcessed"], &job["numberRecordsFailed"]),
                (&json!(3), &json!(1)),
                "{job}"
            );
            assert_eq!(
                (&job["state"], &job["jobType"]),
                (&json!("JobComplete"), &json!("V2Ingest"))
            );
            let good = bulk.results(&id, "successfulResults").await;
            assert!(
                good.contains(&format!("\"{name} \"\"{d}\"\"\"{d}\"Web\"{end}")),
                "{good}"
            );
            let bad = cells(&bulk.results(&id, "FAILEDresults").await, d);
            assert_eq!(bad[0], ["sf__Id", "sf__Error", "Subject", "Origin"]);
            assert!(
                bad[1][1].starts_with("STRING_TOO_LONG:") && bad[1][1].ends_with(":Subject --"),
                "{bad:?}"
            );
            let left = bulk.results(&id, "unprocessedrecords").await;
            assert_eq!(left.lines().count(), 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn loads_that_cannot_begin_fail_and_say_why() {
    let bulk = Bulk::open().await;
    for (csv, ending, why) in [
        (
            "Nope\nx\n",
            "LF",
            "InvalidBatch : Field name not found : Nope",
        ),
        (
            "Subject\r\nx\r\n",
            "LF",
            "LineEnding is invalid on user data",
        ),
        ("Subject\nx\n", "CRLF", "LineEnding is invalid on user data"),
        ("", "LF", "no header"),
        ("Subject\n\"x", "LF", "does not end"),
    ] {
        let (job, id) = bulk
            .load(
                json!({"object": "Case", "operation": "insert", "lineEnding": ending}),
                csv.as_bytes(),
            )
            .await;
        assert_eq!(job["state"], "Failed", "{csv:?} {job}");
        assert!(
            job["errorMessage"].as_str().unwrap().contains(why),
            "{csv:?} {job}"
        );
        bulk.results(&id, "unprocessedRecords").await;
    }
    for (body, code) in [
        (
            json!({"object": "Nope", "operation": "insert"}),
            "INVALIDENTITY",
        ),
        (
            json!({"object": "Case", "operation": "query"}),
            "INVALIDOPERATION",
        ),
        (
            json!({"object": "Case", "operation": "upsert", "externalIdFieldName": "Subject"}),
            "INVALIDFIELD",
        ),
        (
            json!({"object": "UserServicePresence", "operation": "insert"}),
            "INVALIDOPERATION",
        ),
    ] {
        let reply = bulk.json("POST", INGEST, body).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, code),
            "{}",
            reply.text()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_changed_only_as_its_state_allows() {
    let bulk = Bulk::open().await;
    let id = bulk
        .create(json!({"object": "Case", "operation": "insert"}))
        .await;
    assert_eq!(
        bulk.state(&id, "UploadComplete").await.code(),
        "INVALIDJOBSTATE"
    );
    assert_eq!(
        bulk.state(&id, "JobComplete").await.code(),
        "INVALIDJOBSTATE"
    );
    let path = format!("{INGEST}/{id}");
    assert_eq!(
        bulk.send("DELETE", &path, "", b"").await.code(),
        "INVALIDJOBSTATE"
    );
    let wrong = bulk
        .send("PUT", &format!("{path}/batches"), "application/json", b"{}")
        .await;
    assert_eq!(wrong.status, 415);
    assert_eq!(bulk.put(&id, b"Subject\nx\n").await.status, 201);
    assert_eq!(
        bulk.put(&id, b"Subject\nx\n").await.code(),
        "INVALIDJOBSTATE"
    );
    assert_eq!(bulk.state(&id, "Aborted").await.json()["state"], "Aborted");
    assert_eq!(
        bulk.state(&id, "UploadComplete").await.code(),
        "INVALIDJOBSTATE"
    );
    let left = bulk.results(&id, "unprocessedRecords").await;
    assert_eq!(left, "\"Subject\"\n\"x\"\n");
    let listed = bulk.house.get(INGEST).await.json();
    assert_eq!(
        (&listed["done"], &listed["records"][0]["id"]),
        (&json!(true), &json!(id))
    );
    assert_eq!(bulk.send("DELETE", &path, "", b"").await.status, 204);
    assert_eq!(bulk.house.get(&path).await.code(), "NOT_FOUND");
    let other = bulk
        .create(json!({"object": "Case", "operation": "insert"}))
        .await;
    for session in [&bulk.house.foreigner, &bulk.house.reader] {
        let bearer = format!("Bearer {session}");
        let reply = bulk
            .house
            .send(
                "GET",
                &format!("{INGEST}/{other}"),
                &[("Authorization", &bearer)],
                b"",
            )
            .await;
        assert_eq!(reply.status, 404);
    }
    assert_eq!(
        bulk.house.get(&format!("{QUERY}/{other}")).await.status,
        404
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_found_by_keys_of_their_own_and_of_their_parents() {
    let bulk = Bulk::open().await;
    let contacts = b"Email,LastName\na@x.example,A\nb@x.example,B\n";
    let upsert =
        json!({"object": "Contact", "operation": "upsert", "externalIdFieldName": "email"});
    let (job, _) = bulk.load(upsert.clone(), contacts).await;
    assert_eq!(job["numberRecordsFailed"], 0, "{job}");
    let (job, id) = bulk
        .load(
            upsert,
            b"Email,Title\nA@x.example,#N/A\n,x\nc@x.example,x\n",
        )
        .await;
    assert_eq!(
        (&job["numberRecordsProcessed"], &job["numberRecordsFailed"]),
        (&json!(3), &json!(2))
    );
    assert!(
        bulk.results(&id, "successfulResults")
            .await
            .contains("\"false\",\"A@x.example\",\"#N/A\"")
    );
    let csv = b"Subject,Contact.Email\none,B@x.example\ntwo,nobody@x.example\nthree,#N/A\nfour,\n";
    let (_, id) = bulk
        .load(json!({"object": "Case", "operation": "insert"}), csv)
        .await;
    let bad = bulk.results(&id, "failedResults").await;
    assert!(
        bad.contains("INVALID_FIELD:Foreign key external ID: nobody@x.example not found"),
        "{bad}"
    );
    let path = bulk
        .query("SELECT Subject, Contact.Email FROM Case WHERE ContactId != null")
        .await;
    let rows = bulk.house.get(&format!("{path}/results")).await.text();
    assert_eq!(
        rows,
        "\"Subject\",\"Contact.Email\"\n\"one\",\"b@x.example\"\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_read_in_pages() {
    let bulk = Bulk::open().await;
    let rows: String = (0..450).map(|n| format!("row {n:03}\n")).collect();
    bulk.load(
        json!({"object": "Case", "operation": "insert"}),
        format!("Subject\n{rows}").as_bytes(),
    )
    .await;
    let path = bulk.query("SELECT Subject FROM Case").await;
    let (mut locator, mut found, mut pages) = (String::new(), String::new(), 0);
    while locator != "null" {
        let reply = bulk
            .house
            .get(&format!(
                "{path}/results?maxRecords=200{}",
                locator_of(&locator)
            ))
            .await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let text = reply.text();
        let (header, rest) = text.split_once('\n').unwrap();
        assert_eq!(header, "\"Subject\"");
        assert_eq!(
            header_of(&reply, "sforce-numberofrecords"),
            rest.lines().count().to_string()
        );
        found.push_str(&rest.replace('"', ""));
        locator = header_of(&reply, "sforce-locator");
        pages += 1;
    }
    assert_eq!((found, pages), (rows, 3));
    assert_eq!(
        bulk.house
            .get(&format!("{path}/results?locator=x!"))
            .await
            .code(),
        "INVALID_QUERY_LOCATOR"
    );
    let bad = bulk
        .json(
            "POST",
            QUERY,
            json!({"operation": "query", "query": "SELECT Nope FROM Case"}),
        )
        .await;
    assert_eq!((bad.status, bad.code().as_str()), (400, "INVALIDFIELD"));
    assert_eq!(bulk.send("DELETE", &path, "", b"").await.status, 204);
}

fn locator_of(locator: &str) -> String {
    if locator.is_empty() {
        String::new()
    } else {
        format!("&locator={locator}")
    }
}

fn header_of(reply: &Reply, name: &str) -> String {
    let line = reply
        .head
        .lines()
        .find(|l| l.to_ascii_lowercase().starts_with(&format!("{name}:")));
    line.and_then(|l| l.split_once(':'))
        .map(|(_, v)| v.trim().to_owned())
        .unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn packed_uploads_are_unpacked_and_bounded() {
    use std::io::Write as _;
    let bulk = Bulk::open().await;
    let pack = |bytes: &[u8]| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    };
    let id = bulk
        .create(json!({"object": "Case", "operation": "insert"}))
        .await;
    let path = format!("{INGEST}/{id}/batches");
    let headers = [
        ("Authorization", bulk.bearer.as_str()),
        ("Content-Type", "text/csv"),
        ("Content-Encoding", "gzip"),
    ];
    let bomb = pack(&vec![b'x'; 151 << 20]);
    let reply = bulk.house.send("PUT", &path, &headers, &bomb).await;
    assert_eq!(reply.status, 413, "{}", reply.text());
    let reply = bulk.house.send("PUT", &path, &headers, b"no gzip").await;
    assert_eq!(reply.status, 400, "{}", reply.text());
    let reply = bulk
        .house
        .send("PUT", &path, &headers, &pack(b"Subject\npacked\n"))
        .await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    bulk.state(&id, "UploadComplete").await;
    assert_eq!(
        bulk.done(&format!("{INGEST}/{id}")).await["numberRecordsProcessed"],
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_and_its_rows_in_one_request() {
    let bulk = Bulk::open().await;
    let body = "--B\r\nContent-Disposition: form-data; name=\"job\"\r\n\r\n\
        {\"object\":\"Case\",\"operation\":\"insert\"}\r\n\
        --B\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\nSubject\none\ntwo\n\r\n--B--\r\n";
    let made = bulk
        .send(
            "POST",
            INGEST,
            "multipart/form-data; boundary=B",
            body.as_bytes(),
        )
        .await;
    assert_eq!(made.status, 200, "{}", made.text());
    let path = format!("{INGEST}/{}", made.json()["id"].as_str().unwrap());
    assert_eq!(bulk.done(&path).await["numberRecordsProcessed"], 2);
    assert_eq!(
        bulk.send("POST", INGEST, "multipart/form-data", b"x")
            .await
            .status,
        400
    );
    assert_eq!(
        bulk.send("POST", INGEST, "text/csv", b"x").await.status,
        415
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_point_zero_in_all_notations() {
    let bulk = Bulk::open().await;
    let base = "/services/async/64.0/job";
    let session = bulk.house.admin.clone();
    let call = async |method: &str, path: String, kind: &str, body: String| {
        let headers = [("x-sfdc-SESSION", session.as_str()), ("Content-Type", kind)];
        bulk.house
            .send(method, &path, &headers, body.as_bytes())
            .await
    };
    for (content, kind, rows, good) in [
        (
            "CSV",
            "text/csv",
            "Subject\nfine\n".to_owned() + &"x".repeat(256) + "\n",
            "\"true\",\"true\",\"\"",
        ),
        (
            "JSON",
            "application/json",
            json!([{"Subject": "fine"}, {"Subject": "x".repeat(256)}]).to_string(),
            "\"success\":true",
        ),
        (
            "XML",
            "application/xml",
            format!(
                "<sObjects><sObject><Subject>fine</Subject></sObject><sObject><Subject>{}</Subject></sObject></sObjects>",
                "x".repeat(256)
            ),
            "<success>true</success>",
        ),
    ] {
        let info = json!({"operation": "insert", "object": "Case", "contentType": content});
        let made = call(
            "POST",
            base.to_owned(),
            "application/json",
            info.to_string(),
        )
        .await;
        assert_eq!(
            (made.status, header_of(&made, "content-type").as_str()),
            (201, "application/json")
        );
        let job = made.json()["id"].as_str().unwrap().to_owned();
        let made = call("POST", format!("{base}/{job}/batch"), kind, rows.clone()).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let batches = call(
            "GET",
            format!("{base}/{job}/batch"),
            "application/json",
            String::new(),
        )
        .await
        .json();
        let batch = batches["batchInfo"][0]["id"].as_str().unwrap().to_owned();
        let at = format!("{base}/{job}/batch/{batch}");
        let end = Instant::now() + PATIENCE;
        let info = loop {
            let info = call("GET", at.clone(), "application/json", String::new())
                .await
                .json();
            if info["state"] == "Completed" || info["state"] == "Failed" {
                break info;
            }
            assert!(Instant::now() < end, "{info}");
        };
        assert_eq!(
            (
                &info["state"],
                &info["numberRecordsProcessed"],
                &info["numberRecordsFailed"]
            ),
            (&json!("Completed"), &json!(2), &json!(1))
        );
        let result = call("GET", format!("{at}/result"), kind, String::new()).await;
        assert_eq!(header_of(&result, "content-type"), kind);
        assert!(
            result.text().contains(good) && result.text().contains("STRING_TOO_LONG"),
            "{}",
            result.text()
        );
        let request = call("GET", format!("{at}/request"), kind, String::new()).await;
        assert_eq!(request.text(), rows);
        let closed = "<jobInfo xmlns=\"u\"><state>Closed</state></jobInfo>".to_owned();
        let closed = call("POST", format!("{base}/{job}"), "application/xml", closed).await;
        assert!(
            closed.text().contains("<state>Closed</state>"),
            "{}",
            closed.text()
        );
        let late = call("POST", format!("{base}/{job}/batch"), kind, rows).await;
        assert!(
            late.status == 400 && late.text().contains("InvalidJobState"),
            "{}",
            late.text()
        );
    }
    let stranger = bulk
        .house
        .send("GET", base, &[("X-SFDC-Session", "x!y")], b"")
        .await;
    assert_eq!(stranger.status, 405);
    let stranger = bulk
        .house
        .send("POST", base, &[("X-SFDC-Session", "x!y")], b"")
        .await;
    assert!(
        stranger.status == 400
            && stranger
                .text()
                .contains("<exceptionCode>InvalidSessionId</exceptionCode>"),
        "{}",
        stranger.text()
    );
}
