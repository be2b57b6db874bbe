"""Helpers of tests that ask for an export, unpack it and check it against its schema."""

from __future__ import annotations

import io
import json
from functools import cache
from typing import Any
from zipfile import ZipFile

import icalendar
from jsonschema import Draft202012Validator, FormatChecker
from werkzeug.test import TestResponse

from planner.privacy.export_format import PARTS
from tests.dates import own
from tests.people import PASSWORD, Person
from tests.reflections import write as write_reflection


def ask(person: Person, part: str, password: str = PASSWORD) -> TestResponse:
    return person.request("POST", "/me/exports", {"password": password, "part": part})


def unzip(answer: TestResponse) -> ZipFile:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return ZipFile(io.BytesIO(answer.data))


def export(person: Person, part: str) -> Any:
    """Return the JSON of a part, checked against the schema in the same archive.

    It leaves out the security events of exports, because each export adds one.
    """
    archive = unzip(ask(person, part))
    data = json.loads(archive.read("rekindle.json"))
    _validator(archive.read("schema.json")).validate(data)
    if "security_events" in data:
        data["security_events"] = [each for each in data["security_events"] if each["kind"] != "data_exported"]
    return data


@cache
def _validator(schema: bytes) -> Draft202012Validator:
    """Return the validator of a schema, which is checked once: that takes longer than most tests."""
    parsed = json.loads(schema)
    Draft202012Validator.check_schema(parsed)
    return Draft202012Validator(parsed, format_checker=FormatChecker())


def calendar(person: Person, part: str) -> icalendar.Calendar:
    parsed = icalendar.Calendar.from_ical(unzip(ask(person, part)).read("dates.ics"))
    assert isinstance(parsed, icalendar.Calendar)
    return parsed


def texts_of(person: Person) -> str:
    """Return both parts in one text."""
    return "".join(json.dumps(export(person, part), ensure_ascii=False) for part in PARTS)


def private_life(person: Person, word: str) -> None:
    """Write, choose and do everything that the partner cannot see, with a word in every text."""
    person.post("/notes", {"kind": "effort", "body": f"{word} private note"}, 201)
    write_reflection(person, f"{word} reflection")
    shared = person.post("/notes", {"kind": "effort", "body": f"{word} first thought"}, 201)
    person.patch(f"/notes/{shared['id']}", {"body": "Better words."}, '"1"')
    person.post(f"/notes/{shared['id']}/share", {"version": 2})
    texts = {"title": f"{word} idea", "summary": f"{word} summary", "steps": [f"{word} step"]}
    idea = person.post("/activities", {**texts, "category": "outdoors", "for": "either", "pace": 1}, 201)["id"]
    own(person, activity=idea, message=f"{word} line")
    person.put("/me/profile", {"interests": ["nature"], "causes": []})
    person.get("/prompts/today")
    card = person.get("/deck")["items"][0]
    person.put(f"/activities/{card['id']}/vote", {"vote": "never"})
    hours = {"kind": "never", "weekdays": ["monday", "tuesday"], "from": "09:00", "until": "17:00", "label": "work"}
    day = {"kind": "free", "day": "2026-12-24", "from": "10:00", "until": "00:00"}
    person.put("/availability", {"windows": [hours], "days": [day], "version": 0})
    person.put("/me/help", {"stuck": True})
    person.post("/commitments", {"body": f"{word} promise"}, 201)
    person.post("/calendar-feed", {"shows_titles": True})
    body = {"sign_in_name": person.sign_in_name, "password": PASSWORD, "device": f"{word} phone"}
    person.app.test_client().post("/v1/sign-ins", json=body)
