"""People in tests: each holds a token and speaks to the app over HTTP, as a phone would."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from flask import Flask
from werkzeug.test import TestResponse

from planner.catalogue.activities import Activity
from planner.storage import db
from seeds import reader

PASSWORD = "correct horse battery"


@dataclass
class Person:
    """Somebody with a token. The verbs assert the status they expect and return the JSON of the answer."""

    app: Flask
    name: str
    id: str
    sign_in_name: str
    token: str
    recovery_code: str

    def request(self, method: str, path: str, json: Any = None, **headers: str) -> TestResponse:
        """Any request with this person's token; header names with underscores for hyphens.

        A "version" in the JSON is sent as If-Match instead, unless the headers have one.
        """
        sent = {"Authorization": f"Bearer {self.token}"}
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        if "If-Match" not in sent:
            json, if_match = split_version(json)
            sent.update(if_match)
        return self.app.test_client().open(f"/v1{path}", method=method, json=json, headers=sent)

    def get(self, path: str, status: int = 200) -> Any:
        """GET, expecting a status."""
        return expect(self.request("GET", path), status)

    def post(self, path: str, json: Any = None, status: int = 200) -> Any:
        """POST, expecting a status."""
        return expect(self.request("POST", path, {} if json is None else json), status)

    def put(self, path: str, json: Any, status: int = 200) -> Any:
        """PUT, expecting a status."""
        return expect(self.request("PUT", path, json), status)

    def patch(self, path: str, json: Any, version: str, status: int = 200) -> Any:
        """PATCH with If-Match, expecting a status."""
        return expect(self.request("PATCH", path, json, If_Match=version), status)

    def delete(self, path: str, status: int | None = None) -> Any:
        """DELETE, expecting a status, or any success: 204, or 200 with what it changed."""
        answer = self.request("DELETE", path)
        return expect(answer, status or (204 if answer.status_code == 204 else 200))

    def inbox(self) -> list[str]:
        """The kinds of the items to find now, newest first."""
        return [item["kind"] for item in self.get("/inbox?limit=100")["items"]]


def split_version(json: Any) -> tuple[Any, dict[str, str]]:
    """Return a body without its "version", and the header that sends the version instead."""
    if not isinstance(json, dict) or "version" not in json:
        return json, {}
    return {name: value for name, value in json.items() if name != "version"}, {"If-Match": f'"{json["version"]}"'}


class Cast(NamedTuple):
    """Everybody."""

    alice: Person
    bob: Person
    charlie: Person
    dana: Person
    sam: Person


def expect(answer: TestResponse, status: int) -> Any:
    """The JSON of an answer of that status; anything else fails with what came."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.get_data(as_text=True)}"
    return answer.get_json() if answer.data else None


def sign_up(app: Flask, name: str, zone: str) -> Person:
    """A new person."""
    body = {"display_name": name, "password": PASSWORD, "zone": zone}
    made = expect(app.test_client().post("/v1/people", json=body), 201)
    return Person(app, name, made["id"], made["sign_in_name"], made["token"], made["recovery_code"])


def pair(inviter: Person, accepter: Person, rhythm: str = "together") -> None:
    """Make two a couple, both choosing that rhythm."""
    made = inviter.post("/invitations", {}, 201)
    accepter.post("/invitations/accept", {"code": made["code"], "rhythm": rhythm})
    inviter.post("/invitations/confirm", {"invitation": made["id"], "rhythm": rhythm}, 200)


shipped = cache(reader.shipped)


def activity_id(**wanted: Any) -> str:
    """Return the id of the first shipped activity whose fields are as wanted.

    It does not search over HTTP: in a new database the first search prepares the whole catalogue.
    """
    activities = shipped().activities
    slug = next(one.slug for one in activities if all(getattr(one, name) == value for name, value in wanted.items()))
    with db.connection():
        return str(Activity.select(Activity.id).where(Activity.slug == slug).scalar())


def propose(sender: Person, start: datetime, status: int = 201, **more: Any) -> Any:
    """Propose a light activity for two: at `start` (an instant) and a day later, by the UTC wall."""
    walls = [start, start + timedelta(days=1)]
    body = {
        "activity": activity_id(party="two", pace=2),
        "slots": [{"wall": wall.strftime("%Y-%m-%dT%H:%M"), "zone": "UTC", "minutes": 60} for wall in walls],
        **more,
    }
    return sender.post("/dates", body, status)
