"""Conformance run: zeep, a SOAP toolkit that checks every answer against the WSDL, on the WSDLs that we serve.

Environment
  BASE_URL, USERNAME, PASSWORD     required
  API_VERSION                      default 66.0, the version of /services/wsdl/partner
  ONLY                             a regular expression on check names

Every check prints "ok NNN NAME" or "not ok NNN NAME: why"; the last line is "N passed, N failed"; exit 1 on failure.
"""
import datetime
import os
import re
import sys
import time

import requests
from lxml import etree
from zeep import Client, Settings
from zeep.exceptions import Fault
from zeep.transports import Transport

ENV = os.environ
for key in ("BASE_URL", "USERNAME", "PASSWORD"):
    if not ENV.get(key):
        sys.exit(f"set {key}")
BASE = ENV["BASE_URL"].rstrip("/")
VERSION = ENV.get("API_VERSION", "66.0")
ONLY = re.compile(ENV["ONLY"]) if ENV.get("ONLY") else None
TAG = "zeep" + format(int(time.time() * 1000), "x")
STRICT = Settings(strict=True, xml_huge_tree=True)
SOBJECT = "urn:sobject.partner.soap.sforce.com"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
UTC = datetime.timezone.utc

checks, fx = [], {}


class Fail(Exception):
    pass


def check(name):
    def register(fn):
        checks.append((name, fn))
        return fn
    return register


def ok(condition, why):
    if not condition:
        raise Fail(why)


def eq(got, want, what):
    ok(got == want, f"{what}: {str(got)[:200]!r}, want {want!r}")


def fails(call, fault, code):
    """Runs a call that must end in this kind of fault; gives the fault's detail as {name: text}."""
    try:
        answer = call()
    except Fault as e:
        ok(e.message.startswith(f"{code}: "), f"faultstring {e.message!r}, want {code}")
        ok(e.code.endswith(f":{code}"), f"faultcode {e.code!r}")
        detail = e.detail[0]
        eq(etree.QName(detail).localname, fault, "kind of fault")
        return {etree.QName(child).localname: child.text for child in detail}
    raise Fail(f"no fault, answer {str(answer)[:200]}")


class Api:
    """One of the two APIs, with the session in the header of every call but login."""

    def __init__(self, client, session=None, url=None):
        self.client, self.session = client, session
        self.service = client.service
        if url:
            self.service = client.create_service(next(iter(client.wsdl.bindings)), url)

    def __call__(self, operation, *args, headers=None, **kwargs):
        headers = dict(headers or {}, SessionHeader={"sessionId": self.session})
        answer = getattr(self.service, operation)(*args, _soapheaders=headers, **kwargs)
        limits = answer.header.LimitInfoHeader.limitInfo[0]
        ok(limits.type == "API REQUESTS" and 0 < limits.current <= limits.limit, f"LimitInfoHeader {limits}")
        return answer.body.result if hasattr(answer.body, "result") else answer.body

    def factory(self, namespace, name):
        return self.client.get_type(f"{{{namespace}}}{name}")


def element(name, text, nested=()):
    made = etree.Element(f"{{{SOBJECT}}}{name}")
    made.text = text
    made.extend(nested)
    return made


def sobject(kind, record_id=None, null=(), **fields):
    """A loose record of the partner API."""
    make = fx["partner"].factory(SOBJECT, "sObject")
    loose = [element(name, text) for name, text in fields.items()]
    return make(type=kind, Id=record_id, fieldsToNull=list(null), _value_1=loose)


def value(record, name):
    """A field of a loose record."""
    for any_element in record._value_1 or []:
        if isinstance(any_element, etree._Element) and etree.QName(any_element).localname == name:
            return None if any_element.get(f"{XSI}nil") == "true" else any_element.text
    raise Fail(f"no {name} in {record}")


def partner():
    ok("partner" in fx, "there is no session")
    return fx["partner"]


def enterprise():
    ok("enterprise" in fx, "the enterprise WSDL was not loaded")
    return fx["enterprise"]


