"""The model of a couple: what counts for the two, what each chose for themselves, what each put before the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEK = timedelta(days=7)
ZONE = ZoneInfo("Europe/Lisbon")
"""Everybody here lives there."""

# Calmest first; proposals open at once, proposals in seven days, shared things in seven days, the pace to start at.
RHYTHMS = {"apart": (1, 1, 2, 2), "gentle": (1, 3, 7, 3), "together": (5, 20, 70, 5)}
CALMEST = list(RHYTHMS)
UNANSWERED = (None, "withdrawn", "lapsed")


def calmer(*rhythms: str) -> str:
    """The calmest of these."""
    return min(rhythms, key=CALMEST.index)


@dataclass(eq=False)
class Sent:
    """One act that put something before the other. `most` is what the rhythm of that moment allowed in seven days."""

    who: str
    kind: str  # proposal or shared
    subject: str
    at: datetime
    most: int
    open_until: datetime | None = None
    pace: int | None = None
    outcome: str | None = None

    @property
    def answered(self) -> bool:
        """Whether the other has said something to this offer."""
        return self.outcome not in UNANSWERED


@dataclass(eq=False)
class Own:
    """What one of the two chose; the other never reads it."""

    rhythm: str
    requested_pace: int | None = None
    quiet_pace: int | None = None
    pace_since: datetime | None = None
    quiet_rhythm: str | None = None
    quiet_since: datetime | None = None


@dataclass(eq=False)
class Two:
    """A couple."""

    own: dict[str, Own]
    rhythm: str
    pace: int
    review_at: datetime | None = None
    sent: list[Sent] = field(default_factory=list)
    ended: datetime | None = None

    @property
    def members(self) -> tuple[str, str]:
        """Both."""
        one, two = self.own
        return one, two

    def other(self, who: str) -> str:
        """The partner."""
        one, two = self.members
        return two if who == one else one

    def own_pace(self, who: str) -> int:
        """The pace in somebody's own view."""
        return min(self.pace, self.own[who].quiet_pace or self.pace)

    def own_rhythm(self, who: str) -> str:
        """The rhythm by which somebody sends."""
        return calmer(self.rhythm, self.own[who].quiet_rhythm or self.rhythm)

    # How close

    def choose_pace(self, who: str, asked: int, quietly: bool, now: datetime) -> int:
        """Less at once, for both or quietly for oneself; one step more as a wish."""
        if asked > self.pace + 1 or (quietly and asked >= self.pace):
            return 422
        mine, before = self.own[who], self.own_pace(who)
        if asked < self.pace and not quietly:
            self._lower(asked, now)
        after = asked if asked < self.pace else self.pace
        if after != before:
            mine.pace_since = now
        mine.quiet_pace = asked if quietly else None
        mine.requested_pace = asked if asked > self.pace else None
        if mine.requested_pace:
            self.ask_for_more(now)
        return 200

    def ask_for_more(self, now: datetime) -> None:
        """On the next morning, or at once when together, what both asked for begins."""
        self.review_at = now if self.rhythm == "together" else next_morning(now)
        self.tick(now)

    def _lower(self, asked: int, now: datetime) -> None:
        self.pace = asked
        for one in self.own.values():
            one.requested_pace = None
            if one.quiet_pace is None or one.quiet_pace > asked:
                one.pace_since = now
            if one.quiet_pace is not None and one.quiet_pace >= asked:
                one.quiet_pace = None

    # How often

    def choose_rhythm(self, who: str, asked: str, quietly: bool, now: datetime) -> int:
        """Calmer at once, for both or quietly for oneself; livelier once both chose it."""
        mine, less = self.own[who], CALMEST.index(asked) < CALMEST.index(self.rhythm)
        if quietly and not less:
            return 422
        if quietly:
            since = mine.quiet_since if mine.quiet_rhythm == asked else now
            mine.rhythm, mine.quiet_rhythm, mine.quiet_since = calmer(mine.rhythm, self.rhythm), asked, since
            return 200
        livelier = asked != self.rhythm and not less
        mine.rhythm, mine.quiet_rhythm, mine.quiet_since = asked, None, None
        self.rhythm = calmer(self.rhythm, asked)
        if livelier:
            self.ask_for_more(now)
        return 200

    def tick(self, now: datetime) -> None:
        """When the review is due, what both asked for begins."""
        if self.review_at is None or self.review_at > now or self.ended:
            return
        self.review_at = None
        both = list(self.own.values())
        if self.pace < 5 and all(one.requested_pace == self.pace + 1 for one in both):
            self.pace += 1
            for one in both:
                one.requested_pace, one.pace_since = None, now
        self.rhythm = max(self.rhythm, calmer(*(one.rhythm for one in both)), key=CALMEST.index)

    # What each may put before the other

    def left(self, who: str, now: datetime) -> dict[str, tuple[int, int, datetime | None]]:
        """Of each allowance: the limit, what is left, and when the next act is possible if it is not now."""
        rhythm = self.own_rhythm(who)
        open_most, most, shared_most, _ = RHYTHMS[rhythm]
        mine = [one for one in self.sent if one.who == who]
        week = {kind: [one.at + WEEK for one in mine if one.kind == kind] for kind in ("proposal", "shared")}
        standing = [one.open_until for one in mine if one.open_until and one.outcome is None]
        wait = None if rhythm == "together" else self._waits_until(who, now)
        return {
            "open_proposals": _left(open_most, standing, now),
            "proposals": _left(most, week["proposal"], now, wait),
            "shared": _left(shared_most, week["shared"], now),
        }

    def _waits_until(self, who: str, now: datetime) -> datetime | None:
        """Two noes in a row: two weeks. Three within two months: three months. The other's yes or own act clears."""
        offers = [one for one in self.sent if one.who == who and one.open_until]
        recent = [one for one in offers if one.at > now - timedelta(days=157)]
        lapsed = [one for one in recent if one.outcome == "lapsed" or (one.outcome is None and one.open_until <= now)]  # type: ignore[operator]
        noes = sorted(one.open_until for one in [*lapsed, *(one for one in recent if one.outcome == "no")])  # type: ignore[type-var]
        clear = [one.open_until for one in recent if one.outcome == "accepted"]
        clear += [one.at for one in self.sent if one.who != who]
        noes = [no for no in noes if not clear or no > max(clear)]  # type: ignore[operator,type-var]
        waits = [no + timedelta(days=14) for no in noes[1:]]  # type: ignore[operator]
        waits += [third + timedelta(days=90) for first, third in zip(noes, noes[2:], strict=False)  # type: ignore[operator]
                  if third - first < timedelta(days=60)]  # type: ignore[operator]  # fmt: skip
        return max(waits, default=None)

    def spend(self, sent: Sent, now: datetime) -> bool:
        """Put something before the other, if there is something left."""
        left = self.left(sent.who, now)
        names = ("proposals", "open_proposals") if sent.open_until else ("shared",)
        if not all(left[name][1] for name in names):
            return False
        self.sent.append(sent)
        return True

    def close(self, subject: str, outcome: str, now: datetime) -> None:
        """An offer has ended."""
        for one in self.sent:
            if one.subject == subject and one.open_until and one.outcome is None:
                one.outcome, one.open_until = outcome, min(one.open_until, now)


def _left(
    most: int, ends: list[datetime], now: datetime, wait: datetime | None = None
) -> tuple[int, int, datetime | None]:
    counting = sorted(end for end in ends if end > now)
    waiting = wait if wait and wait > now else None
    full = counting[-most] if len(counting) >= most else None
    opens = max((at for at in (waiting, full) if at), default=None)
    return most, 0 if waiting else max(0, most - len(counting)), opens


def next_morning(now: datetime) -> datetime:
    """The beginning of the next day."""
    day = now.astimezone(ZONE).date() + timedelta(days=1)
    return datetime.combine(day, time(), ZONE).astimezone(now.tzinfo)
