"""Export: a ZIP of a person's data, in two parts (see export_ordinary.py and export_private.py).

It holds `rekindle.json`, its JSON schema `schema.json`, and the agreed dates as `dates.ics`. The private part has the
person's photos, too.

All data but the photos is read in one snapshot, into a file that moves to the disk once it is large. The ZIP is made
afterwards, outside the transaction. Each photo is read when its turn comes, while the ZIP is sent. So a long history or
a slow network delays no other request, and neither memory nor disk holds more than one photo.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime
from threading import Lock
from typing import IO, Any, NamedTuple
from uuid import UUID

import peewee

from planner import clock
from planner.accounts import accounts, data_keys, security_events
from planner.accounts.accounts import Person
from planner.calendars import date_events, ics_export
from planner.calendars.ics_export import CalendarEvent
from planner.contact.viewer import Viewer
from planner.couples import couples, former_couples
from planner.dates import state_machine
from planner.errors import Conflict
from planner.photos import photos
from planner.privacy import export_photos
from planner.privacy.export_account import ACCOUNT
from planner.privacy.export_answers import ANSWERS
from planner.privacy.export_days import DAYS
from planner.privacy.export_format import INSTANT, PAGE, PARTS, PRIVATE, ExportScope, Section, columns
from planner.privacy.export_memories import MEMORIES
from planner.privacy.export_photos import PHOTOS
from planner.privacy.export_private import OWN
from planner.privacy.export_reactions import REACTIONS
from planner.privacy.export_reflections import REFLECTIONS
from planner.privacy.export_requests import REQUESTS
from planner.privacy.export_shared import SHARED, plans
from planner.privacy.export_support import SUPPORT
from planner.privacy.export_talks import TALKS
from planner.privacy.zip_stream import ZipStream, spool
from planner.storage import db

FORMAT, VERSION = "rekindle-export", 1
"""The version goes up when a program for the last version could fail."""

SECTIONS = (
    *SHARED,
    *TALKS,
    *OWN,
    *REACTIONS,
    *REQUESTS,
    *MEMORIES,
    *REFLECTIONS,
    *PHOTOS,
    *SUPPORT,
    *ANSWERS,
    *DAYS,
    *ACCOUNT,
)

_PERSON = columns(Person.id, Person.sign_in_name, Person.display_name, Person.zone, Person.created_at)


_sending: set[UUID] = set()
"""The people to whom this process sends photos."""
_lock = Lock()


class Export(NamedTuple):
    """A ZIP: its name, its bytes in pieces, and their number. The reader closes the pieces."""

    name: str
    pieces: Iterator[bytes]
    size: int


def create_export(viewer: Viewer, part: str, password: str, now: datetime) -> Export:
    """Return one part of the viewer's data. The caller has checked the password, which opens the reflections.

    Raise Conflict while this process sends the same person other photos.
    """
    key = data_keys.open_with_password(viewer.id, password) if part == PRIVATE else None
    day = clock.to_zone(now, viewer.zone)
    archive = ZipStream(day)
    with spool() as document:
        with db.snapshot():
            scope = _scope(viewer, now)._replace(key=key)
            _write(document, scope, part)
            dates = _calendar_events(scope, part)
            sizes = export_photos.list_sizes(viewer.id) if part == PRIVATE else {}
        _add_texts(archive, document, dates)
    pieces = _pieces(archive, viewer.id, list(sizes))
    next(pieces)  # From here on, it gives everything back when it is closed, even if none of it was sent.
    try:
        with db.write((Person, [viewer.id])):  # before the first byte leaves, and not for a refused export
            security_events.record(viewer.id, security_events.DATA_EXPORTED, now)
    except BaseException:
        pieces.close()
        raise
    size = archive.size_with((export_photos.file_name(photo), size) for photo, size in sizes.items())
    return Export(f"rekindle-{part}-{day:%Y-%m-%d}.zip", pieces, size)


def _add_texts(archive: ZipStream, document: IO[bytes], dates: list[CalendarEvent]) -> None:
    document.seek(0)
    with archive.begin("rekindle.json") as entry:
        shutil.copyfileobj(document, entry)
    with archive.begin("schema.json") as entry:
        entry.write(json.dumps(schema(), indent=2, ensure_ascii=False).encode())
    with archive.begin("dates.ics") as entry:
        for piece in ics_export.calendar(dates):
            entry.write(piece)


def _pieces(archive: ZipStream, person: UUID, photo_ids: Collection[UUID]) -> Generator[bytes, None, None]:
    """Yield nothing once, and then the ZIP. Raise NotFound if a photo was withdrawn since: the ZIP stays incomplete."""
    with closing(archive):
        with _alone(person, photo_ids):
            yield b""
            for photo_id in photo_ids:
                with db.connection():  # not longer: the reader may be slow
                    picture = photos.file_of(photo_id, "large")
                archive.add(export_photos.file_name(photo_id), picture)
                yield from archive.take()
        archive.finish()
        yield from archive.take()


@contextmanager
def _alone(person: UUID, sent: Collection[UUID]) -> Iterator[None]:
    """Raise Conflict if this process already sends photos to the person: each reader takes memory and connections."""
    if not sent:
        yield
        return
    with _lock:
        if person in _sending:
            raise Conflict("export_running")
        _sending.add(person)
    try:
        yield
    finally:
        _sending.discard(person)


def _calendar_events(scope: ExportScope, part: str) -> list[CalendarEvent]:
    agreed = (state_machine.ACCEPTED, state_machine.COMPLETED)
    date_ids = [plan.id for plan in plans(scope, part) if plan.state in agreed]
    return [event for some_ids in peewee.chunked(date_ids, PAGE) for event in date_events.read(some_ids)]


def _scope(viewer: Viewer, now: datetime) -> ExportScope:
    """Read the viewer anew inside the snapshot: the couple may have changed a moment ago."""
    alone = viewer._replace(pair=None, partner_name=None, former=None)
    former = former_couples.list_former_couples(viewer.id, now)
    pair = couples.find_pair(viewer.id)
    if pair is None:
        return ExportScope(alone, former, now)
    # In the viewer's space, the viewer still reads the earlier name.
    name = viewer.partner_name if viewer.couple == pair.couple else couples.get_partner_name(pair)
    return ExportScope(alone._replace(pair=pair, partner_name=name), former, now)


def _write(file: IO[bytes], scope: ExportScope, part: str) -> None:
    row = accounts.get(scope.viewer.id)
    head = {
        "format": FORMAT,
        "version": VERSION,
        "part": part,
        "exported_at": scope.now,
        "person": {name: getattr(row, name) for name in _PERSON},
    }
    file.write(_json(head)[:-1])
    for section in _sections(part):
        file.write(b",\n" + _json(section.name) + b":[")
        for number, thing in enumerate(section.read(scope)):
            file.write((b",\n" if number else b"\n") + _json(thing))
        file.write(b"]")
    file.write(b"}\n")


def _sections(part: str) -> Iterable[Section]:
    return (section for section in SECTIONS if section.part == part)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain).encode()


def _plain(value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            return value.isoformat(timespec="minutes")
        return value.astimezone(clock.UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
    assert isinstance(value, date), f"no way to write {value!r}"
    return value.isoformat()


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of rekindle.json as a document of its own."""
    definitions = schemas("#/$defs/")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **definitions.pop("DataExport"),
        "$defs": definitions,
    }