# ---------------------------------------------------------------- partner
@check("the partner WSDL is loaded in strict mode")
def _():
    fx["client"] = Client(f"{BASE}/services/wsdl/partner", settings=STRICT)
    service = next(iter(fx["client"].wsdl.services.values()))
    port = next(iter(service.ports.values()))
    eq((service.name, port.name), ("SforceService", "Soap"), "service and port")
    eq(port.binding_options["address"], f"{BASE}/services/Soap/u/{VERSION}", "address")


@check("every operation of the API is in it")
def _():
    binding = next(iter(fx["client"].wsdl.bindings.values()))
    wanted = ("login logout getUserInfo getServerTimestamp describeGlobal describeSObject describeSObjects describeLayout create "
              "update upsert delete undelete emptyRecycleBin retrieve query queryAll queryMore search getUpdated "
              "getDeleted setPassword resetPassword invalidateSessions")
    eq(sorted(binding.all()), sorted(wanted.split()), "operations")


@check("login with a wrong password is a LoginFault")
def _():
    fails(lambda: fx["client"].service.login(ENV["USERNAME"], "wrong"), "LoginFault", "INVALID_LOGIN")


@check("login")
def _():
    result = fx["client"].service.login(ENV["USERNAME"], ENV["PASSWORD"])
    ok(result.serverUrl.startswith(f"{BASE}/services/Soap/u/{VERSION}/00D"), f"serverUrl {result.serverUrl}")
    eq(result.userInfo.userName, ENV["USERNAME"], "userName")
    fx["user"] = result.userId
    fx["partner"] = Api(fx["client"], result.sessionId, result.serverUrl)


@check("an operation without a session is a fault")
def _():
    call = lambda: Api(fx["client"], "00D000000000001!nonsense")("getUserInfo")
    fails(call, "UnexpectedErrorFault", "INVALID_SESSION_ID")


@check("getUserInfo")
def _():
    info = partner()("getUserInfo")
    eq((info.userId, info.orgHasPersonAccounts), (fx["user"], False), "user")
    ok(info.sessionSecondsValid > 0, "sessionSecondsValid")


@check("getServerTimestamp")
def _():
    at = partner()("getServerTimestamp").timestamp
    ok(abs((datetime.datetime.now(UTC) - at).total_seconds()) < 300, f"timestamp {at}")
    fx["now"] = at


@check("describeGlobal")
def _():
    result = partner()("describeGlobal")
    names = [one.name for one in result.sobjects]
    ok("AgentWork" in names and names == sorted(names), "names")
    eq((result.encoding, result.maxBatchSize), ("UTF-8", 200), "encoding and batch size")


@check("describeSObject")
def _():
    result = partner()("describeSObject", "case")
    eq((result.name, result.keyPrefix), ("Case", "500"), "name and prefix")
    fields = {field.name: field for field in result.fields}
    eq((fields["Subject"].type, fields["Subject"].soapType, fields["Subject"].length), ("string", "xsd:string", 255), "Subject")
    eq(fields["ContactId"].referenceTo, ["Contact"], "ContactId")
    ok("New" in [entry.value for entry in fields["Status"].picklistValues], "values of Status")
    ok(any(child.childSObject == "CaseComment" for child in result.childRelationships), "children")


@check("describeSObjects of everything")
def _():
    names = [one.name for one in partner()("describeGlobal").sobjects]
    for at in range(0, len(names), 100):
        some = names[at:at + 100]
        eq([one.name for one in partner()("describeSObjects", some)], some, "names")


@check("describeLayout")
def _():
    eq(partner()("describeLayout", "Case", None).recordTypeSelectorRequired, False, "recordTypeSelectorRequired")


@check("describe of an unknown object is an InvalidSObjectFault")
def _():
    detail = fails(lambda: partner()("describeSObject", "Nope"), "InvalidSObjectFault", "INVALID_TYPE")
    eq(list(detail), ["exceptionCode", "exceptionMessage", "row", "column"], "detail")


@check("create: one good, one too long")
def _():
    good, bad = partner()("create", [
        sobject("Case", Subject=f"{TAG} <&> \u00e9", Origin="Web"), sobject("Case", Subject="x" * 256)])
    eq((good.success, good.errors), (True, []), "first")
    ok(re.fullmatch(r"500\w{15}", good.id), f"id {good.id}")
    eq((bad.success, bad.id, bad.errors[0].statusCode, bad.errors[0].fields), (False, None, "STRING_TOO_LONG", ["Subject"]), "second")
    fx["case"] = good.id


