"""A reader of the documentation, who plays the examples of operations against the served product."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.served import Served

# The examples of ids and secrets. A reader replaces these by their own.
SESSION = "7d1b8f34-93d1-4c0c-8b50-0f2a5d1f9c22"
ACTIVITY, DATE = "9a0d5b9c-1f5e-4a53-a0a5-0c2b1d3e4f55", "3a6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a77"
SLOT, INVITATION = "e2b1c0de-3a0e-4d43-9b0c-6f7a9f1f0b66", "3f0e7a55-2c53-4a64-8a57-1f6c9b0f4d44"
CODE, NAME, RECOVERY_CODE = "ABCD-EFGH-IJKL", "amber-otter-lamp", "ABCDE-FGHIJ-KLMNO-PQRST-UVWXY"

NOTE = "6d5f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a88"
MAIL_CODE, ADDRESS = "QRSTU-VWXYZ", "robin@example.org"

PLAN = "5d6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7d21"

TOLD = ("state", "actions", "role", "pairing", "vote", "sender", "answer", "deleted_by")
"""What an answer says of the state of things. The example of a route has the same."""


@dataclass
class Reader:
    """A person who tries the examples. `own` replaces the ids and secrets of the document."""

    server: Served
    document: dict[str, Any]
    token: str | None = None
    own: dict[str, str] = field(default_factory=dict)
    played: set[str] = field(default_factory=set)

    def play(self, name: str, status: int | None = None, times: int = 2, **more: Any) -> Any:
        """Send the example of an operation, and assert its documented status. Return the first answer.

        `more` are ids for the path, and fields of the body to leave out (None).
        """
        path, method, entry = self._find(name)
        expected = status or min(int(code) for code in entry["responses"] if int(code) < 300)
        answers = [self._send(path, method, entry, expected, more) for _ in range(times)]
        self.played.add(name)
        content = entry["responses"][str(expected)].get("content", {}).get("application/json")
        if content:
            self._check_told(name, content["examples"]["example"]["value"], answers[0])
        return answers[0]

    def _find(self, name: str) -> tuple[str, str, dict[str, Any]]:
        return next(
            (path, method.upper(), entry)
            for path, methods in self.document["paths"].items()
            for method, entry in methods.items()
            if entry["operationId"] == name
        )

    def _send(self, path: str, method: str, entry: dict[str, Any], status: int, more: dict[str, Any]) -> Any:
        query = {
            parameter["name"]: self._text(parameter["example"])
            for parameter in entry["parameters"]
            if parameter["in"] == "query" and "example" in parameter
        }
        body = None
        if "requestBody" in entry:
            example = entry["requestBody"]["content"]["application/json"]["examples"]["example"]["value"]
            body = {key: value for key, value in self._replaced(example).items() if more.get(key, key) is not None}
        headers = {"Content-Type": "application/json", "If-Match": "*"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        address = path.format(**more) + (f"?{urlencode(query)}" if query else "")
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        connection.request(method, address, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        assert answer.status == status, f"{method} {address} {body}: {answer.status} {data[:500]!r}"
        return json.loads(data) if "json" in (answer.headers["Content-Type"] or "") else data

    def _replaced(self, example: Any) -> Any:
        text = json.dumps(example)
        for theirs, own in self.own.items():
            text = text.replace(theirs, own)
        return json.loads(text)

    def _text(self, value: Any) -> str:
        value = self._replaced(value)
        return ",".join(value) if isinstance(value, list) else str(value).lower() if value in (True, False) else value

    @staticmethod
    def _check_told(name: str, example: dict[str, Any], answer: dict[str, Any]) -> None:
        told = {key: example[key] for key in TOLD if key in example}
        assert told == {key: answer[key] for key in told}, name
