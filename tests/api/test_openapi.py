"""Test the OpenAPI document and the pages: valid, complete, equal to the real answers, and readable offline."""

from __future__ import annotations

import json
import re
import warnings
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.app import OPERATIONS
from api.busy_calendars import BusyCalendarFileIn
from api.core.fields import EXAMPLE_ID
from api.core.openapi import build, example_of, problem_kinds
from api.core.operations import Operation
from api.core.problems import HTTP_KINDS, STATUSES
from api.support_checklists import ChecklistPut
from planner import errors
from planner.errors import Problem
from tests.api.answers import ON_SQLITE, has_ids, is_id, name_of, path_of, problem
from tests.people import activity_id, propose
from tests.photos import upload
from tests.reflections import write as write_reflection
from tests.self_care import SLUG, choose, date_of
from tests.talks import open_talk

with warnings.catch_warnings():
    # apispec warns of a second schema under one name. Two answers would then share one description.
    warnings.simplefilter("error")
    DOCUMENT = build(OPERATIONS)


def entry_of(operation: Operation) -> dict[str, Any]:
    path = "/v1" + re.sub(r"<\w+:(\w+)>", r"{\1}", operation.path)
    description: dict[str, Any] = DOCUMENT["paths"][path][operation.method.lower()]
    responses = {status: resolved(response) for status, response in description["responses"].items()}
    return {**description, "responses": responses}


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """Return a node of the document, or the component that it refers to."""
    component: Any = DOCUMENT
    for part in node.get("$ref", "#").split("/")[1:]:
        component = component[part]
    return component if "$ref" in node else node


def validate(schema: dict[str, Any], value: Any) -> None:
    """Validate a value against a schema of the document."""
    whole = {**schema, "components": DOCUMENT["components"]}
    Draft202012Validator(whole, format_checker=FormatChecker()).validate(value)


def example_in(content: dict[str, Any]) -> Any:
    return content["examples"]["example"]["value"]


def contents(operation: Operation) -> dict[str, Any]:
    """Return the documented JSON of the successful answer of an operation."""
    content: dict[str, Any] = entry_of(operation)["responses"][str(operation.status)]["content"]["application/json"]
    return content