@check("create of an unknown object is a fault")
def _():
    fails(lambda: partner()("create", [sobject("Nope")]), "InvalidSObjectFault", "INVALID_TYPE")


@check("create with AllOrNoneHeader")
def _():
    results = partner()("create", [sobject("Case", Subject=f"{TAG} none"), sobject("Case", Subject="x" * 256)],
                        headers={"AllOrNoneHeader": {"allOrNone": True}})
    eq([r.success for r in results], [False, False], "success")
    eq(results[0].errors[0].statusCode, "ALL_OR_NONE_OPERATION_ROLLED_BACK", "first")


@check("more than 200 records are refused")
def _():
    many = [sobject("Case", Subject="x")] * 201
    fails(lambda: partner()("create", many), "UnexpectedErrorFault", "EXCEEDED_ID_LIMIT")


@check("update with fieldsToNull")
def _():
    [result] = partner()("update", [sobject("Case", fx["case"], ["Origin"], Subject=f"{TAG} two")])
    eq((result.success, result.id), (True, fx["case"]), "result")


@check("retrieve: fields in order, nil for what is not there")
def _():
    found, missing = partner()("retrieve", "Id, Subject, Origin, CreatedDate", "Case", [fx["case"], "500000000zzzzzzAAA"])
    eq((found.type, found.Id, value(found, "Subject"), value(found, "Origin")), ("Case", fx["case"], f"{TAG} two", None), "record")
    ok(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value(found, "CreatedDate")), value(found, "CreatedDate"))
    eq((missing.type, missing.Id), (None, None), "unknown id")  # how zeep shows nil


@check("query: fields, a parent, children, nothing for no rows")
def _():
    result = partner()("query", f"SELECT Id, Subject, Owner.Name, (SELECT Id FROM CaseComments) FROM Case WHERE Id = '{fx['case']}'")
    eq((result.done, result.queryLocator, result.size), (True, None, 1), "result")
    [record] = result.records
    eq((record.type, record.Id, value(record, "Subject")), ("Case", fx["case"], f"{TAG} two"), "record")
    owner = [e for e in record._value_1 if not isinstance(e, etree._Element) or etree.QName(e).localname == "Owner"]
    ok(owner, f"no Owner in {record}")
    empty = partner()("query", "SELECT Id FROM Case WHERE Id = null")
    eq((empty.done, empty.size, empty.records), (True, 0, []), "empty")


@check("query without Id leaves the Id nil")
def _():
    [record] = partner()("query", f"SELECT Subject FROM Case WHERE Id = '{fx['case']}'").records
    eq((record.Id, value(record, "Subject")), (None, f"{TAG} two"), "record")


@check("aggregates")
def _():
    [record] = partner()("query", f"SELECT COUNT(Id) n, MAX(Subject) FROM Case WHERE Id = '{fx['case']}'").records
    eq((record.type, record.Id, value(record, "n"), value(record, "expr0")), ("AggregateResult", None, "1", f"{TAG} two"), "record")


@check("queryMore brings every row once")
def _():
    cases = [sobject("Case", Subject=f"{TAG} page") for _ in range(200)]
    ids = [r.id for r in partner()("create", cases)] + [r.id for r in partner()("create", cases[:10])]
    header = {"QueryOptions": {"batchSize": 200}}
    page = partner()("query", f"SELECT Id FROM Case WHERE Subject = '{TAG} page'", headers=header)
    seen = [r.Id for r in page.records]
    eq((page.done, page.size, len(seen)), (False, 210, 200), "first page")
    page = partner()("queryMore", page.queryLocator, headers=header)
    seen += [r.Id for r in page.records]
    eq((page.done, page.queryLocator, sorted(seen)), (True, None, sorted(ids)), "all pages")
    fx["pages"] = ids


