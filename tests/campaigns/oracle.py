"""What one person can find out about another: every answer that they get, written down so that worlds compare.

Ids that the server makes are random; so is whatever is made of them: tags of answers, places in lists. Each is written
as a number, in the order in which it came up: two worlds read the same exactly if the same things recur at the same
places. All else stands as it is: status, headers, bodies, their length and order, and how many statements it took.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from werkzeug.test import TestResponse

from tests.api.test_query_counts import statements
from tests.people import Person

_RANDOM = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"  # an id
    r"|(?<=\.)[0-9a-f]{24}(?=\")"  # the hash in a tag
    r"|(?<=\"next\":\")[A-Za-z0-9_=-]+"  # a place in a list
)


class Line(NamedTuple):
    """One answer, or one ring of the phone."""

    asked: str
    told: str
    statements: int = 0


@dataclass
class Oracle:
    """Somebody who asks. `lines` are all that they were answered, in a form that compares."""

    person: Person
    lines: list[Line] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    _numbers: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Ask, and write down what came."""
        with statements() as executed:
            answer = self.person.request(method, path, body, **headers)
        told = f"{answer.status_code}\n{answer.headers}{answer.get_data(as_text=True)}"
        self.lines.append(Line(self._numbered(f"{method} {path} {body or ''}"), self._numbered(told), len(executed)))
        return answer

    def read(self, path: str) -> None:
        """Read, and read again only what has changed since the last time."""
        seen = {"If_None_Match": self.tags[path]} if path in self.tags else {}
        answer = self.ask("GET", path, **seen)
        if "ETag" in answer.headers:
            self.tags[path] = answer.headers["ETag"]

    def ring(self, text: str) -> None:
        """The phone has rung."""
        self.lines.append(Line("phone", text))

    def _numbered(self, text: str) -> str:
        return _RANDOM.sub(lambda found: self._numbers.setdefault(found[0], f"#{len(self._numbers)}"), text)


def difference(one: Oracle, other: Oracle) -> str | None:
    """The first answer that tells two worlds apart, or None."""
    for number, (mine, theirs) in enumerate(zip(one.lines, other.lines, strict=False)):
        if mine != theirs:
            return f"answer {number}, {mine.asked}:\n{_told(mine)}\ninstead of ({theirs.asked})\n{_told(theirs)}"
    if len(one.lines) != len(other.lines):
        return f"{len(one.lines)} answers instead of {len(other.lines)}"
    return None


def _told(line: Line) -> str:
    return f"[{line.statements} statements] {line.told}"
