"""The people of the tests. Each has a token and talks to the app over HTTP, as a phone does."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from flask import Flask
from werkzeug.test import TestResponse, run_wsgi_app
from werkzeug.wrappers import Request

from planner.catalogue.activities import Activity
from planner.storage import db
from seeds import reader

PASSWORD = "correct horse battery"


@dataclass
class Person:
    """A person with a token. Each verb asserts the status and returns the JSON of the answer."""

    app: Flask
    name: str
    id: str
    sign_in_name: str
    token: str
    recovery_code: str
    confirms: bool = True  # as the client does, when the server asks for the password again

    def request(self, method: str, path: str, json: Any = None, **headers: str) -> TestResponse:
        """Send a request with this person's token. Header names have underscores for hyphens.

        A "version" in the JSON is sent as If-Match instead, unless the headers have one.
        """
        sent = {"Authorization": f"Bearer {self.token}"}
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        if "If-Match" not in sent:
            json, if_match = split_version(json)
            sent.update(if_match)
        answer = ask(self.app, method, f"/v1{path}", json, sent)
        if answer.status_code == 403 and answer.get_json()["reason"] == "confirm_first" and self.confirms:
            expect(self.request("POST", "/sign-ins/current/confirm", {"password": PASSWORD}), 200)
            return self.request(method, path, json, **headers)
        return answer

    def get(self, path: str, status: int = 200) -> Any:
        """Send a GET, and assert its status."""
        return expect(self.request("GET", path), status)

    def post(self, path: str, json: Any = None, status: int = 200) -> Any:
        """Send a POST, and assert its status."""
        return expect(self.request("POST", path, {} if json is None else json), status)

    def put(self, path: str, json: Any, status: int = 200) -> Any:
        """Send a PUT, and assert its status."""
        return expect(self.request("PUT", path, json), status)

    def patch(self, path: str, json: Any, version: str, status: int = 200) -> Any:
        """Send a PATCH with If-Match, and assert its status."""
        return expect(self.request("PATCH", path, json, If_Match=version), status)

    def delete(self, path: str, status: int | None = None) -> Any:
        """Send a DELETE, and assert its status: by default 204, or 200 with what it changed."""
        answer = self.request("DELETE", path)
        return expect(answer, status or (204 if answer.status_code == 204 else 200))

    def sign_in_again(self) -> None:
        """Sign in with the password, after a time in which the token ended."""
        sent = {"sign_in_name": self.sign_in_name, "password": PASSWORD}
        self.token = expect(self.app.test_client().post("/v1/sign-ins", json=sent), 201)["session"]["token"]

    def inbox(self) -> list[str]:
        """Return the kinds of the visible inbox items, newest first."""
        return [item["kind"] for item in self.get("/inbox?limit=100")["items"]]


def ask(app: Flask, method: str, target: str, json: Any, headers: dict[str, str]) -> TestResponse:
    """Send a request to the app, with a JSON body unless that is None."""
    if json is None:
        return send(app, method, target, b"", headers)
    return send(app, method, target, app.json.dumps(json).encode(), {"Content-Type": "application/json", **headers})


def send(app: Flask, method: str, target: str, body: bytes, headers: dict[str, str]) -> TestResponse:
    """Send a request to the app by WSGI.

    The tests send tens of thousands, and the test client of Flask takes a seventh of the time of each.
    """
    if not (target.isascii() and target.isprintable() and " " not in target):
        return app.test_client().open(target, method=method, data=body, headers=headers)  # it encodes such a target
    path, _, query = target.partition("?")
    environ = {
        **_ENVIRON,
        "REQUEST_METHOD": method,
        "REQUEST_URI": target,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        **{_variable(name): value for name, value in headers.items()},
    }
    return TestResponse(*run_wsgi_app(app, environ, buffered=True), request=Request(environ))


_ENVIRON = {
    "REMOTE_ADDR": "127.0.0.1", "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
    "HTTP_HOST": "localhost", "SCRIPT_NAME": "", "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
    "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
}  # fmt: skip


@cache
def _variable(header: str) -> str:
    """Return the name of a header in a WSGI environment."""
    name = header.upper().replace("-", "_")
    return name if name == "CONTENT_TYPE" else f"HTTP_{name}"


def split_version(json: Any) -> tuple[Any, dict[str, str]]:
    """Return a body without its "version", and the header that sends the version instead."""
    if not isinstance(json, dict) or "version" not in json:
        return json, {}
    return {name: value for name, value in json.items() if name != "version"}, {"If-Match": f'"{json["version"]}"'}


class Cast(NamedTuple):
    """All people of the tests."""

    alice: Person
    bob: Person
    charlie: Person
    dana: Person
    sam: Person


def expect(answer: TestResponse, status: int) -> Any:
    """Assert the status of an answer, and return its JSON."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.get_data(as_text=True)}"
    return answer.get_json() if answer.data else None


def sign_up(app: Flask, name: str, zone: str) -> Person:
    """Sign up a new person."""
    body = {"display_name": name, "password": PASSWORD, "zone": zone}
    return person_of(app, name, expect(app.test_client().post("/v1/people", json=body), 201))


def person_of(app: Flask, name: str, account: dict[str, Any]) -> Person:
    """Return the person who got this answer to a sign-up."""
    session = account["session"]
    return Person(app, name, session["person_id"], account["sign_in_name"], session["token"], account["recovery_code"])


def pair(inviter: Person, invitee: Person, rhythm: str = "together") -> None:
    """Make two people a couple, with one rhythm."""
    invitation = inviter.post("/invitations", {}, 201)
    invitee.post("/invitations/accept", {"code": invitation["code"], "rhythm": rhythm})
    inviter.post("/invitations/confirm", {"invitation_id": invitation["id"], "rhythm": rhythm}, 200)


shipped = cache(reader.shipped)


def activity_id(**fields: Any) -> str:
    """Return the id of the first shipped activity that has these fields.

    It does not search over HTTP: in a new database the first search prepares the whole catalogue.
    """
    activities = shipped().activities
    slug = next(each.slug for each in activities if all(getattr(each, name) == value for name, value in fields.items()))
    with db.connection():
        ((found,),) = _with_slug(slug)
        return str(found)


@db.cached_query
def _with_slug(slug: Any) -> Any:
    return Activity.select(Activity.id).where(Activity.slug == slug)


def propose(sender: Person, start: datetime, status: int = 201, **more: Any) -> Any:
    """Propose a light activity for two, at `start` and a day later, in UTC."""
    walls = [start, start + timedelta(days=1)]
    body = {
        "activity_id": activity_id(party="two", pace=2),
        "slots": [{"local_time": wall.strftime("%Y-%m-%dT%H:%M"), "zone": "UTC", "minutes": 60} for wall in walls],
        **more,
    }
    return sender.post("/dates", body, status)
