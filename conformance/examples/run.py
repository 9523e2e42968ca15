"""Conformance run: the example programs of Python clients' own documentation, against a Trunkline server.

Each check is one program as the package describes it (simple-salesforce and salesforce-bulk: the description that
is installed with the package), with our record values where the text has placeholders. The libraries are the
published ones. simple-salesforce writes https:// into every URL; an adapter of requests sends those to BASE_URL.

Environment: BASE_URL, USERNAME, PASSWORD, CLIENT_ID, CLIENT_SECRET; ONLY, a regular expression on check names.
Every check prints "ok NAME" or "not ok NAME: why"; the last line is "N passed, N failed"; exit 1 on failure.
"""
import datetime
import json
import os
import re
import sys
import tempfile
import time
import urllib.parse

import requests
import unicodecsv
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from requests.adapters import HTTPAdapter
from salesforce_bulk import CsvDictsAdapter, SalesforceBulk
from salesforce_bulk.util import IteratorBytesIO
from simple_salesforce import Salesforce, SalesforceLogin, format_soql
from simple_salesforce.exceptions import SalesforceAuthenticationFailed
from simple_salesforce.format import format_external_id

BASE = os.environ["BASE_URL"].rstrip("/")
USER, PASSWORD = os.environ["USERNAME"], os.environ["PASSWORD"]
CLIENT_ID, CLIENT_SECRET = os.environ.get("CLIENT_ID"), os.environ.get("CLIENT_SECRET")
ONLY = re.compile(os.environ.get("ONLY", ""))
UTC = datetime.timezone.utc
TAG = "ex" + format(int(time.time() * 1000), "x")
checks = []


class Loopback(HTTPAdapter):
    """Sends every https request to BASE_URL."""

    def send(self, request, **kwargs):
        asked, base = urllib.parse.urlsplit(request.url), urllib.parse.urlsplit(BASE)
        request.url = urllib.parse.urlunsplit((base.scheme, base.netloc, asked.path, asked.query, ""))
        kwargs["timeout"] = kwargs.get("timeout") or 30
        return super().send(request, **kwargs)


def session():
    s = requests.Session()
    s.trust_env = False
    s.mount("https://", Loopback())
    return s


def check(name):
    def register(fn):
        checks.append((name, fn))
        return fn
    return register


def eq(got, want, what=""):
    if got != want:
        raise AssertionError(f"{what}: got {str(got)[:300]}, want {str(want)[:300]}")


def login(**more):
    return Salesforce(username=USER, password=PASSWORD, security_token="", session=session(), **more)


def setup(path, method="GET", **body):
    headers = {"Authorization": f"Bearer {login().session_id}"}
    answer = requests.request(method, f"{BASE}/services/omni/v1/setup/{path}", headers=headers, json=body or None, timeout=30)
    if not answer.ok:
        raise AssertionError(f"{method} setup/{path}: {answer.status_code} {answer.text[:300]}")
    return answer.json() if answer.text else None


# ---------------------------------------------------------------- simple-salesforce: ways in
@check("simple-salesforce: instance and session id")
def _():
    known = login()
    sf = Salesforce(instance=known.sf_instance, session_id=known.session_id, session=session())
    eq(sf.query("SELECT Id FROM Organization")["totalSize"], 1)
    sf = Salesforce(instance_url=f"https://{known.sf_instance}", session_id=known.session_id, session=session())
    eq(sf.query("SELECT Id FROM Organization")["totalSize"], 1)


@check("simple-salesforce: security token, client id and domain")
def _():
    sf = login(client_id="My App", domain="test")
    eq(sf.query("SELECT Id FROM Organization")["totalSize"], 1)
    session_id, instance = SalesforceLogin(username=USER, password=PASSWORD, security_token="", session=session())
    eq(Salesforce(instance=instance, session_id=session_id, session=session()).is_sandbox(), False, "is_sandbox")


