"""All reading routes of the API and the main writes, as scripts that end, for one connection.

An id in a path is that of a thing of the person, from the list that the path begins with. Where the person has none, it
is an id that nothing has, and the answer is a 404 after the same search.
"""

from __future__ import annotations

import http.client
import json
import random
import re
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any, NamedTuple
from uuid import uuid4

from api.app import OPERATIONS
from api.core.operations import Operation
from tests.benchmarks import filled
from tests.benchmarks.filled import Two
from tests.benchmarks.load import Request, Script, request
from tests.benchmarks.plays import NOTE
from tests.people import split_version

_ID = re.compile(r"(?P<list>.*?)/<uuid:\w+>")
_QUERIES = {"/me/self-care-plans/times": "?slug=two-weeks-of-daylight"}


class Route(NamedTuple):
    """A route, and a script that asks it once for each person. `number` is that of the round."""

    name: str
    script: Callable[[int], Script]


def of(port: int, couples: Sequence[Two]) -> list[Route]:
    """Return the routes, after each person has made some things of each kind."""
    with closing(_Server(port)) as server:
        for two in couples:
            _live(server, two)
        return [*_reads(server, couples), *_writes(server, couples)]


def _reads(server: _Server, couples: Sequence[Two]) -> list[Route]:
    return [
        _reading(operation, server, [token for two in couples for token in two.tokens])
        for operation in sorted(OPERATIONS, key=lambda each: each.path)
        if operation.method == "GET"
    ]


class _Server:
    """The server, asked one thing after another over one connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def ask(self, token: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Return the status and the JSON of an answer."""
        body, if_match = split_version(body)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **if_match}
        self._connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self._connection.getresponse()
        data = answer.read()
        is_json = data and "json" in (answer.headers["Content-Type"] or "")
        return answer.status, json.loads(data) if is_json else None


def _live(server: _Server, two: Two) -> None:
    """Let both persons of a couple make what no filled database has."""
    for token in two.tokens:
        server.ask(token, "POST", "/v1/commitments", {"body": "Put the phone away at dinner."})
        server.ask(
            token, "POST", "/v1/important-days", {"kind": "anniversary", "title": "Our walk", "month": 5, "day": 14}
        )
        server.ask(token, "POST", "/v1/requests", {"body": "Could you take the children to school on Thursday?"})
        server.ask(token, "PUT", "/v1/me/profile", {"interests": ["garden", "music"], "causes": []})
    server.ask(two.tokens[0], "POST", "/v1/questions", {})
    server.ask(two.tokens[1], "POST", "/v1/talks", {"guide": "something-was-forgotten", "first": "me"})


def _reading(operation: Operation, server: _Server, tokens: Sequence[str]) -> Route:
    requests, statuses = [], set()
    for token in tokens:
        path = f"/v1{_filled_in(operation, server, token)}"
        status, _ = server.ask(token, "GET", path)  # the first answer of a day can write, and is not measured
        statuses.add(status)
        if status >= 500:
            raise RuntimeError(f"{path} returned {status}")
        requests.append((path, token, status))
    unusual = "".join(f" {status}" for status in sorted(statuses - {200}))
    name = f"GET {operation.path}{unusual}"

    def play(_number: int) -> Script:
        for path, token, status in random.sample(requests, len(requests)):
            yield Request(request("GET", path, token), status, name)

    return Route(name, play)


def _filled_in(operation: Operation, server: _Server, token: str) -> str:
    """Return the path of an operation with an id of a thing of the person."""
    match = _ID.match(operation.path)
    if not match:
        return operation.path + _QUERIES.get(operation.path, "")
    id_ = _first_of(server, token, match["list"]) or str(uuid4())
    return f"{match['list']}/{id_}{operation.path[match.end() :]}"


def _first_of(server: _Server, token: str, path: str) -> str | None:
    _, things = server.ask(token, "GET", f"/v1{path}")
    items = things.get("items", []) if isinstance(things, dict) else []
    return next((item["id"] for item in items if item.get("activity", True)), None)  # a memory can be a note


def _writes(server: _Server, couples: Sequence[Two]) -> list[Route]:
    ideas = server.ask(couples[0].tokens[0], "GET", "/v1/activities?limit=100")[1]["items"]
    activities = [one["id"] for one in ideas if one["for"] == "two" and one["pace"] <= 2]
    close = [two for two in couples if two.rhythm == "together"]
    memories = {token: _first_of(server, token, "/memories") for two in couples for token in two.tokens}

    def note(_number: int) -> Script:
        """Write notes, and share those of couples who may share often."""
        for two, at in product(couples, range(2)):
            body = {"id": str(uuid4()), "kind": "kindness", "body": NOTE}
            written = json.loads((yield _request("POST", "/v1/notes", two.tokens[at], body, 201)))
            if two in close:
                path, name = f"/v1/notes/{written['id']}/share", "POST /v1/notes/{id}/share"
                yield _request("POST", path, two.tokens[at], {"version": written["version"]}, name=name)

    def date(number: int) -> Script:
        for two in close:
            day = filled.today().date() + timedelta(days=62 + number)
            slots = [{"local_time": f"{day}T{hour}:00", "zone": "Europe/Lisbon"} for hour in ("08", "21")]
            proposal = {"id": str(uuid4()), "activity_id": activities[number % len(activities)], "slots": slots}
            proposed = json.loads((yield _request("POST", "/v1/dates", two.tokens[number % 2], proposal, 201)))
            accept = {"version": proposed["version"], "slot_id": proposed["slots"][0]["id"]}
            path, name = f"/v1/dates/{proposed['id']}/accept", "POST /v1/dates/{id}/accept"
            yield _request("POST", path, two.tokens[1 - number % 2], accept, name=name)

    def choices(number: int) -> Script:
        """Vote, tell how a date was, and mark the inbox as seen."""
        for token, memory in memories.items():
            vote = {"vote": ("like", "pass")[number % 2]}
            yield _request(
                "PUT", f"/v1/activities/{activities[-1]}/vote", token, vote, name="PUT /v1/activities/{id}/vote"
            )
            if memory:
                path, name = f"/v1/dates/{memory}/feedback", "PUT /v1/dates/{id}/feedback"
                yield _request("PUT", path, token, {"feeling": ("lighter", "heavier")[number % 2]}, name=name)
            yield _request("POST", "/v1/inbox/seen", token, {"until": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.000Z"})

    return [Route("notes", note), Route("dates", date), Route("choices", choices)]


def _request(method: str, path: str, token: str, body: Any, status: int = 200, name: str = "") -> Request:
    return Request(request(method, path, token, body), status, name or f"{method} {path}")