def request_examples(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the example of the body of each operation that has one."""
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    bodies = [operation["requestBody"]["content"] for operation in operations if "requestBody" in operation]
    return [body["application/json"]["examples"]["example"]["value"] for body in bodies if "application/json" in body]


@ON_SQLITE
def test_each_person_can_try_the_examples_of_creates_twice(app, alice, bob):
    for person in (alice, bob):
        paths = app.test_client().get("/openapi.json").get_json()["paths"]
        for path in ("/commitments", "/important-days"):
            (example,) = request_examples({"paths": {path: {"post": paths[f"/v1{path}"]["post"]}}})
            assert person.post(path, example, 201)["id"] == person.post(path, example, 201)["id"]


@ON_SQLITE
def test_the_document_is_valid(app):
    served = app.test_client().get("/openapi.json")
    assert served.mimetype == "application/json"
    (example_id,) = {body["id"] for body in request_examples(served.get_json()) if "id" in body}
    assert json.loads(served.text.replace(example_id, EXAMPLE_ID)) == DOCUMENT
    assert DOCUMENT["openapi"].startswith("3.1")
    again = app.test_client().get("/openapi.json", headers={"If-None-Match": served.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []


def test_every_route_is_documented_and_nothing_else():
    documented_routes = {(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods}
    declared = {
        ("/v1" + re.sub(r"<\w+:(\w+)>", r"{\1}", operation.path), operation.method.lower()): operation
        for operation in OPERATIONS
    }
    assert documented_routes == declared.keys()


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
def test_each_route_has_a_summary_and_valid_examples(operation):
    entry = entry_of(operation)
    assert len(entry["summary"]) > 10
    assert entry["x-access"] == operation.access
    assert (entry.get("security") == []) == (operation.access == "anyone")
    if operation.body:
        content = entry["requestBody"]["content"]["application/json"]
        validate(content["schema"], example_in(content))
        assert operation.body.load(example_in(content))
        assert example_in(content).keys() == {field.data_key or name for name, field in operation.body.fields.items()}
    if operation.answer:
        assert example_in(contents(operation))
        validate(contents(operation)["schema"], example_in(contents(operation)))
    elif operation.file:
        content = entry["responses"]["200"]["content"][operation.file.media]
        for holds in content.get("x-holds", {}).values():
            assert holds["$ref"].rpartition("/")[2] in DOCUMENT["components"]["schemas"]
        assert ("x-holds" in content) == bool(operation.file.document)
    else:
        assert "content" not in entry["responses"][str(operation.status)]
    if operation.query:
        known = {parameter["name"] for parameter in entry["parameters"] if parameter["in"] == "query"}
        assert known == {field.data_key or name for name, field in operation.query.fields.items()}
    for parameter in entry["parameters"]:
        assert "type" in resolved(parameter["schema"]), f"a client cannot know what to send as {parameter['name']}"


@pytest.mark.parametrize("operation", [operation for operation in OPERATIONS if operation.query], ids=name_of)
def test_each_query_example_is_accepted(operation):
    example = {key: value for key, value in example_of(operation.query).items() if key != "after"}
    written = {
        key: ",".join(value)
        if isinstance(value, list)
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
        for key, value in example.items()
    }
    assert operation.query.load(written)
    for parameter in entry_of(operation)["parameters"]:
        several = isinstance(example.get(parameter["name"]), list)
        assert parameter.get("explode", True) is not several, "several values go with commas between them"


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
def test_each_route_documents_the_general_refusals(operation):
    responses = entry_of(operation)["responses"]
    expected = {"422", "503"}
    expected |= {"401"} if operation.access != "anyone" else set()
    expected |= {"400", "408", "413", "415"} if operation.body else set()
    expected |= {"404"} if has_ids(operation) else set()
    expected |= {"412", "428"} if operation.versioned else set()
    assert expected <= responses.keys()
    for status, response in responses.items():
        if int(status) >= 400:
            examples = response["content"]["application/problem+json"]["examples"].values()
            assert examples
            assert all(example["value"]["status"] == int(status) for example in examples)


@ON_SQLITE
def test_every_kind_of_refusal_has_a_status_and_a_page(app):
    kinds = set(Problem.__subclasses__())
    assert kinds == STATUSES.keys(), "a refusal of the planner without an HTTP status"
    documented_kinds = problem_kinds()
    assert {kind.kind for kind in kinds} | set(HTTP_KINDS.values()) <= documented_kinds.keys()
    client = app.test_client()
    for kind, example in documented_kinds.items():
        validate({"$ref": "#/components/schemas/Problem"}, example)
        assert all(example[name] for name in ("title", "detail")), kind
        page = client.get(example["type"])
        assert page.status_code == 200
        assert example["title"] in page.get_data(as_text=True).replace("&#39;", "'")
    assert problem(client.get("/problems/nothing-of-the-kind"), 404)


def test_kinds_of_refusals_are_stable():
    # Clients tell refusals apart by their kinds.
    assert set(problem_kinds()) >= {
        "above-pace", "bad-request", "busy", "id-taken", "internal", "invalid", "method-not-allowed", "not-found",
        "not-signed-in", "sign-up-closed", "too-large", "too-many-requests", "too-slow", "too-soon",
        "unsupported-media-type", "version-conflict", "version-missing", "wrong-secret", "wrong-state",
    }  # fmt: skip
    assert len({kind.kind for kind in STATUSES}) == len(STATUSES)
    assert STATUSES[errors.NotFound] == 404


def test_every_schema_is_used_and_has_a_plain_name():
    used = set(re.findall(r"#/components/schemas/(\w+)", str(DOCUMENT)))
    assert used == DOCUMENT["components"]["schemas"].keys()
    assert not [name for name in used if re.search(r"\d$", name)], "apispec numbers a second schema under one name"


def test_real_answers_match_the_document(cast, now, stopped_clock):
    """Check every route that reads and the main routes that write, over the life of a couple."""
    alice, bob = cast.alice, cast.bob
    note = alice.post("/notes", {"kind": "effort", "body": "You waited."}, 201)
    shared = alice.post(f"/notes/{note['id']}/share", {"version": 1})
    date = propose(alice, now + timedelta(days=3))
    counter = {"version": 1, "slots": [{"local_time": "2026-11-27T19:00"}]}
    countered = bob.post(f"/dates/{date['id']}/counter", counter)
    accepted = alice.post(
        f"/dates/{date['id']}/accept", {"version": 2, "slot_id": countered["slots"][0]["id"]}
    )  # fmt: skip
    open_one = propose(alice, now + timedelta(days=5))
    declined = bob.post(f"/dates/{open_one['id']}/decline", {"version": 1, "answer": "another_time"})
    checked = {
        "POST /notes": note, "POST /notes/<note_id>/share": shared, "POST /dates": date,
        "POST /dates/<date_id>/counter": countered, "POST /dates/<date_id>/accept": accepted,
        "POST /dates/<date_id>/decline": declined,
        "POST /inbox/<item_id>/seen": bob.post(f"/inbox/{bob.get('/inbox')['items'][0]['id']}/seen"),
    }  # fmt: skip
    propose(bob, now + timedelta(days=6))
    stopped_clock.move_to(now + timedelta(days=5))
    version = accepted["version"]
    checked["POST /dates/<date_id>/complete"] = alice.post(f"/dates/{date['id']}/complete", {"version": version})
    checked["POST /invitations"] = cast.sam.post("/invitations", {}, 201)
    checked["PUT /dates/<date_id>/feedback"] = alice.put(f"/dates/{date['id']}/feedback", {"feeling": "lighter"})

    checked["POST /talks"] = open_talk(alice)
    checked["PUT /me/space"] = bob.put("/me/space", {"kind": "said", "sentence": "time"})
    propose(alice, now + timedelta(days=9))
    assert bob.get("/me/held")["items"]

    friday = {"local_time": "2026-12-11T19:00"}
    ritual = propose(alice, now, slots=[friday], repeat={"every": "week"})["ritual"]
    by_name = {name_of(operation): operation for operation in OPERATIONS}
    ids = {"date_id": date["id"], "note_id": note["id"], "activity_id": activity_id(party="two")}
    ids["ritual_id"] = ritual["id"]
    checked["POST /busy-calendars/files"] = alice.post("/busy-calendars/files", example_of(BusyCalendarFileIn()), 201)
    ids["calendar_id"] = checked["POST /busy-calendars/files"]["id"]
    ids["talk_id"] = checked["POST /talks"]["id"]
    checked["POST /requests"] = alice.post("/requests", {"body": "Could you cook on Friday?"}, 201)
    ids["request_id"] = checked["POST /requests"]["id"]
    checked["POST /commitments"] = alice.post("/commitments", {"body": "Read after dinner."}, 201)
    ids["commitment_id"] = checked["POST /commitments"]["id"]
    remembered = alice.post("/notes", {"kind": "memory", "body": "The bench."}, 201)["id"]
    checked["POST /photos"] = upload(alice, note_id=remembered)
    ids["photo_id"] = checked["POST /photos"]["id"]
    ids["day_id"] = alice.post(
        "/important-days", {"kind": "birthday", "birthday_of": "me", "month": 5, "day": 14}, 201
    )["id"]
    ids["question_id"] = alice.post("/questions", status=201)["id"]
    ids["prompt_id"] = alice.get("/prompts/today")["id"]
    checked["POST /reflections"] = write_reflection(alice)
    ids["reflection_id"] = checked["POST /reflections"]["id"]
    ids["plan_id"] = choose(alice, first=date_of(now + timedelta(days=6)))["id"]
    checked["GET /me/self-care-plans/times"] = alice.get(f"/me/self-care-plans/times?slug={SLUG}")
    alice.put("/me/support-checklists", example_of(ChecklistPut()))
    reads = [operation for operation in OPERATIONS if operation.method == "GET" and not operation.file]
    for operation in reads:
        for person in (alice, bob, cast.sam):
            answer = person.request("GET", path_of(operation, ids))
            if answer.status_code == 200:
                check_answer(operation, answer.get_json())
                checked[name_of(operation)] = answer.get_json()
            else:
                assert str(answer.status_code) in entry_of(operation)["responses"]
                validate({"$ref": "#/components/schemas/Problem"}, answer.get_json())
    for name, body in checked.items():
        check_answer(by_name[name], body)
    missing = {name_of(operation) for operation in reads} - checked.keys()
    assert not missing, "no good answer was seen"


def check_answer(operation: Operation, body: Any) -> None:
    """Check that an answer fits its schema and has every documented field."""
    validate(contents(operation)["schema"], body)
    fields = DOCUMENT["components"]["schemas"][contents(operation)["schema"]["$ref"].rpartition("/")[2]]["properties"]
    assert body.keys() == fields.keys(), name_of(operation)
    if "id" in body:
        assert is_id(body["id"])


class Links(HTMLParser):
    """Collect the links, ids and tags of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.urls: list[str] = []
        self.ids: set[str] = set()
        self.tags: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name in ("src", "href", "action", "srcset", "poster", "data") and value:
                self.urls.append(value)
            if name == "id" and value:
                assert value not in self.ids, f"the id {value} is used twice"
                self.ids.add(value)
            assert not name.startswith("on"), "no script on our pages"


@ON_SQLITE
@pytest.mark.parametrize("path", ["/", "/docs/text", "/problems/invalid"])
def test_pages_load_nothing_from_other_hosts_and_no_script(app, path):
    client = app.test_client()
    page = client.get(path)
    assert page.mimetype == "text/html"
    links = Links(page.get_data(as_text=True))
    assert links.urls
    assert "script" not in links.tags
    pages = {path: links}
    for link in links.urls:
        split = urlsplit(link)
        assert not split.scheme, link
        assert not split.netloc, link
        target = split.path or path
        if target not in pages:
            answer = client.get(target, buffered=True)
            assert answer.status_code == 200, link
            pages[target] = Links(answer.get_data(as_text=True) if answer.mimetype == "text/html" else "")
        assert not split.fragment or split.fragment in pages[target].ids, link
    style = client.get("/static/pages.css", buffered=True).get_data(as_text=True)
    assert not re.search(r"@import|url\(", style)


@ON_SQLITE
def test_the_documentation_shows_every_route_schema_and_problem(app):
    page = app.test_client().get("/docs/text").get_data(as_text=True)
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            assert f"<code>{method.upper()} {path}</code>" in page
            assert f'id="{operation["operationId"]}"' in page
    for name in DOCUMENT["components"]["schemas"]:
        assert f'id="schema-{name}"' in page
    for kind in problem_kinds():
        assert f'id="problem-{kind}"' in page


@ON_SQLITE
def test_the_first_page_names_the_operator_and_what_they_can_see(app, settings):
    page = app.test_client().get("/about").get_data(as_text=True)
    assert settings.operator_name in page
    assert settings.operator_contact in page
    assert "can see or change almost everything" in page
