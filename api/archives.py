"""Archives: the file rekindle.json of an export, read thing by thing. What cannot be read is counted, and left out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from api import archived_support, enumerations
from api.activities import IdeaIn, with_defaults
from api.archived_support import ArchivedChecklist, ArchivedPlan, ArchivedStep
from api.availability import AvailabilityDayPut, AvailabilityWindowPut
from api.core.fields import Choice, Day, LocalDateTime, Number, StrictBoolean, Text, TimeZoneName, UtcDateTime, Uuid
from api.core.validators import Length, OneOf
from api.notification_preferences import PreferencesPut, chosen_preferences
from api.profiles import ProfilePut
from planner.calendars.availability import MAX_DAYS as MAX_AVAILABLE_DAYS
from planner.calendars.availability import MAX_WINDOWS
from planner.calendars.free_windows import Availability, DayWindow, WeekWindow
from planner.catalogue.one_offs import OneOff
from planner.dates import important_days, state_machine
from planner.dates.feedback import Feedback
from planner.dates.slots import MAX_DAYS, MAX_MINUTES, SlotRequest
from planner.notes.imported_commitments import ImportedCommitment
from planner.notes.imported_photos import ImportedPhoto
from planner.notifications.preferences import Preferences
from planner.photos import photos
from planner.photos.photos import Subject
from planner.privacy import exports
from planner.privacy.archives import ActivityRef, Archive, ArchivedDate, ArchivedNote, CalendarAddress
from planner.recommender.profiles import Profile
from planner.reflections.reflections import ImportedReflection
from planner.support.checklists import Checklist

MAX_ARCHIVE = 16 * 1024 * 1024
"""Bytes of rekindle.json. A person who writes a note a day for twenty years has about 10 MB."""

_LEAST_MINUTES = 10
_AGREED = (state_machine.ACCEPTED, state_machine.COMPLETED)
_LOGGED_DAYS = 7_500
"""The logged days of one promise: those of twenty years."""
_MOST_LOGGED_DAYS = 40_000
"""The logged days of all promises, of which five can be open: those of twenty years."""


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

    format = fields.String(required=True, validate=OneOf([exports.FORMAT]), metadata={"examples": [exports.FORMAT]})
    version = Number(1, exports.VERSION, required=True, metadata={"examples": [exports.VERSION]})
    person = fields.Dict(
        fields.String(),
        fields.Raw(allow_none=True),
        load_default=dict,
        metadata={
            "examples": [{}],
            "description": "Whose export it is. One of this very account is refused: all of it is here.",
        },
    )
    own_ideas = _list("Your own ideas.", 10_000)
    own_dates = _list("Your dates alone.", 20_000)
    dates = _list("Dates of two. Past ones become past dates of yours alone; agreed ones ahead are skipped.", 20_000)
    private_notes = _list("Your private notes.", 20_000)
    shared_notes = _list("Your shared notes. Here they are private.", 20_000)
    photos = _list("Your photos, without their files. The answer lists those to send.", 20_000)
    reflections = _list("Your reflections.", 20_000)
    commitments = _list("Your promises, with the days that you logged.", 20_000)
    important_days = _list("Your important days. Here only you see them.", 2_000)
    self_care_plans = _list("Your self-care plans.", 100)
    self_care_steps = _list("The actions of those plans. Those ahead become small dates of yours.", 2_000)
    support_checklists = _list("What you ticked when you looked for help. It counts if you ticked nothing here.", 100)
    hidden_memories = _list("The memories that you do not want to be shown.", 20_000)
    feedback = _list("How dates were for you.", 20_000)
    votes = _list("Your votes.", 5000)
    profile = _list("Your profile. It counts if you have none here.", 1)
    availability = _list("When you are free. It counts if you have said nothing here.", 500)
    busy_calendars = _list("Your calendars elsewhere that have an address. The server reads them in a moment.", 200)
    notifications = _list("What may ring. It counts if you have chosen nothing here.", 1)

    class Meta:
        # An export of a newer server, and the part of a partner's words, have more than is taken over.
        unknown = EXCLUDE


class _Idea(IdeaIn):
    copy_of = Uuid(load_default=None, allow_none=True)


class _Note(Schema):
    id = Uuid(required=True)
    kind = Choice(enumerations.NOTE_KIND, required=True)
    body = Text(4000, lines=True, required=True)
    prompt = fields.String(load_default=None, allow_none=True)
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
    title = Text(60, load_default=None, allow_none=True)


class _Date(_Activity):
    id = Uuid(required=True)
    state = fields.String(required=True)
    message = Text(140, load_default=None, allow_none=True)
    message_is_mine = fields.Raw(load_default=True, allow_none=True)
    place = Text(140, load_default=None, allow_none=True)
    created_at = UtcDateTime(required=True)
    slots = fields.List(fields.Nested(_Slot(unknown=EXCLUDE)), required=True, validate=Length(1, 3))


class _Photo(Schema):
    id = Uuid(required=True)
    file = Text(200, required=True)
    caption = Text(300, least=0, required=True)
    note = Uuid(load_default=None, allow_none=True)
    date = Uuid(load_default=None, allow_none=True)
    activity = Uuid(load_default=None, allow_none=True)
    created_at = UtcDateTime(required=True)


class _Reflection(Schema):
    id = Uuid(required=True)
    text = Text(10_000, lines=True, required=True)
    question = fields.String(load_default=None, allow_none=True)
    created_at = UtcDateTime(required=True)


class _Commitment(Schema):
    id = Uuid(required=True)
    body = Text(200, required=True)
    created_at = UtcDateTime(required=True)
    ended_at = UtcDateTime(load_default=None, allow_none=True)
    days = fields.List(Day(), load_default=list, validate=Length(0, _LOGGED_DAYS))


class _ImportantDay(Schema):
    kind = Choice(enumerations.IMPORTANT_DAY_KIND, required=True)
    title = Text(60, load_default=None, allow_none=True)
    birthday_of = Choice(enumerations.BIRTHDAY_OF, load_default=None, allow_none=True)
    month = Number(1, 12, required=True)
    day = Number(1, 31, required=True)
    year = Number(1900, 2199, load_default=None, allow_none=True)


class _HiddenMemory(Schema):
    date = Uuid(required=True)


class _Feedback(Schema):
    date = Uuid(required=True)
    feeling = Choice(enumerations.FEELING, load_default=None, allow_none=True)
    rating = Number(1, 5, load_default=None, allow_none=True)
    again = Choice(enumerations.AGAIN_ANSWER, load_default=None, allow_none=True)


class _Vote(_Activity):
    vote = Choice(enumerations.VOTE, required=True)


class _BusyCalendar(Schema):
    name = Text(60, required=True)
    address = Text(2000, required=True)
    all_day = StrictBoolean(required=True)


class ArchiveReader:
    """It reads the lists of an export, each thing by itself, and counts those that cannot be read."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._body = body
        self.skipped = dict.fromkeys(enumerations.IMPORT_KIND.values, 0)

    def archive(self) -> Archive:
        """Return what can be read."""
        ideas, retired, copies = self._ideas()
        return Archive(
            person=str(self._body["person"].get("id")),
            ideas=ideas,
            retired=retired,
            copies=copies,
            dates=[*self._dates("own_dates"), *self._dates("dates")],
            notes=[*self._notes("private_notes"), *self._notes("shared_notes")],
            photos=sorted(self._photos(), key=lambda photo: photo.created_at),
            reflections=[
                ImportedReflection(item["id"], item["text"], item["question"], item["created_at"])
                for item in self._each("reflections", "reflections", _Reflection())
            ],
            commitments=list(self._commitments()),
            important_days=[
                important_days.Draft(**item) for item in self._each("important_days", "important_days", _ImportantDay())
            ],
            plans=list(
                archived_support.join(
                    self._each("self_care_plans", "self_care_plans", ArchivedPlan()),
                    self._each("self_care_plans", "self_care_steps", ArchivedStep()),
                )
            ),
            checklists=[
                Checklist(**item) for item in self._each("checklists", "support_checklists", ArchivedChecklist())
            ],
            hidden=[item["date"] for item in self._each("hidden_memories", "hidden_memories", _HiddenMemory())],
            feedback={
                item["date"]: Feedback(item["feeling"], item["rating"], item["again"])
                for item in self._each("feedback", "feedback", _Feedback())
            },
            votes=[(_ref(item), item["vote"]) for item in self._each("votes", "votes", _Vote())],
            profile=next((Profile(**_tuples(item)) for item in self._each("profile", "profile", ProfilePut())), None),
            availability=self._availability(),
            preferences=next(self._preferences(), None),
            calendars=list(self._calendars()),
        )

    def _each(self, kind: str, name: str, schema: Schema) -> Iterator[dict[str, Any]]:
        for thing in self._body[name]:
            yield from self._load(kind, thing, schema)

    def _load(self, kind: str, thing: Any, schema: Schema) -> Iterator[dict[str, Any]]:
        try:
            yield schema.load(thing, unknown=EXCLUDE)
        except ValidationError:
            self.skipped[kind] += 1

    def _ideas(self) -> tuple[dict[UUID, dict[str, Any]], dict[UUID, OneOff], dict[UUID, UUID]]:
        """Return the ideas in use, the retired ones, and the original of each copy for a partner."""
        ideas, retired, copies = dict[UUID, dict[str, Any]](), dict[UUID, OneOff](), dict[UUID, UUID]()
        schema = _Idea()  # a new one for each thing would take longer than to read it
        for idea in self._body["own_ideas"]:
            content = idea.get("content") if isinstance(idea.get("content"), dict) else {}
            # An export names the audience as it is stored; an idea in a request calls it "for".
            values = {**content, "for": content.get("party"), "id": idea.get("id"), "copy_of": idea.get("copy_of")}
            for loaded in self._load("ideas", values, schema):
                idea_id, copy_of = loaded.pop("id"), loaded.pop("copy_of")
                whole = with_defaults(loaded)
                if copy_of:
                    copies[idea_id] = copy_of
                elif idea.get("retired_at"):
                    retired[idea_id] = _one_off(whole)
                else:
                    ideas[idea_id] = whole
        return ideas, retired, copies

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
                date["message"] if date["message_is_mine"] is True else None,
                date["place"],
                date["created_at"],
                with_partner=name == "dates",
            )

    def _notes(self, name: str) -> Iterator[ArchivedNote]:
        for note in self._each("notes", name, _Note()):
            yield ArchivedNote(**note)

    def _photos(self) -> Iterator[ImportedPhoto]:
        kinds = {"note": photos.NOTE, "date": photos.DATE, "activity": photos.IDEA}
        for photo in self._each("photos", "photos", _Photo()):
            about = [Subject(kind, photo[name]) for name, kind in kinds.items() if photo[name]]
            if len(about) == 1:
                yield ImportedPhoto(photo["id"], about[0], photo["caption"], photo["file"], photo["created_at"])
            else:
                self.skipped["photos"] += 1

    def _commitments(self) -> Iterator[ImportedCommitment]:
        room = _MOST_LOGGED_DAYS
        for item in self._each("commitments", "commitments", _Commitment()):
            days = sorted(set(item["days"]))[:room]
            room -= len(days)
            yield ImportedCommitment(item["id"], item["body"], item["created_at"], item["ended_at"], tuple(days))

    def _availability(self) -> Availability | None:
        week, days = list[WeekWindow](), list[DayWindow]()
        of_day, of_week = AvailabilityDayPut(), AvailabilityWindowPut()
        for window in self._body["availability"]:
            if window.get("day"):
                days += [DayWindow(**day) for day in self._load("availability", window, of_day)]
            else:
                week += [_week(item) for item in self._load("availability", window, of_week)]
        if not week and not days:
            return None
        return Availability(tuple(week[:MAX_WINDOWS]), tuple(days[:MAX_AVAILABLE_DAYS]))

    def _preferences(self) -> Iterator[Preferences]:
        # An export has the columns of the table: JSON, and weekdays separated by commas.
        for row in self._body["notifications"]:
            channels, weekdays = row.get("channels"), row.get("prompt_weekdays")
            values = {
                **row,
                "channels": _json(channels),
                "prompt_weekdays": str(weekdays).split(",") if weekdays else [],
            }
            for loaded in self._load("preferences", values, PreferencesPut()):
                yield chosen_preferences(loaded)

    def _calendars(self) -> Iterator[CalendarAddress]:
        schema = _BusyCalendar()
        for calendar in self._body["busy_calendars"]:
            if calendar.get("address") is not None:  # else it was a file
                yield from (CalendarAddress(**each) for each in self._load("calendars", calendar, schema))


def _json(text: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) and len(text) < 500 else None
    except ValueError:
        return None


def _one_off(values: Mapping[str, Any]) -> OneOff:
    names = ("title", "summary", "category", "party", "pace")
    return OneOff(**{name: values[name] for name in names}, minutes=values["duration_max"])


def _week(window: dict[str, Any]) -> WeekWindow:
    return WeekWindow(**{**window, "weekdays": tuple(window["weekdays"])})


def _ref(thing: Mapping[str, Any]) -> ActivityRef:
    return ActivityRef(thing["activity"], thing["slug"], thing["title"])


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
