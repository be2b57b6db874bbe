"""Jumps of the machine's clock, forward and back, made by libfaketime while reminders go to a phone.

    python -m tests.campaigns.clock_jumps [REMINDERS]

On SQLite the reminders follow the clock of the machine. On PostgreSQL they follow the clock of the database, which many
hosts share and which does not jump here. On both, each reminder comes once, and the ticks go on after each jump.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from planner import inbox
from planner.settings import Settings
from planner.storage import db
from tests import postgresql, push_services, served
from tests.campaigns.outages import add_phone, sending_to, topics
from tests.campaigns.stalls import sign_up

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_LIBRARIES = ("/usr/lib/*/faketime/libfaketime.so.1", "/usr/local/lib/faketime/libfaketime.so.1")
# libfaketime breaks the clock_nanosleep of Python's sleep.
_SLEEP = "import select, time\ntime.sleep = lambda seconds: select.select([], [], [], seconds) and None\n"
_PATIENCE = 200  # seconds, in which a message that a busy machine did not send at first is tried again
_MINUTE = timedelta(minutes=1)
FEW = ("an hour ahead", "a day ahead", "two days back")
"""A jump forward by which messages are late, one by which they are too late, and a jump back."""


@dataclass
class Figures:
    """What came to the phone at each step: its name, how many messages were due, and how many came."""

    steps: list[tuple[str, int, int]] = field(default_factory=list)
    repeated: int = 0
    statuses: Counter[int] = field(default_factory=Counter)

    def faults(self) -> list[str]:
        """Return what is wrong."""
        wrong = [f"{name}: {came} of {due} came" for name, due, came in self.steps if came != due]
        wrong += [f"{self.repeated} came more than once"] if self.repeated else []
        return wrong + [f"{count} answers {status}" for status, count in self.statuses.items() if status >= 300]


def library() -> str | None:
    """Return the path of libfaketime, or None where it is not installed (Debian: `apt-get install faketime`)."""
    paths = [path for pattern in _LIBRARIES for path in Path("/").glob(pattern.lstrip("/"))]
    return str(paths[0]) if paths else None


class _Jumps:
    """The clock of a served product."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self.shift = timedelta()
        (folder / "sitecustomize.py").write_text(_SLEEP)
        self._folder = folder
        self.to(timedelta())

    def to(self, shift: timedelta) -> None:
        """Set the clock so far ahead of the true time, or behind it."""
        served.replace(self._file, f"{shift.total_seconds():+.0f}\n")
        self.shift = shift

    def have_ticked(self) -> bool:
        """Tell whether each worker has ended a tick that began after the last jump."""
        now = datetime.now(UTC) + self.shift
        ticks = [datetime.fromisoformat(file.read_text()) for file in self._folder.glob("tick-*")]
        return len(ticks) == Settings().workers and all(abs(now - tick) < _MINUTE for tick in ticks)

    def command(self) -> tuple[str, ...]:
        """Return the command that runs a program with this clock."""
        faked = {
            "LD_PRELOAD": library(),
            "FAKETIME_TIMESTAMP_FILE": self._file,
            "FAKETIME_NO_CACHE": 1,
            "FAKETIME_DONT_FAKE_MONOTONIC": 1,
            "PYTHONPATH": self._folder,
        }
        return ("env", *(f"{name}={value}" for name, value in faked.items()))


def run(url: str, folder: Path, count: int, chosen: Collection[str] = ()) -> Figures:
    """Let the clock of a served product jump, by all steps or the chosen ones, and return what came."""
    figures, is_shared = Figures(), not url.startswith("sqlite")
    jumps = _Jumps(folder)
    with push_services.running() as service, ExitStack() as stack:
        command = jumps.command()
        server = served.start(url, folder, within=command, app="create_quick_app", **sending_to(service))
        stack.callback(server.kill)
        token = sign_up(server)
        person = add_phone(server, token, service)

        def plan(ahead: timedelta) -> None:
            _plan(url, person, count, (timedelta() if is_shared else jumps.shift) + ahead)

        def step(name: str, shift: timedelta, others: int = 0) -> None:
            """Jump, plan reminders for in a moment, and see whether they come, and only the `others` beside them."""
            if chosen and name not in chosen:
                return
            before = len(topics(service))  # the others may come before the step has planned its own
            jumps.to(shift)
            # A tick that began before the jump would take what is planned for after it as late.
            assert served.wait_until(jumps.have_ticked, _PATIENCE), f"no tick has ended after the jump: {name}"
            plan(timedelta(seconds=0.3))
            due = count + (0 if is_shared else others)
            served.wait_until(lambda: len(topics(service)) - before >= due, _PATIENCE)
            figures.steps.append((name, due, len(topics(service)) - before))
            note = {"kind": "effort", "body": "You waited."}
            figures.statuses[server.request("POST", "/v1/notes", token, note)[0]] += 1
            figures.statuses[server.request("GET", "/v1/today", token)[0]] += 1

        plan(HOUR / 2)
        plan(DAY / 2)
        step("before the jumps", timedelta())
        step("an hour ahead", HOUR, count)
        step("two hours back", -HOUR)
        step("a day ahead", DAY, 1)  # one message replaces those that are twelve hours late
        step("two days back", -DAY)
        step("right again", timedelta())
        came = topics(service)
        figures.repeated = came.total() - len(came)
    return figures


def _plan(url: str, person: UUID, count: int, ahead: timedelta) -> None:
    """Let so many reminders become due at about the same time."""
    at = datetime.now(UTC) + ahead
    db.open_database(url)
    with db.connection(), db.write():
        for number in range(count):
            due = at + timedelta(seconds=number / count)
            inbox.add(person, "date_tomorrow", uuid4(), due, at + 3 * DAY)
    db.dispose()


def main(reminders: str = "100") -> None:
    """Print the figures of each kind of database, and fail if something is wrong."""
    if library() is None:
        sys.exit("There is no libfaketime: apt-get install faketime")
    wrong = False
    with tempfile.TemporaryDirectory(prefix="rekindle-jumps-") as name, postgresql.running() as place:
        urls = {"sqlite": f"sqlite:///{name}/jumps.sqlite3"}
        if place:
            postgresql.administer(place, "CREATE DATABASE jumps")
            urls["postgresql"] = place.format(database="jumps")
        for kind, url in urls.items():
            folder = Path(name, kind)
            folder.mkdir()
            figures = run(url, folder, int(reminders))
            wrong = wrong or bool(figures.faults())
            print(f"{kind}: {', '.join(figures.faults()) or 'each reminder came once'}", flush=True)
            print(f"{figures.steps}, answers {dict(figures.statuses)}", flush=True)
    if wrong:
        sys.exit("a jump of the clock left something wrong")


if __name__ == "__main__":
    main(*sys.argv[1:])
