"""The ordinary part of an export: what the two share.

Where the interface has a verb that lists a thing for its reader, the export asks that verb: it shows no more than the
screen does.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from planner.catalogue import prompts
from planner.consent.export_format import (
    ID,
    INSTANT,
    OBJECT,
    ORDINARY,
    SLOTS,
    TEXT,
    YES_NO,
    Place,
    Section,
    Thing,
    Viewer,
    columns,
    maybe,
    pages,
    told,
)
from planner.dates import agenda
from planner.dates.agenda import Date, Plan, SlotRow
from planner.notes import notes
from planner.notes.notes import Note, Page, Share
from planner.people import records
from planner.people.couples import Couple
from planner.people.kept import Kept
from planner.people.records import Record

_COUPLE = (Couple.id, Couple.rhythm, Couple.pace, Couple.began_at, Couple.ended_at)


def _couples(viewer: Viewer) -> Iterator[Thing]:
    former = {one.couple: one for one in viewer.former}
    ids = [*former, *([viewer.actor.couple] if viewer.actor.couple else [])]
    query: Any = Couple.select(*_COUPLE).where(Couple.id.in_(ids)).order_by(Couple.began_at)
    for couple in list(query.dicts()):
        past = former.get(couple["id"])
        yield {
            **couple,
            "partner": past.partner_name if past else viewer.actor.partner_name,
            "look_back_until": past.until if past else None,
        }


def plans(viewer: Viewer, part: str) -> Iterator[Plan]:
    """The dates of a part: those of two, of the couple and of those to look back on; or own ones."""
    alone = viewer.actor._replace(couple=None, former=None)
    looks = [alone]
    if part == ORDINARY:
        looks = [alone._replace(former=one.couple) for one in viewer.former]
        looks += [viewer.actor] if viewer.actor.couple else []
    for look in looks:
        for plan in pages(lambda limit, after: agenda.newest(look, viewer.now, limit, after), _place_of_date):  # noqa: B023  # read at once
            if plan.with_partner == (part == ORDINARY):
                yield plan


def _place_of_date(plan: Plan) -> Place:
    return plan.created_at, plan.id


def _dates(viewer: Viewer) -> Iterator[Thing]:
    for plan in plans(viewer, ORDINARY):
        yield {
            **date_of(plan),
            "sent_by_me": plan.sender_is_me,
            "line_is_mine": plan.line_is_mine,
            "answer": plan.answer,
        }


def date_of(plan: Plan) -> dict[str, Any]:
    """What both parts say of a date; its schema is DATE."""
    slots = [{"start": one.start, "end": one.end, "wall": one.wall, "zone": one.zone} for one in plan.slots]
    return {
        "id": plan.id, "activity": plan.activity.id, "title": plan.activity.content.title, "state": plan.state,
        "line": plan.line, "created_at": plan.created_at, "slots": slots,
    }  # fmt: skip


DATE = {
    **columns(Date.id, Date.activity, Date.state, Date.line, Date.created_at),
    "title": TEXT,
    "slots": SLOTS,
}


def own_notes(viewer: Viewer) -> Iterator[Page]:
    """All notes of the viewer's, for both parts."""
    return pages(lambda limit, after: notes.own(viewer.actor, limit, after), lambda one: (_made(one), one.id))


def _made(page: Page) -> datetime:
    assert page.created_at is not None, "an own note"
    return page.created_at


def _shared_notes(viewer: Viewer) -> Iterator[Thing]:
    for one in own_notes(viewer):
        if one.shared_at is not None:
            yield {**note_of(one), "shared_at": one.shared_at, "recalled_at": one.recalled_at}


def note_of(one: Page) -> dict[str, Any]:
    """What both parts say of a note; its schema is NOTE."""
    prompt = prompts.find(one.prompt).content.text if one.prompt else None
    return {
        "id": one.id, "kind": one.kind, "body": one.body, "prompt": prompt, "date": one.date,
        "created_at": one.created_at,
    }  # fmt: skip


NOTE = {**columns(Note.id, Note.kind, Note.body, Note.date, Note.created_at), "prompt": maybe(TEXT)}


def _received(viewer: Viewer) -> Iterator[Thing]:
    found = pages(
        lambda limit, after: records.listed(viewer.actor, viewer.now, limit, after), lambda one: (one.at, one.id)
    )
    for one in found:
        yield {"kind": one.kind, "id": one.subject, "from": one.sender_name, "at": one.at, "words": one.words}


SHARED: tuple[Section, ...] = (
    Section(
        "couples", "ExportedCouple", ORDINARY, "Your couple, and those that ended in the last 30 days.",
        {**columns(*_COUPLE), "partner": maybe(TEXT), "look_back_until": maybe(INSTANT)},
        (Couple, Kept), _couples,
    ),
    Section(
        "dates", "ExportedDate", ORDINARY, "The dates of these couples.",
        {**DATE, "sent_by_me": told(YES_NO, "Whether the offer that stands, or stood last, is yours."),
         "line_is_mine": YES_NO, "answer": maybe(TEXT)},
        (Date, SlotRow), _dates,
    ),
    Section(
        "shared_notes", "ExportedSharedNote", ORDINARY, "Your notes that you put before a partner.",
        {**NOTE, **columns(Share.shared_at, Share.recalled_at)}, (Note, Share), _shared_notes,
    ),
    Section(
        "received", "ExportedRecord", ORDINARY, "What reached you in the last twelve months, in the words that it had.",
        {"kind": told(TEXT, "note, idea or line"), "id": ID, "from": maybe(TEXT), "at": INSTANT, "words": OBJECT},
        (Record,), _received,
    ),
)  # fmt: skip
