"""Imports: your notes, ideas, dates and choices from an export that you made on another server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validates

from api import enumerations
from api.activities import IdeaIn, with_defaults
from api.availability import AvailabilityDayPut, AvailabilityWindowPut
from api.core import rate_limits
from api.core.enumerations import EnumField
from api.core.fields import Choice, LocalDateTime, Number, Text, TimeZoneName, UtcDateTime, Uuid
from api.core.operations import SIGNED_IN, RequestContext
from api.core.routing import Routes
from api.core.validators import InvalidValue, Length
from api.profiles import ProfilePut
from planner.calendars.availability import MAX_DAYS as MAX_AVAILABLE_DAYS
from planner.calendars.availability import MAX_WINDOWS
from planner.calendars.free_windows import Availability, DayWindow, WeekWindow
from planner.dates import state_machine
from planner.dates.feedback import Feedback
from planner.dates.slots import MAX_DAYS, MAX_MINUTES, SlotRequest
from planner.errors import Conflict, Invalid, RateLimited
from planner.notes.imported_notes import ImportedNote
from planner.privacy import exports, imports
from planner.privacy.imports import ActivityRef, Archive, ArchivedDate
from planner.recommender.profiles import Profile

routes = Routes("imports")

MAX_ARCHIVE = 16 * 1024 * 1024
"""Bytes of rekindle.json. A person who writes a note a day for twenty years has about 10 MB."""

_LEAST_MINUTES = 10
_AGREED = (state_machine.ACCEPTED, state_machine.COMPLETED)


def _list(text: str, most: int) -> fields.List[Any]:
    description = f"{text} As in the export; missing: none. One that cannot be read is skipped."
    return fields.List(
        fields.Dict(fields.String(), fields.Raw(allow_none=True)),
        load_default=list,
        validate=Length(0, most),
        metadata={"examples": [[]], "description": description},
    )


class ImportIn(Schema):
    """The file rekindle.json of an export, from either of its parts. What an import does not know, it leaves out."""

    format = fields.String(required=True, metadata={"examples": [exports.FORMAT]})
    version = Number(1, exports.VERSION, required=True, metadata={"examples": [exports.VERSION]})
    own_ideas = _list("Your own ideas.", 2000)
    own_dates = _list("Your dates alone.", 20_000)
    dates = _list("Dates of two. Past ones become past dates of yours alone; agreed ones ahead are skipped.", 20_000)
    private_notes = _list("Your private notes.", 20_000)
    shared_notes = _list("Your shared notes. Here they are private.", 20_000)
    feedback = _list("How dates were for you.", 20_000)
    votes = _list("Your votes.", 5000)
    profile = _list("Your profile. It counts if you have none here.", 1)
    availability = _list("When you are free. It counts if you have said nothing here.", 500)

    @pre_load
    def _leave_out_unknown(self, data: Any, **kwargs: Any) -> Any:
        # An export of a newer server, and the part of a partner's words, have more than is taken over.
        return {name: data[name] for name in self.fields if name in data} if isinstance(data, dict) else data

    @validates("format")
    def _check_format(self, value: str, **kwargs: Any) -> None:
        if value != exports.FORMAT:
            raise InvalidValue("not_a_choice", choices=[exports.FORMAT])


class _Idea(IdeaIn):
    id = Uuid(required=True)  # type: ignore[assignment]  # one that was imported before is not random


class _Note(Schema):
    id = Uuid(required=True)
    kind = Choice(enumerations.NOTE_KIND, required=True)
    body = Text(4000, lines=True, required=True)
    date = Uuid(load_default=None, allow_none=True)
    created_at = UtcDateTime(required=True)


class _Slot(Schema):
    start = UtcDateTime(required=True)
    end = UtcDateTime(required=True)
    local_time = LocalDateTime(required=True)
    zone = TimeZoneName(required=True)
    days = Number(1, MAX_DAYS, load_default=None, allow_none=True)


class _Activity(Schema):
    activity = Uuid(required=True)
    slug = fields.String(load_default=None, allow_none=True)
    title = fields.String(load_default=None, allow_none=True)


class _Date(_Activity):
    id = Uuid(required=True)
    state = fields.String(required=True)
    message = Text(140, load_default=None, allow_none=True)
    place = Text(140, load_default=None, allow_none=True)
    created_at = UtcDateTime(required=True)
    slots = fields.List(fields.Nested(_Slot(unknown=EXCLUDE)), required=True, validate=Length(1, 3))


class _Feedback(Schema):
    date = Uuid(required=True)
    feeling = Choice(enumerations.FEELING, load_default=None, allow_none=True)
    rating = Number(1, 5, load_default=None, allow_none=True)
    again = Choice(enumerations.AGAIN_ANSWER, load_default=None, allow_none=True)


class _Vote(_Activity):
    vote = Choice(enumerations.VOTE, required=True)


class ImportedOut(Schema):
    """How many things of one kind came over."""

    kind = EnumField(enumerations.IMPORT_KIND, metadata={"examples": ["notes"]})
    added = fields.Integer(metadata={"examples": [212]})
    present = fields.Integer(metadata={"examples": [0], "description": "They are here already."})
    skipped = fields.Integer(
        metadata={"examples": [1], "description": "They cannot be read, or do not fit here. The export still has them."}
    )


class ImportResultOut(Schema):
    """What came over, by kind. Kinds without a thing are left out."""

    items = fields.List(fields.Nested(ImportedOut))


@routes.post(
    "/me/imports",
    access=SIGNED_IN,
    body=ImportIn(),
    answer=ImportResultOut(),
    max_body=MAX_ARCHIVE,
    problems=[Invalid, Conflict, RateLimited],
)
def create_import(context: RequestContext) -> dict[str, Any]:
    """Take over your things from another server. A repeat adds nothing twice. Your partner sees nothing of it."""
    rate_limits.count(rate_limits.imports(str(context.viewer.id)), context.now)
    reader = _Reader(context.body)
    results = {result.kind: result for result in imports.run(context.viewer, reader.archive(), context.now)}
    items = [result._replace(skipped=result.skipped + reader.skipped[kind]) for kind, result in results.items()]
    return {"items": [item for item in items if item.added or item.present or item.skipped]}


class _Reader:
    """It reads the lists of an export, each thing by itself, and counts those that cannot be read."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._body = body
        self.skipped = dict.fromkeys(enumerations.IMPORT_KIND.values, 0)

    def archive(self) -> Archive:
        """Return what can be read."""
        return Archive(
            ideas=dict(self._ideas()),
            dates=[*self._dates("own_dates"), *self._dates("dates")],
            notes=[*self._notes("private_notes"), *self._notes("shared_notes")],
            feedback={
                item["date"]: Feedback(item["feeling"], item["rating"], item["again"])
                for item in self._each("feedback", "feedback", _Feedback())
            },
            votes=[(_ref(item), item["vote"]) for item in self._each("votes", "votes", _Vote())],
            profile=next((Profile(**_tuples(item)) for item in self._each("profile", "profile", ProfilePut())), None),
            availability=self._availability(),
        )

    def _each(self, kind: str, name: str, schema: Schema) -> Iterator[dict[str, Any]]:
        for thing in self._body[name]:
            yield from self._load(kind, thing, schema)

    def _load(self, kind: str, thing: Any, schema: Schema) -> Iterator[dict[str, Any]]:
        try:
            yield schema.load(thing, unknown=EXCLUDE)
        except ValidationError:
            self.skipped[kind] += 1

    def _ideas(self) -> Iterator[tuple[UUID, dict[str, Any]]]:
        for idea in self._body["own_ideas"]:
            content = idea.get("content")
            if idea.get("retired_at") or not isinstance(content, dict):
                continue
            # An export names the audience as it is stored; an idea in a request calls it "for".
            values = {**content, "for": content.get("party"), "id": idea.get("id")}
            for loaded in self._load("ideas", values, _Idea()):
                yield loaded.pop("id"), with_defaults(loaded)

    def _dates(self, name: str) -> Iterator[ArchivedDate]:
        for date in self._each("dates", name, _Date()):
            if date["state"] not in _AGREED:
                continue
            slot = date["slots"][0]
            minutes = None if slot["days"] else int((slot["end"] - slot["start"]).total_seconds() // 60)
            if minutes is not None and not _LEAST_MINUTES <= minutes <= MAX_MINUTES:
                self.skipped["dates"] += 1
                continue
            yield ArchivedDate(
                date["id"],
                _ref(date),
                SlotRequest(slot["local_time"], slot["zone"], minutes, slot["days"]),
                slot["start"],
                slot["end"],
                date["state"],
                date["message"],
                date["place"],
                date["created_at"],
                with_partner=name == "dates",
            )

    def _notes(self, name: str) -> Iterator[ImportedNote]:
        for note in self._each("notes", name, _Note()):
            yield ImportedNote(note["id"], note["kind"], note["body"], note["created_at"], note["date"])

    def _availability(self) -> Availability | None:
        week, days = list[WeekWindow](), list[DayWindow]()
        for window in self._body["availability"]:
            if window.get("day"):
                days += [DayWindow(**day) for day in self._load("availability", window, AvailabilityDayPut())]
            else:
                week += [_week(item) for item in self._load("availability", window, AvailabilityWindowPut())]
        if not week and not days:
            return None
        return Availability(tuple(week[:MAX_WINDOWS]), tuple(days[:MAX_AVAILABLE_DAYS]))


def _week(window: dict[str, Any]) -> WeekWindow:
    return WeekWindow(**{**window, "weekdays": tuple(window["weekdays"])})


def _ref(thing: Mapping[str, Any]) -> ActivityRef:
    return ActivityRef(thing["activity"], thing["slug"], thing["title"])


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