@check("simple-salesforce: connected app with user name and with client credentials")
def _():
    sf = Salesforce(username=USER, password=PASSWORD, consumer_key=CLIENT_ID, consumer_secret=CLIENT_SECRET, session=session())
    eq(sf.query("SELECT Id FROM Organization")["totalSize"], 1)
    sf = Salesforce(consumer_key=CLIENT_ID, consumer_secret=CLIENT_SECRET, domain="organization.my", session=session())
    eq(sf.query("SELECT Id FROM Organization")["totalSize"], 1)


def signer():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, TAG)])
    now = datetime.datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(1))
    form = serialization.Encoding.PEM
    secret = key.private_bytes(form, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return secret, made.sign(key, hashes.SHA256()).public_bytes(form).decode()


@check("simple-salesforce: JWT bearer with a private key")
def _():
    secret, certificate = signer()
    grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    app = setup("apps", "POST", name=TAG, grants=[grant], certificate=certificate, isPreauthorized=True)
    key = app["clientId"]
    with tempfile.NamedTemporaryFile(suffix=".key") as file:
        file.write(secret)
        file.flush()
        sf = Salesforce(username=USER, consumer_key=key, privatekey_file=file.name, session=session())
        eq(sf.query("SELECT Id FROM Organization")["totalSize"], 1)
    Salesforce(username=USER, consumer_key=key, privatekey=secret.decode(), session=session())
    other, _ = signer()
    try:
        Salesforce(username=USER, consumer_key=key, privatekey=other.decode(), session=session())
    except SalesforceAuthenticationFailed as e:
        eq(e.code, "invalid_grant", "another key")
    else:
        raise AssertionError("another key got in")
    setup(f"apps/{key}", "DELETE")


# ---------------------------------------------------------------- simple-salesforce: records, queries
@check("simple-salesforce: a contact's life")
def _():
    sf = login()
    made = sf.Contact.create({"LastName": "Smith" + TAG, "Email": "example@example.com"})
    eq((made["success"], made["errors"]), (True, []))
    eq(sf.Contact.get(made["id"])["LastName"], "Smith" + TAG)
    eq(sf.Contact.update(made["id"], {"LastName": "Jones" + TAG, "FirstName": "John"}), 204)
    soql = format_soql("SELECT Id, Email FROM Contact WHERE LastName = {}", "Jones" + TAG)
    eq(sf.query(soql)["totalSize"], 1)
    eq(sf.query(format_soql("SELECT Id FROM Contact WHERE LastName IN {names}", names=["x", "Jones" + TAG]))["totalSize"], 1)
    eq(sf.query(format_soql("SELECT Id FROM Contact WHERE Name LIKE '{:like}%'", "John Jones" + TAG))["totalSize"], 1)
    eq([r["Id"] for r in sf.query_all_iter(soql)], [made["id"]])
    eq(sf.Contact.delete(made["id"]), 204)
    end = datetime.datetime.now(UTC) + datetime.timedelta(minutes=1)
    gone = sf.Contact.deleted(end - datetime.timedelta(days=10), end)["deletedRecords"]
    eq(made["id"] in [r["id"] for r in gone], True, "deleted")
    eq("ids" in sf.Contact.updated(end - datetime.timedelta(days=10), end), True, "updated")


@check("simple-salesforce: upsert by an external id, search, describe")
def _():
    sf = login()
    made = sf.Contact.create({"LastName": "Quick" + TAG})
    eq(sf.Contact.upsert("Id/" + made["id"], {"LastName": "Quicker" + TAG}) in (200, 204), True, "upsert")
    eq(format_external_id("Name", "a/b & c"), "Name/a%2Fb%20%26%20c")
    for found in (sf.search("FIND {Quicker%s}" % TAG), sf.quick_search("Quicker" + TAG)):
        eq(made["id"] in [r["Id"] for r in found["searchRecords"]], True, "search")
    eq(sf.Contact.metadata()["objectDescribe"]["name"], "Contact")
    eq(sf.Contact.describe()["name"], "Contact")
    eq("Contact" in [x["name"] for x in sf.describe()["sobjects"]], True, "describe")
    sf.Contact.delete(made["id"])


@check("simple-salesforce: pages of a query by id and by URL")
def _():
    sf = login()
    sf.bulk.Contact.insert([{"LastName": f"Page{n}{TAG}"} for n in range(450)], batch_size=10000, use_serial=True)
    where = f"FROM Contact WHERE LastName LIKE 'Page%{TAG}'"
    headers = {"Sforce-Query-Options": "batchSize=200"}
    first = sf.query("SELECT Id " + where, headers=headers)
    eq((first["totalSize"], len(first["records"])), (450, 200))
    eq(len(sf.query_more(first["nextRecordsUrl"], True)["records"]), 200)
    eq(len(sf.query_more(first["nextRecordsUrl"].rsplit("/", 1)[1])["records"]), 200)
    all_rows = sf.query_all("SELECT Id " + where, headers=headers)["records"]
    eq(len(all_rows), 450)
    gone = sf.bulk.Contact.delete([{"Id": r["Id"]} for r in all_rows], batch_size=10000, use_serial=True)
    eq({r["success"] for r in gone}, {True})


# ---------------------------------------------------------------- simple-salesforce: Bulk
@check("simple-salesforce: Bulk insert, update, upsert, query, delete")
def _():
    sf = login()
    data = [{"LastName": "B1" + TAG, "Email": "example@example.com"}, {"LastName": "B2" + TAG, "Email": "test@test.com"}]
    ids = [r["id"] for r in sf.bulk.Contact.insert(data, batch_size=10000, use_serial=True)]
    eq(len(ids), 2)
    changed = sf.bulk.Contact.update([{"Id": i, "Email": "new@example.com"} for i in ids], batch_size=10000, use_serial=True)
    eq([r["success"] for r in changed], [True, True])
    both = sf.bulk.Contact.upsert([{"Id": ids[0], "Email": "newer@example.com"}, {"LastName": "B3" + TAG}], "Id", batch_size=10000, use_serial=True)
    eq([r["created"] for r in both], [False, True])
    query = f"SELECT Id, Email FROM Contact WHERE LastName LIKE 'B_{TAG}'"
    eq(len(sf.bulk.Contact.query(query)), 3)
    eq(sum(len(part) for part in sf.bulk.Contact.query(query, lazy_operation=True)), 3)
    done = sf.bulk.submit_dml("Contact", "delete", [{"Id": r["Id"]} for r in sf.bulk.Contact.query(query)])
    eq({r["success"] for r in done}, {True})
    eq(len(sf.bulk.Contact.query_all(query)), 3, "query_all sees the deleted")


@check("simple-salesforce: Bulk 2.0 from records and from a file")
def _():
    sf = login()
    records = [{"LastName": f"V{n}{TAG}", "Email": f"v{n}@example.com"} for n in range(3)]
    done = sf.bulk2.Contact.insert(records=records)
    eq([(d["numberRecordsProcessed"], d["numberRecordsFailed"]) for d in done], [(3, 0)])
    with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="") as file:
        file.write(f'"FirstName","LastName"\n"Bob","V8{TAG}"\n"Alice","V9{TAG}"\n')
        file.flush()
        job = sf.bulk2.Contact.insert(file.name, batch_size=10000)[0]["job_id"]
    eq(sf.bulk2.Contact.get_successful_records(job).count(TAG), 2)
    eq(sf.bulk2.Contact.get_failed_records(job).count(TAG), 0)
    query = f"SELECT Id, LastName FROM Contact WHERE LastName LIKE 'V_{TAG}'"
    text = "".join(sf.bulk2.Contact.query(query, max_records=2))
    eq(text.count(TAG), 5)
    with tempfile.TemporaryDirectory() as folder:
        eq(sum(part["number_of_records"] for part in sf.bulk2.Contact.download(query, path=folder, max_records=50000)), 5)
    ids = [{"Id": r["Id"]} for r in sf.query_all(query)["records"]]
    eq(sf.bulk2.Contact.delete(records=ids)[0]["numberRecordsFailed"], 0)


