"""Reactions: the receiver of a note answers it with one of a few fixed sentences. It costs nothing, and rings nowhere.

There is one reaction to a note. Its receiver can change it and take it back. The author reads it as long as the note is
shared, and finds one item in the inbox, the first time only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import peewee

from planner import inbox
from planner.accounts.accounts import Person
from planner.contact import contact_log, holds
from planner.contact.viewer import Viewer
from planner.couples import couples
from planner.errors import Conflict, FieldError, Invalid, NotFound
from planner.notes import notes
from planner.notes.notes import Note, NoteView, Share
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

THANKS = ("thank_you", "touched", "smiled", "keep_it")
OPENINGS = ("so_glad", "tell_me_more", "how_did_it_feel", "your_doing")
"""Responses to good news. They are active and constructive: glad about it, and curious (Gable et al. 2004)."""
REACTIONS = THANKS + OPENINGS


class Reaction(db.Model):
    """The reaction of a receiver to a note. `reaction` is null after the receiver took it back."""

    note = peewee.ForeignKeyField(Note, on_delete="CASCADE", unique=True)
    person = peewee.ForeignKeyField(Person, on_delete="CASCADE")
    reaction = peewee.TextField(null=True)
    at = UtcDateTimeField()

    class Meta:
        table_name = "reactions"


def put(viewer: Viewer, note_id: UUID, reaction: str, now: datetime) -> NoteView:
    """Give a reaction to a note of the partner, or another one than before. A repeat changes nothing.

    A held note is released, as with every answer. Raise NotFound, Invalid for a reaction that does not fit the note, or
    Conflict in space and when apart.
    """
    with couples.locked(viewer.id) as pair:
        viewer = viewer.as_of(pair)
        note = _find_received(viewer, note_id)
        fitting = _fitting(note.kind)
        if reaction not in fitting:
            raise Invalid(FieldError("reaction", "not_a_choice", choices=fitting))
        if note.reaction == reaction:
            return note
        if viewer.own_rhythm == "apart":
            raise Conflict("reactions_off")
        if note.reaction is None:
            holds.check_may_send(viewer.id, note_id)
        _give(viewer, note_id, reaction, now)
        contact_log.settle_shared(viewer.id, note_id)
        return _find_received(viewer, note_id)


def take_back(viewer: Viewer, note_id: UUID) -> NoteView:
    """Take back a reaction, also in space and when apart. A repeat changes nothing. Raise NotFound."""
    with couples.locked(viewer.id) as pair:
        note = _find_received(viewer.as_of(pair), note_id)
        if note.reaction:
            Reaction.update(reaction=None).where(Reaction.note == note_id, Reaction.person == viewer.id).execute()
            inbox.withdraw(note_id, ["note_reacted"])
        return _find_received(viewer.as_of(pair), note_id)


def show(viewer: Viewer, note_views: Sequence[NoteView]) -> list[NoteView]:
    """Return the notes with their reactions, and with those that the viewer may give. At most one query."""
    shared = [note.id for note in note_views if note.state == "shared"]
    given = dict(_given(viewer.id, shared)) if shared else {}
    return [_shown(viewer, note, given.get(note.id)) for note in note_views]


def _shown(viewer: Viewer, note: NoteView, reaction: str | None) -> NoteView:
    if note.mine and reaction is None:
        return note
    is_offered = not note.mine and viewer.own_rhythm != "apart" and (reaction is not None or _may_send(viewer, note))
    return note._replace(reaction=reaction, reactions_offered=_fitting(note.kind) if is_offered else ())


def _may_send(viewer: Viewer, note: NoteView) -> bool:
    """Return whether the viewer is not in space, or the note arrived in this space."""
    return viewer.space_since is None or (note.shared_at is not None and note.shared_at >= viewer.space_since)


def _fitting(kind: str) -> tuple[str, ...]:
    return OPENINGS if kind == "good_news" else THANKS


def _find_received(viewer: Viewer, note_id: UUID) -> NoteView:
    note = notes.find(viewer, note_id)
    if note.mine:
        raise NotFound
    return show(viewer, [note])[0]


def _give(viewer: Viewer, note_id: UUID, reaction: str, now: datetime) -> None:
    values = {"reaction": reaction, "at": now}
    if not Reaction.update(**values).where(Reaction.note == note_id, Reaction.person == viewer.id).execute():
        Reaction.create(note=note_id, person=viewer.id, **values)
        # A reaction that is changed, or given again, adds no item: no one can call for attention with it.
        assert viewer.partner, "the note is of a partner"
        inbox.add(viewer.partner, "note_reacted", note_id, now, notify=False)


@db.cached_query
def _given(me: Any, note_ids: list[Any]) -> Any:
    """Return the query of the reactions to notes that are shared now. What reached the author in space is left out."""
    readable = (Reaction.person == me) | ~holds.is_response_held(me, Reaction.at)
    return (
        Reaction.select(Reaction.note, Reaction.reaction)
        .join(Share, on=(Share.note == Reaction.note))
        .where(Reaction.note.in_(note_ids), Reaction.reaction.is_null(False), Share.recalled_at.is_null(), readable)
    )