@check("a wrong query is a fault that says where")
def _():
    detail = fails(lambda: partner()("query", "SELECT Nope FROM Case"), "InvalidFieldFault", "INVALID_FIELD")
    eq((detail["exceptionCode"], detail["row"], detail["column"]), ("INVALID_FIELD", "1", "8"), "detail")
    fails(lambda: partner()("query", "SELEC"), "MalformedQueryFault", "MALFORMED_QUERY")
    fails(lambda: partner()("query", "SELECT Id FROM Nope"), "InvalidSObjectFault", "INVALID_TYPE")
    fails(lambda: partner()("queryMore", "nonsense"), "InvalidQueryLocatorFault", "INVALID_QUERY_LOCATOR")


@check("search")
def _():
    result = partner()("search", f"FIND {{{TAG}}} IN ALL FIELDS RETURNING Case(Id, Subject WHERE Id = '{fx['case']}')")
    eq([value(one.record, "Subject") for one in result.searchRecords], [f"{TAG} two"], "records")
    fails(lambda: partner()("search", "FIND x"), "MalformedSearchFault", "MALFORMED_SEARCH")


@check("upsert by Id and by external id")
def _():
    fx["key"] = f"{TAG}@example.com"
    made = partner()("upsert", "Id", [sobject("Contact", LastName=TAG, Email=fx["key"])])
    eq([(r.success, r.created) for r in made], [(True, True)], "create")
    fx["contact"] = made[0].id
    changed = partner()("upsert", "Id", [sobject("Contact", fx["contact"], LastName=f"{TAG} b")])
    eq([(r.success, r.created, r.id) for r in changed], [(True, False, fx["contact"])], "update")
    [wrong] = partner()("upsert", "LastName", [sobject("Contact", LastName=TAG)])
    eq((wrong.success, wrong.created, wrong.errors[0].statusCode), (False, False, "INVALID_FIELD"), "no external id")


@check("delete, queryAll, getDeleted, undelete, getUpdated")
def _():
    day = datetime.timedelta(days=1)
    window = ("Case", fx["now"] - day, fx["now"] + day)
    results = partner()("delete", [fx["case"], "500000000zzzzzzAAA"])
    eq([r.success for r in results], [True, False], "delete")
    query = f"SELECT Id FROM Case WHERE Id = '{fx['case']}'"
    eq((partner()("query", query).size, partner()("queryAll", query).size), (0, 1), "query and queryAll")
    deleted = partner()("getDeleted", *window)
    ok(fx["case"] in [one.id for one in deleted.deletedRecords], "deletedRecords")
    ok(deleted.earliestDateAvailable < deleted.latestDateCovered, "dates")
    eq([r.success for r in partner()("undelete", [fx["case"]])], [True], "undelete")
    ok(fx["case"] in partner()("getUpdated", *window).ids, "ids of getUpdated")
    fails(lambda: partner()("getUpdated", window[0], window[2], window[1]), "UnexpectedErrorFault", "INVALID_REPLICATION_DATE")


@check("emptyRecycleBin takes what lies in it and nothing else")
def _():
    one, two = fx["pages"][:2]
    eq([r.success for r in partner()("delete", [one])], [True], "delete")
    eq([r.success for r in partner()("emptyRecycleBin", [one, two])], [True, False], "emptyRecycleBin")
    eq([r.success for r in partner()("undelete", [one])], [False], "undelete")


@check("setPassword refuses a short one")
def _():
    fails(lambda: partner()("setPassword", fx["user"], "short"), "InvalidNewPasswordFault", "INVALID_NEW_PASSWORD")
    fails(lambda: partner()("setPassword", "005000000zzzzzzAAA", "long enough to be one"), "InvalidIdFault", "INVALID_ID_FIELD")


@check("older versions answer by the same WSDL")
def _():
    for version in ("41.0", "50.0", "58.0"):
        old = Api(fx["client"], partner().session, f"{BASE}/services/Soap/u/{version}")
        eq(old("describeSObject", "Case").name, "Case", version)
    Client(f"{BASE}/services/Soap/u/58.0?wsdl", settings=STRICT)


# ---------------------------------------------------------------- enterprise
@check("the enterprise WSDL needs a session")
def _():
    eq(requests.get(f"{BASE}/services/wsdl/enterprise", timeout=30).status_code, 401, "status")