@check("simple-salesforce: limits and a call of one's own")
def _():
    sf = login()
    limits = sf.limits()
    eq(limits["DailyApiRequests"]["Remaining"] < limits["DailyApiRequests"]["Max"], True, "the calls of today")
    eq(sf.restful("query", params={"q": "SELECT Id FROM Organization"})["totalSize"], 1)
    eq("api-usage" in sf.api_usage, True, "api_usage")


# ---------------------------------------------------------------- salesforce-bulk
def bulk():
    return SalesforceBulk(sessionId=login().session_id, host=BASE, API_version="64.0")


def wait(b, batch):
    for _ in range(200):
        if b.is_batch_done(batch):
            return
        time.sleep(0.1)
    raise AssertionError("the batch is not done")


@check("salesforce-bulk: accounts from dictionaries as CSV")
def _():
    b = bulk()
    job = b.create_insert_job("Account", contentType="CSV", concurrency="Parallel")
    accounts = [dict(Name=f"Account{idx}{TAG}") for idx in range(5)]
    batch = b.post_batch(job, CsvDictsAdapter(iter(accounts)))
    b.wait_for_batch(job, batch, sleep_interval=0.2)
    b.close_job(job)
    eq([r.success for r in b.get_batch_results(batch)], ["true"] * 5)


