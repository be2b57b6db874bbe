"""The ordinary part of an export: what the two share.

A section uses the same listing function as the API where there is one. So an export shows no more than the screen.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import peewee

from planner.catalogue import prompts
from planner.catalogue.activities import ActivityEntry
from planner.contact import received
from planner.contact.received import ReceivedCopy
from planner.couples.couples import Couple
from planner.couples.former_couples import FormerCoupleAccess
from planner.dates import recurrence, views
from planner.dates.dates import Date, DateText, SlotRow
from planner.dates.rituals import Ritual, RitualDate
from planner.dates.views import DateView
from planner.notes import notes, reactions
from planner.notes.notes import Note, NoteView, Share
from planner.privacy.export_format import (
    ID,
    INSTANT,
    OBJECT,
    ORDINARY,
    PAGE,
    SLOTS,
    TEXT,
    YES_NO,
    ExportScope,
    Place,
    Section,
    Thing,
    columns,
    described,
    maybe,
    pages,
)
from planner.recommender import someday_list
from planner.recommender.someday_list import SomedayItem

SLUG = described(maybe(TEXT), "The name of an activity of the catalogue on every server; null for an own idea.")
_COUPLE = (Couple.id, Couple.rhythm, Couple.pace, Couple.began_at, Couple.ended_at)


def _couples(scope: ExportScope) -> Iterator[Thing]:
    former = {couple.couple: couple for couple in scope.former}
    ids = [*former, *([scope.viewer.couple] if scope.viewer.couple else [])]
    query: Any = Couple.select(*_COUPLE).where(Couple.id.in_(ids)).order_by(Couple.began_at)
    for couple in list(query.dicts()):
        past = former.get(couple["id"])
        yield {
            **couple,
            "partner": past.partner_name if past else scope.viewer.partner_name,
            "look_back_until": past.until if past else None,
        }


def plans(scope: ExportScope, part: str) -> Iterator[DateView]:
    """Yield the dates of a part: those of the couple and of former couples, or those of the person alone."""
    alone = scope.viewer._replace(pair=None, former=None)
    viewers = [alone]
    if part == ORDINARY:
        viewers = [alone._replace(former=couple.couple) for couple in scope.former]
        viewers += [scope.viewer] if scope.viewer.couple else []
    for viewer in viewers:
        for plan in pages(lambda limit, after: views.list_recent(viewer, scope.now, limit, after), _place_of_date):  # noqa: B023  # read at once
            if plan.with_partner == (part == ORDINARY):
                yield plan


def _place_of_date(plan: DateView) -> Place:
    return plan.created_at, plan.id


def _dates(scope: ExportScope) -> Iterator[Thing]:
    for plan in plans(scope, ORDINARY):
        yield {
            **date_of(plan),
            "sent_by_me": plan.sender_is_me,
            "message_is_mine": plan.message_is_mine,
            "answer": plan.answer,
        }


def date_of(plan: DateView) -> dict[str, Any]:
    """Return the properties of a date that both parts have; their schema is DATE."""
    names = ("start", "end", "local_time", "zone", "days")
    slots = [{name: getattr(slot, name) for name in names} for slot in plan.slots]
    return {
        "id": plan.id,
        "activity": plan.activity.id,
        "slug": slug_of(plan.activity),
        "title": plan.activity.content.title,
        "state": plan.state,
        "message": plan.message,
        "place": plan.place,
        "guide": plan.guide,
        "created_at": plan.created_at,
        "slots": slots,
        "ritual": _ritual_of(plan),
    }


def slug_of(activity: ActivityEntry) -> str | None:
    """Return the name under which other servers have an activity of the catalogue, and None for an own idea."""
    return None if activity.owner else activity.content.slug


def _ritual_of(plan: DateView) -> dict[str, Any] | None:
    if plan.ritual is None:
        return None
    ritual = plan.ritual.row
    rule = recurrence.to_rrule(ritual.rule, ritual.start, ritual.zone)
    return {"id": ritual.id, "rule": rule, "local_time": ritual.local_time, "zone": ritual.zone}


DATE = {
    "slug": SLUG,
    **columns(Date.id, Date.activity, Date.state, Date.message, Date.place, Date.guide, Date.created_at),
    "title": TEXT,
    "slots": SLOTS,
    "ritual": described(maybe(OBJECT), "The ritual of the date: its rule as in RFC 5545, and its first time."),
}


def own_notes(scope: ExportScope) -> Iterator[NoteView]:
    """Yield all notes of the scope, for both parts."""
    return pages(lambda limit, after: notes.list_own(scope.viewer, limit, after), lambda note: (_made(note), note.id))


def _made(page: NoteView) -> datetime:
    assert page.created_at is not None, "an own note"
    return page.created_at


def _shared_notes(scope: ExportScope) -> Iterator[Thing]:
    shared = (note for note in own_notes(scope) if note.shared_at is not None)
    for some_notes in peewee.chunked(shared, PAGE):
        for note in reactions.show(scope.viewer, some_notes):
            moments = {"shared_at": note.shared_at, "recalled_at": note.recalled_at}
            yield {**note_of(note), **moments, "reaction": note.reaction}


def note_of(note: NoteView) -> dict[str, Any]:
    """Return the properties of a note that both parts have; their schema is NOTE."""
    prompt = prompts.find(note.prompt).content.text if note.prompt else None
    return {
        "id": note.id,
        "kind": note.kind,
        "body": note.body,
        "prompt": prompt,
        "date": note.date,
        "created_at": note.created_at,
    }


NOTE = {**columns(Note.id, Note.kind, Note.body, Note.date, Note.created_at), "prompt": maybe(TEXT)}


def _someday_list(scope: ExportScope) -> Iterator[Thing]:
    for item in someday_list.list_items(scope.viewer):
        yield {
            "activity": item.activity.id,
            "title": item.activity.content.title,
            "added_by_me": item.added_by_me,
            "added_at": item.added_at,
        }


def _received(scope: ExportScope) -> Iterator[Thing]:
    copies = pages(
        lambda limit, after: received.list_received(scope.viewer.id, scope.viewer.couple, scope.now, limit, after),
        lambda copy: (copy.at, copy.id),
    )
    for copy in copies:
        yield {"kind": copy.kind, "id": copy.subject, "from": copy.sender_name, "at": copy.at, "words": copy.words}


SHARED: tuple[Section, ...] = (
    Section(
        "couples",
        "ExportedCouple",
        ORDINARY,
        "Your couple, and those that ended in the last 30 days.",
        {**columns(*_COUPLE), "partner": maybe(TEXT), "look_back_until": maybe(INSTANT)},
        (Couple, FormerCoupleAccess),
        _couples,
    ),
    Section(
        "dates",
        "ExportedDate",
        ORDINARY,
        "The dates of these couples.",
        {
            **DATE,
            "sent_by_me": described(YES_NO, "Whether the current or last offer is yours."),
            "message_is_mine": YES_NO,
            "answer": maybe(TEXT),
        },
        (Date, SlotRow, DateText, Ritual, RitualDate),
        _dates,
    ),
    Section(
        "shared_notes",
        "ExportedSharedNote",
        ORDINARY,
        "Your notes that you shared with a partner.",
        {
            **NOTE,
            **columns(Share.shared_at, Share.recalled_at),
            "reaction": described(maybe(TEXT), "How your partner reacted, while you share the note."),
        },
        (Note, Share),
        _shared_notes,
    ),
    Section(
        "someday_list",
        "ExportedSomedayItem",
        ORDINARY,
        "The ideas that you two keep for some day.",
        {**columns(SomedayItem.activity, SomedayItem.added_at), "title": TEXT, "added_by_me": YES_NO},
        (SomedayItem,),
        _someday_list,
    ),
    Section(
        "received",
        "ExportedRecord",
        ORDINARY,
        "What you received in the last twelve months, as it was then.",
        {
            "kind": described(TEXT, "note, idea, message, answer or day"),
            "id": ID,
            "from": maybe(TEXT),
            "at": INSTANT,
            "words": OBJECT,
        },
        (ReceivedCopy,),
        _received,
    ),
)