@check("the enterprise WSDL is loaded in strict mode")
def _():
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {partner().session}"
    client = Client(f"{BASE}/services/wsdl/enterprise", settings=STRICT, transport=Transport(session=session, timeout=60))
    result = client.service.login(ENV["USERNAME"], ENV["PASSWORD"])
    ok("/services/Soap/c/" in result.serverUrl, f"serverUrl {result.serverUrl}")
    fx["enterprise"] = Api(client, result.sessionId, result.serverUrl)


@check("enterprise: typed records are created, updated, queried and deleted")
def _():
    call, ens = enterprise(), "urn:sobject.enterprise.soap.sforce.com"
    case = call.factory(ens, "Case")
    [made] = call("create", [case(Subject=f"{TAG} typed", IsEscalated=True, Origin="Web")])
    eq((made.success, made.errors), (True, []), "create")
    [changed] = call("update", [case(Id=made.id, fieldsToNull=["Origin"])])
    eq(changed.success, True, "update")
    query = f"SELECT Subject, IsEscalated, Id, Origin, CreatedDate, Owner.Name, Contact.Name, (SELECT Id FROM CaseComments) FROM Case WHERE Id = '{made.id}'"
    [record] = call("query", query).records
    eq(type(record).__name__, "Case", "type")
    eq((record.Subject, record.IsEscalated, record.Origin, record.Contact.Id), (f"{TAG} typed", True, None, None), "fields")
    ok(isinstance(record.CreatedDate, datetime.datetime) and record.Owner.Name, f"typed values {record.CreatedDate} {record.Owner}")
    [again] = call("retrieve", "Subject", "Case", [made.id])
    eq((again.Subject, again.Id), (f"{TAG} typed", None), "retrieve")
    eq([r.success for r in call("delete", [made.id])], [True], "delete")


@check("enterprise: every object can be read as its type")
def _():
    call = enterprise()
    names = [one.name for one in call("describeGlobal").sobjects if one.queryable]
    for at in range(0, len(names), 100):
        for one in call("describeSObjects", names[at:at + 100]):
            fields = ", ".join(field.name for field in one.fields if field.type not in ("address", "location", "junctionidlist"))
            try:
                call("query", f"SELECT {fields} FROM {one.name} LIMIT 3")
            except Fault as e:
                raise Fail(f"{one.name}: {e.message}")


@check("enterprise: a wrong query is a fault of the enterprise API")
def _():
    fails(lambda: enterprise()("query", "SELECT Nope FROM Case"), "InvalidFieldFault", "INVALID_FIELD")


# ---------------------------------------------------------------- the end
@check("cleaning up")
def _():
    ids = [fx["case"], fx["contact"], *fx["pages"][1:]]
    for at in range(0, len(ids), 200):
        results = partner()("delete", ids[at:at + 200])
        ok(all(r.success for r in results), str([r.errors for r in results if not r.success])[:200])


@check("invalidateSessions and logout end sessions")
def _():
    call = lambda: fx["client"].service.login(ENV["USERNAME"], ENV["PASSWORD"])
    other = call().sessionId
    eq([r.success for r in partner()("invalidateSessions", [other, "nonsense"])], [True, False], "invalidateSessions")
    fails(lambda: Api(fx["client"], other)("getUserInfo"), "UnexpectedErrorFault", "INVALID_SESSION_ID")
    partner()("logout")
    fails(lambda: partner()("getUserInfo"), "UnexpectedErrorFault", "INVALID_SESSION_ID")


passed = failed = 0
for number, (name, fn) in enumerate(checks, 1):
    if ONLY and not ONLY.search(name) and not re.fullmatch(r"login|.*is loaded in strict mode|getServerTimestamp", name):
        continue
    label = f"{number:03d} {name}"
    try:
        fn()
        passed += 1
        print("ok", label, flush=True)
    except Exception as e:  # a check reports, it never stops the run
        failed += 1
        why = str(e) if isinstance(e, Fail) else f"{type(e).__name__}: {e}"
        print(f"not ok {label}: {' '.join(why.split())[:400]}", flush=True)
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
