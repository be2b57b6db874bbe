"""The model of held things. It derives them from the receiver's choices and from what the partner sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from tests.campaigns.lives.couples import RHYTHMS, WEEK, Two

UNDER_WAY = timedelta(seconds=10)
"""How long before its start a space holds things. It never holds what the partner had sent before."""
RETENTION = timedelta(days=30)


@dataclass(eq=False)
class Pause:
    """One space of one person."""

    who: str
    two: Two
    start: datetime
    end: datetime | None = None
    settled: bool = False

    def holds(self, at: datetime) -> bool:
        """Tell whether this space holds a thing sent at that moment."""
        return not self.settled and self.contains(at)

    def contains(self, at: datetime) -> bool:
        """Tell whether that moment lies in this space."""
        return self.start <= at and (self.end is None or at <= self.end)


class Dismissed(NamedTuple):
    """A date or a note that a person dismissed."""

    who: str
    subject: str


Key = tuple[str, datetime]


@dataclass
class Holding:
    """All pauses, and all dismissed things."""

    pauses: list[Pause] = field(default_factory=list)
    dismissed: list[Dismissed] = field(default_factory=list)

    def current_pause(self, who: str) -> Pause | None:
        """Return the space that a person is in."""
        return next((pause for pause in self.pauses if pause.who == who and pause.end is None), None)

    def close(self, two: Two, now: datetime) -> None:
        """Settle the pauses of a couple that has ended. Held things stay out of view."""
        for pause in self.pauses:
            if pause.two is two and not pause.settled:
                pause.end, pause.settled = pause.end or now, True

    def take_up(self, who: str, subject: str) -> None:
        """Undo the dismissal of a date that the person answers with other slots."""
        self.dismissed = [thing for thing in self.dismissed if (thing.who, thing.subject) != (who, subject)]

    def reasons(self, who: str, two: Two | None) -> set[Key]:
        """Return the partner's acts (subject, moment) that are held back from a person."""
        if two is None:
            return set()
        mine = two.own[who]
        acts = sorted((act for act in two.sent if act.who != who), key=lambda act: (act.at, act.subject, act.kind))
        held = {(act.subject, act.at) for act in acts if self.in_pause(who, act.at)}
        for act in acts:
            is_open = mine.pace_since is None or (act.open_until and act.open_until > mine.pace_since)
            if mine.quiet_pace and act.pace and act.pace > mine.quiet_pace and is_open:
                held.add((act.subject, act.at))
        if mine.quiet_rhythm and mine.quiet_since:
            later = [
                (act.subject, act.at, act.kind) for act in acts if act.at >= mine.quiet_since and not act.is_given_back
            ]
            held |= _beyond(later, *RHYTHMS[mine.quiet_rhythm][1:3])
        return held

    def in_pause(self, who: str, at: datetime) -> bool:
        """Tell whether that moment lies in an unsettled pause of a person."""
        return any(pause.who == who and pause.holds(at) for pause in self.pauses)

    def hides_offer(self, who: str, two: Two, subject: str) -> bool:
        """Tell whether the person's list leaves out an unanswered proposal of the partner."""
        if Dismissed(who, subject) in self.dismissed:
            return True
        held = self.reasons(who, two)
        return any(
            (sent.subject, sent.at) in held
            for sent in two.sent
            if sent.subject == subject and sent.who != who and sent.kind == "proposal" and not sent.answered
        )

    def hides_note(self, who: str, two: Two, shared: Key) -> bool:
        """Tell whether the person's list leaves out a note of the partner."""
        return Dismissed(who, shared[0]) in self.dismissed or shared in self.reasons(who, two)


def _beyond(acts: list[tuple[str, datetime, str]], offers: int, shared: int) -> set[Key]:
    """Return the acts beyond a calmer allowance. A proposal and its message are one act."""
    together: dict[Key, list[str]] = {}
    for subject, at, kind in acts:
        together.setdefault((subject, at), []).append(kind)
    passed: dict[str, list[datetime]] = {"proposal": [], "shared": []}
    most, beyond = {"proposal": offers, "shared": shared}, set()
    for key, kinds in together.items():
        if any(sum(moment > key[1] - WEEK for moment in passed[kind]) >= most[kind] for kind in kinds):
            beyond.add(key)
        else:
            for kind in kinds:
                passed[kind].append(key[1])
    return beyond
