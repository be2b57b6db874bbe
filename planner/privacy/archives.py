"""Archives: the readable part of an export, with the ids of the server from which it comes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from planner.calendars.free_windows import Availability
from planner.catalogue.one_offs import OneOff
from planner.dates import important_days
from planner.dates.feedback import Feedback
from planner.dates.slots import SlotRequest
from planner.notes.imported_commitments import ImportedCommitment
from planner.notes.imported_photos import ImportedPhoto
from planner.notifications.preferences import Preferences
from planner.recommender.profiles import Profile
from planner.reflections.reflections import ImportedReflection
from planner.support.checklists import Checklist
from planner.support.imported_plans import ImportedPlan


class ActivityRef(NamedTuple):
    """How an export names an activity. Only an own idea is found by its id: each server has its own catalogue."""

    id: UUID
    slug: str | None
    title: str | None


class ArchivedDate(NamedTuple):
    """A date of the export. `with_partner` tells whether it was one of two."""

    id: UUID
    activity: ActivityRef
    slot: SlotRequest
    start: datetime
    end: datetime
    state: str
    message: str | None
    place: str | None
    created_at: datetime
    with_partner: bool


class ArchivedNote(NamedTuple):
    """A note of the export. `prompt` is the text of the prompt that it answers."""

    id: UUID
    kind: str
    body: str
    prompt: str | None
    date: UUID | None
    created_at: datetime


class CalendarAddress(NamedTuple):
    """A busy calendar of the export. One that was a file has no address, and is not in an archive."""

    name: str
    address: str
    all_day: bool


class Archive(NamedTuple):
    """The readable part of an export, with the ids of the server from which it comes.

    `retired` are ideas that only dates need, and `copies` tells of which idea a copy for the partner is one.
    """

    person: str
    ideas: Mapping[UUID, dict[str, Any]]
    retired: Mapping[UUID, OneOff]
    copies: Mapping[UUID, UUID]
    dates: Collection[ArchivedDate]
    notes: Collection[ArchivedNote]
    photos: Collection[ImportedPhoto]
    reflections: Collection[ImportedReflection]
    commitments: Collection[ImportedCommitment]
    important_days: Collection[important_days.Draft]
    plans: Collection[ImportedPlan]
    checklists: Collection[Checklist]
    hidden: Collection[UUID]
    feedback: Mapping[UUID, Feedback]
    votes: Collection[tuple[ActivityRef, str]]
    profile: Profile | None
    availability: Availability | None
    preferences: Preferences | None
    calendars: Collection[CalendarAddress]