@check("salesforce-bulk: query as JSON")
def _():
    b = bulk()
    job = b.create_query_job("Account", contentType="JSON")
    batch = b.query(job, f"select Id,Name from Account where Name like '%{TAG}'")
    b.close_job(job)
    wait(b, batch)
    rows = [row for result in b.get_all_results_for_query_batch(batch) for row in json.load(IteratorBytesIO(result))]
    eq(len(rows), 5)


@check("salesforce-bulk: query as CSV with the deleted")
def _():
    b = bulk()
    job = b.create_queryall_job("Account", contentType="CSV")
    batch = b.query(job, f"select Id,Name from Account where Name like '%{TAG}'")
    b.close_job(job)
    wait(b, batch)
    rows = [row for result in b.get_all_results_for_query_batch(batch) for row in unicodecsv.DictReader(result, encoding="utf-8")]
    eq(sorted(row["Name"] for row in rows), [f"Account{idx}{TAG}" for idx in range(5)])


@check("salesforce-bulk: PK chunking")
def _():
    b = bulk()
    job = b.create_query_job("Account", contentType="CSV", pk_chunking=100000)
    batch = b.query(job, f"select Id from Account where Name like '%{TAG}'")
    for _ in range(200):
        states = {one["state"] for one in b.get_batch_list(job)}
        if states <= {"Completed", "NotProcessed"}:
            break
        time.sleep(0.1)
    b.close_job(job)
    found = 0
    for one in b.get_batch_list(job):
        if one["state"] == "Completed":
            for result in b.get_all_results_for_query_batch(one["id"], job):
                found += len(list(unicodecsv.DictReader(result, encoding="utf-8")))
    eq(found, 5)


@check("salesforce-bulk: update and delete")
def _():
    b = bulk()
    rows = login().query(f"SELECT Id FROM Account WHERE Name LIKE '%{TAG}'")["records"]
    for make, values in ((b.create_update_job, {"Phone": "1"}), (b.create_delete_job, {})):
        job = make("Account", contentType="CSV")
        batch = b.post_batch(job, CsvDictsAdapter(iter([dict(Id=r["Id"], **values) for r in rows])))
        b.wait_for_batch(job, batch, sleep_interval=0.2)
        b.close_job(job)
        eq({r.success for r in b.get_batch_results(batch)}, {"true"})


failed = 0
for at, (name, run) in enumerate(checks, 1):
    if not ONLY.search(name):
        continue
    try:
        run()
        print(f"ok {at:03} {name}")
    except Exception as e:  # every failure of a check is its result
        failed += 1
        text = " ".join(f"{type(e).__name__}: {e}".split())
        print(f"not ok {at:03} {name}: {text[:600]}")
print(f"{len(checks) - failed} passed, {failed} failed")
sys.exit(1 if failed else 0)
