"""The sieve: which of the partner's events are held back from a receiver. Plain values in and out: no database.

Three things hold an event back: a pause ("space") in which it arrived, a pace that the receiver chose quietly ("pace"),
and a calmer rhythm that the receiver chose quietly ("rhythm"). None of them changes anything that the sender can see.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from planner.couples import contact_rules

PROPOSAL = "proposal"

Key = tuple[UUID, datetime]
"""An event: what it put before the receiver, and when."""


class SentEvent(NamedTuple):
    """One row of the partner's ledger. `answered`: the receiver has answered this offer.

    `above`: it is above the pace that the receiver chose quietly, and had not lapsed before that choice.
    """

    subject: UUID
    kind: str
    at: datetime
    in_space: bool = False
    above: bool = False
    answered: bool = False


class Quiet(NamedTuple):
    """The rhythm that the receiver chose quietly, and since when."""

    rhythm: str | None = None
    rhythm_since: datetime | None = None


def held(acts: Collection[SentEvent], quiet: Quiet) -> dict[Key, str]:
    """Return what is held back, and why. An offer is held until the receiver answers it."""
    answered = {(act.subject, act.at) for act in acts if act.answered}
    return {key: reason for key, reason in hold_reasons(acts, quiet).items() if key not in answered}


def hold_reasons(acts: Iterable[SentEvent], quiet: Quiet) -> dict[Key, str]:
    """Return why each event is held back. Those that are not held are missing."""
    ordered = sorted(acts, key=lambda act: (act.at, act.subject, act.kind))
    beyond = _beyond_quota(ordered, quiet)
    found: dict[Key, str] = {}
    for act in ordered:
        key = (act.subject, act.at)
        if act.in_space:
            found[key] = "space"
        elif act.above:
            found[key] = "pace"
        elif key in beyond:
            found.setdefault(key, "rhythm")
    return found


def _beyond_quota(ordered: Collection[SentEvent], quiet: Quiet) -> set[Key]:
    """Return what goes beyond the calmer allowance, in the order of time, in rolling seven days.

    An event beyond the allowance does not use it up. A proposal and its line are one event, held or not as a whole.
    """
    if not quiet.rhythm or not quiet.rhythm_since:
        return set()
    together: dict[Key, list[str]] = {}
    for act in ordered:
        if act.at >= quiet.rhythm_since:
            together.setdefault((act.subject, act.at), []).append(act.kind)
    allowance = contact_rules.QUOTAS[quiet.rhythm]
    passed: dict[str, list[datetime]] = {PROPOSAL: [], "shared": []}
    most = {PROPOSAL: allowance.proposals, "shared": allowance.shared}
    beyond = set()
    for (subject, at), kinds in together.items():
        if any(sum(one > at - contact_rules.WINDOW for one in passed[kind]) >= most[kind] for kind in kinds):
            beyond.add((subject, at))
        else:
            for kind in kinds:
                passed[kind].append(at)
    return beyond
