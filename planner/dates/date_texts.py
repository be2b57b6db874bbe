"""The texts of agreed dates: a message and a place, which either partner can change."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import datetime
from uuid import UUID, uuid4

from planner import inbox
from planner.contact import received
from planner.contact.viewer import Viewer
from planner.couples import contact_rules
from planner.dates import transitions, views
from planner.dates.dates import DateText
from planner.dates.transitions import Transition
from planner.dates.views import DateView
from planner.errors import FieldError, Invalid
from planner.storage import db

_ABOVE_PACE = {
    "message": FieldError("message", "message_above_pace"),
    "place": FieldError("place", "place_above_pace"),
}


def check_pace(kinds: Iterable[str], own_pace: int) -> None:
    """Raise Invalid for texts at a pace at which dates carry no words."""
    faults = [_ABOVE_PACE[kind] for kind in kinds if own_pace < contact_rules.WORDS_PACE]
    if faults:
        raise Invalid(*faults)


def edit(
    viewer: Viewer, date_id: UUID, versions: Container[int], texts: Mapping[str, str | None], now: datetime
) -> DateView:
    """Change the message or the place of an agreed date, by their kinds. The partner gets a copy of new words.

    For two, new words cost one of the viewer's shared things. Raise NotFound, Conflict, VersionConflict or
    QuotaExceeded, and Invalid at a pace without words.
    """
    with transitions.begin(viewer, date_id, "edit", versions, dict(texts), now) as transition:
        if not transition.repeated:
            present = views.find(viewer.as_of(transition.pair), date_id, now)
            changed = {kind: text for kind, text in texts.items() if text != getattr(present, kind)}
            if changed:
                _change(transition, changed, now)
        return views.find(viewer.as_of(transition.pair), date_id, now)


def _change(transition: Transition, texts: Mapping[str, str | None], now: datetime) -> None:
    if transition.row.couple_id is None:
        transitions.apply(transition, now, **texts)
        return
    pair = transition.both
    check_pace(texts, pair.own_pace)
    transitions.apply(transition, now)
    change = uuid4()
    new_words = {kind: text for kind, text in texts.items() if text}
    if new_words:
        received.deliver(pair, "message", change, new_words, now)
        inbox.add(pair.partner, "date_edited", change, now, transition.row.end, target=transition.row.id)
    for kind, text in texts.items():
        values = {"author": pair.me, "change": change, "kind": kind, "text": text, "at": now}
        db.insert_if_absent(DateText, date=transition.row.id, **values)
