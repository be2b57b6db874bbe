"""The sieve: which of the other's acts are held back from somebody. Plain values in and out: no database, no clock.

Three things hold an act back: a pause ("space") in which it came, a pace that the receiver chose quietly ("pace"), and
a calmer rhythm that they chose quietly ("rhythm"). None of them moves anything that the sender can see.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from planner.couples import contact_rules

PROPOSAL = "proposal"


class SentEvent(NamedTuple):
    """One row of the other's ledger. `answered`: the receiver has said something to this offer.

    `above`: it goes beyond the pace that the receiver chose quietly, and had not lapsed before that.
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


class ReceivedVersion(NamedTuple):
    """What the receiver's own record holds of a note or an idea, as it stood at an instant. `out`: it was set aside."""

    subject: UUID
    kind: str
    at: datetime
    text: str
    out: bool = False


class HeldItem(NamedTuple):
    """Something held back as a whole: what it is, when it came, and why it is held."""

    kind: str
    at: datetime
    why: str


class HeldEdit(NamedTuple):
    """A change held back of something that was seen before, and the words (JSON) that stood until then."""

    kind: str
    at: datetime
    why: str | None  # None: it was set aside
    words: str


def hold_reasons(acts: Iterable[SentEvent], quiet: Quiet) -> dict[tuple[UUID, datetime], str]:
    """Why each act that is held back is so, by its subject and instant. Those that are not are missing."""
    ordered = sorted(acts, key=lambda act: (act.at, act.subject, act.kind))
    beyond = _beyond_quota(ordered, quiet)
    found: dict[tuple[UUID, datetime], str] = {}
    for act in ordered:
        key = (act.subject, act.at)
        if act.in_space:
            found[key] = "space"
        elif act.above:
            found[key] = "pace"
        elif key in beyond:
            found.setdefault(key, "rhythm")
    return found


def _beyond_quota(ordered: Collection[SentEvent], quiet: Quiet) -> set[tuple[UUID, datetime]]:
    """What goes beyond the calmer allowance: in the order of time, in rolling seven days; what is beyond it counts not.

    A proposal and its line are one act: half of it cannot be held.
    """
    if not quiet.rhythm or not quiet.rhythm_since:
        return set()
    together: dict[tuple[UUID, datetime], list[str]] = {}
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


def held_dates(acts: Iterable[SentEvent], why: Mapping[tuple[UUID, datetime], str]) -> dict[UUID, HeldItem]:
    """The dates that are held back: whose offer is, and has no answer of the receiver's."""
    return {
        act.subject: HeldItem("date", act.at, why[act.subject, act.at])
        for act in acts
        if act.kind == PROPOSAL and not act.answered and (act.subject, act.at) in why
    }


def held_items_and_edits(
    kept: Iterable[ReceivedVersion], why: Mapping[tuple[UUID, datetime], str]
) -> tuple[dict[UUID, HeldItem], dict[UUID, HeldEdit]]:
    """(what is held back as a whole, what changed behind its back) of notes and ideas, from the receiver's record.

    What first came while it was held is held as a whole, whatever followed; of anything else, the last words that were
    not held stand.
    """
    by_subject: dict[UUID, list[ReceivedVersion]] = {}
    for one in sorted(kept, key=lambda one: one.at):
        by_subject.setdefault(one.subject, []).append(one)
    things, changes = {}, {}
    for subject, versions in by_subject.items():
        held = [one for one in versions if one.out or (subject, one.at) in why]
        if not held:
            continue
        first, last = versions[0], held[-1]
        if first in held:
            if (subject, first.at) in why:
                things[subject] = HeldItem(last.kind, last.at, why[subject, first.at])
        elif versions[-1] in held:
            standing = [one for one in versions if one not in held][-1]
            changes[subject] = HeldEdit(last.kind, last.at, why.get((subject, last.at)), standing.text)
    return things, changes
