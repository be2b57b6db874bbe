"""Hold rules: which events of the partner are held back from a receiver. Pure functions, no database.

An event is held if it arrived in a pause ("space") or exceeds a pace that the receiver chose quietly ("pace"). It is
also held if it exceeds the quota of a rhythm chosen quietly ("rhythm"). The sender sees no difference.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from planner.couples import contact_rules

PROPOSAL = "proposal"

Key = tuple[UUID, datetime]
"""An event: the id of what was sent, and when."""


class SentEvent(NamedTuple):
    """One row of the partner's contact log. `answered`: the receiver has answered this offer.

    `given_back`: the answer asks for another time or idea. `above`: it exceeds the pace that the receiver chose
    quietly, and had not lapsed before that choice.
    """

    subject: UUID
    kind: str
    at: datetime
    in_space: bool = False
    above: bool = False
    answered: bool = False
    given_back: bool = False


class Quiet(NamedTuple):
    """The rhythm that the receiver chose quietly, and since when."""

    rhythm: str | None = None
    rhythm_since: datetime | None = None


def held(events: Collection[SentEvent], quiet: Quiet) -> dict[Key, str]:
    """Return the events that are held back, with the reason. An offer is held until the receiver answers it."""
    answered = {(event.subject, event.at) for event in events if event.answered}
    return {key: reason for key, reason in hold_reasons(events, quiet).items() if key not in answered}


def hold_reasons(events: Iterable[SentEvent], quiet: Quiet) -> dict[Key, str]:
    """Return why each event is held back. The result omits those that are not held."""
    ordered = sorted(events, key=lambda event: (event.at, event.subject, event.kind))
    over_quota = _over_quota(ordered, quiet)
    reasons: dict[Key, str] = {}
    for event in ordered:
        key = (event.subject, event.at)
        if event.in_space:
            reasons[key] = "space"
        elif event.above:
            reasons[key] = "pace"
        elif key in over_quota:
            reasons.setdefault(key, "rhythm")
    return reasons


def _over_quota(ordered: Collection[SentEvent], quiet: Quiet) -> set[Key]:
    """Return the events that exceed the quota of the quiet rhythm, in order of time, in rolling seven days.

    A held event does not use up the quota. A proposal and its message are one event, held or shown together.
    """
    if not quiet.rhythm or not quiet.rhythm_since:
        return set()
    kinds_by_key: dict[Key, list[str]] = {}
    for event in ordered:
        if event.at >= quiet.rhythm_since and not event.given_back:
            kinds_by_key.setdefault((event.subject, event.at), []).append(event.kind)
    quota = contact_rules.QUOTAS[quiet.rhythm]
    shown: dict[str, list[datetime]] = {PROPOSAL: [], "shared": []}
    limits = {PROPOSAL: quota.proposals, "shared": quota.shared}
    over_quota = set()
    for (subject, at), kinds in kinds_by_key.items():
        if any(sum(shown_at > at - contact_rules.WINDOW for shown_at in shown[kind]) >= limits[kind] for kind in kinds):
            over_quota.add((subject, at))
        else:
            for kind in kinds:
                shown[kind].append(at)
    return over_quota
