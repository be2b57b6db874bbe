"""The model of space and of what is held back: worked out from what somebody chose, and from what the other sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from tests.campaigns.lives.couples import RHYTHMS, WEEK, Two

UNDER_WAY = timedelta(seconds=10)
"""How far a space reaches back for what is under way: not beyond what the other had sent already."""
KEPT = timedelta(days=30)


@dataclass(eq=False)
class Pause:
    """One space."""

    who: str
    two: Two
    start: datetime
    end: datetime | None = None
    settled: bool = False

    def holds(self, at: datetime) -> bool:
        """Whether what came then is held for its sake."""
        return not self.settled and self.contains(at)

    def contains(self, at: datetime) -> bool:
        """Whether that moment lies in it."""
        return self.start <= at and (self.end is None or at <= self.end)


class SetAside(NamedTuple):
    """A date or a note that a person dismissed."""

    who: str
    subject: str


Key = tuple[str, datetime]


@dataclass
class Holding:
    """All pauses, and all that was set aside."""

    pauses: list[Pause] = field(default_factory=list)
    aside: list[SetAside] = field(default_factory=list)

    def living(self, who: str) -> Pause | None:
        """The space that somebody is in."""
        return next((one for one in self.pauses if one.who == who and one.end is None), None)

    def close(self, two: Two, now: datetime) -> None:
        """The couple has ended, and every pause with it: what was held stays out of view."""
        for pause in self.pauses:
            if pause.two is two and not pause.settled:
                pause.end, pause.settled = pause.end or now, True

    def take_up(self, who: str, subject: str) -> None:
        """What is answered with other times is set aside no longer."""
        self.aside = [one for one in self.aside if (one.who, one.subject) != (who, subject)]

    def reasons(self, who: str, two: Two | None) -> set[Key]:
        """The other's acts (subject, moment) that are held back from somebody."""
        if two is None:
            return set()
        mine = two.own[who]
        acts = sorted((one for one in two.sent if one.who != who), key=lambda one: (one.at, one.subject, one.kind))
        held = {(one.subject, one.at) for one in acts if self.in_pause(who, one.at)}
        for one in acts:
            standing = mine.pace_since is None or (one.open_until and one.open_until > mine.pace_since)
            if mine.quiet_pace and one.pace and one.pace > mine.quiet_pace and standing:
                held.add((one.subject, one.at))
        if mine.quiet_rhythm and mine.quiet_since:
            later = [(one.subject, one.at, one.kind) for one in acts if one.at >= mine.quiet_since]
            held |= _beyond(later, *RHYTHMS[mine.quiet_rhythm][1:3])
        return held

    def in_pause(self, who: str, at: datetime) -> bool:
        """Whether that moment lies in a pause of which nothing is settled."""
        return any(one.who == who and one.holds(at) for one in self.pauses)

    def hides_offer(self, who: str, two: Two, subject: str) -> bool:
        """Whether the other's offer is kept out of view, unanswered."""
        if SetAside(who, subject) in self.aside:
            return True
        held = self.reasons(who, two)
        return any(
            (one.subject, one.at) in held
            for one in two.sent
            if one.subject == subject and one.who != who and one.kind == "proposal" and not one.answered
        )

    def hides_note(self, who: str, two: Two, shared: Key) -> bool:
        """Whether a note of the partner is kept out of a person's list."""
        return SetAside(who, shared[0]) in self.aside or shared in self.reasons(who, two)


def _beyond(acts: list[tuple[str, datetime, str]], offers: int, shared: int) -> set[Key]:
    """What goes beyond a calmer allowance. An offer and its line are one act."""
    together: dict[Key, list[str]] = {}
    for subject, at, kind in acts:
        together.setdefault((subject, at), []).append(kind)
    passed: dict[str, list[datetime]] = {"proposal": [], "shared": []}
    most, beyond = {"proposal": offers, "shared": shared}, set()
    for key, kinds in together.items():
        if any(sum(one > key[1] - WEEK for one in passed[kind]) >= most[kind] for kind in kinds):
            beyond.add(key)
        else:
            for kind in kinds:
                passed[kind].append(key[1])
    return beyond