def schemas(where: str) -> dict[str, dict[str, Any]]:
    """Return the schemas by name: "DataExport" is the file; the others are referenced as `where` + their name."""
    head = {
        "format": {"const": FORMAT},
        "version": {"const": VERSION},
        "part": {"enum": list(PARTS)},
        "exported_at": INSTANT,
        "person": {"$ref": f"{where}ExportedPerson"},
    }
    lists = {
        section.name: {
            "type": "array",
            "items": {"$ref": where + section.thing},
            "description": f"{section.about} In the {section.part} part.",
        }
        for section in SECTIONS
    }
    whole = {
        "title": "A Rekindle export",
        "type": "object",
        "properties": {**head, **lists},
        "required": list(head),
        "allOf": [_required(part) for part in PARTS],
        "additionalProperties": False,
    }
    things = {section.thing: _object(section.about, section.columns) for section in SECTIONS}
    return {"DataExport": whole, "ExportedPerson": _object("Whose export it is.", _PERSON), **things}


def _required(part: str) -> dict[str, Any]:
    """Return the rule that a part holds all of its lists, and none of the second part."""
    own = [section.name for section in _sections(part)]
    others = {section.name: False for section in SECTIONS if section.part != part}
    return {"if": {"properties": {"part": {"const": part}}}, "then": {"required": own, "properties": others}}


def _object(about: str, properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "description": about,
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }
