"""The model of a couple: its pace and rhythm, the private choices of each partner, and what each sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

WEEK = timedelta(days=7)
"""The zone of all people here."""

# Calmest first. Proposals open at once, proposals in seven days, shared things in seven days, the first pace.
RHYTHMS = {"apart": (1, 1, 2, 2), "gentle": (1, 3, 7, 3), "together": (5, 20, 70, 5)}
CALMEST = list(RHYTHMS)
UNANSWERED = (None, "withdrawn", "lapsed", "excused")


def calmer(*rhythms: str) -> str:
    """Return the calmest of these rhythms."""
    return min(rhythms, key=CALMEST.index)


@dataclass(eq=False)
class Sent:
    """One thing that a person sent to the partner. `most` is what the rhythm then allowed in seven days."""

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
        """Tell whether the receiver has answered this proposal."""
        return self.outcome not in UNANSWERED

    @property
    def is_brief(self) -> bool:
        """Tell whether this proposal is open for less than a day."""
        return self.open_until is not None and self.open_until - self.at < timedelta(days=1)

    @property
    def is_given_back(self) -> bool:
        """Tell whether the answer asks for another proposal."""
        return self.outcome in ("another_time", "another_idea")


@dataclass(eq=False)
class Own:
    """The private choices of one partner."""

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
        """Return both partners."""
        first, second = self.own
        return first, second

    def other(self, who: str) -> str:
        """Return the partner of a person."""
        first, second = self.members
        return second if who == first else first

    def own_pace(self, who: str) -> int:
        """Return the pace in a person's own view."""
        return min(self.pace, self.own[who].quiet_pace or self.pace)

    def own_rhythm(self, who: str) -> str:
        """Return the rhythm by which a person sends."""
        return calmer(self.rhythm, self.own[who].quiet_rhythm or self.rhythm)

    # Pace

    def choose_pace(self, who: str, asked: int, quietly: bool, now: datetime) -> int:
        """Lower the pace at once, for both or quietly for one partner; or ask for one step more."""
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
        """Review the requests: at once in the rhythm together, else on the next day."""
        self.review_at = now if self.rhythm == "together" else next_day(now)
        self.tick(now)

    def _lower(self, asked: int, now: datetime) -> None:
        self.pace = asked
        for sent in self.sent:
            if sent.outcome is None and sent.open_until and sent.open_until > now and (sent.pace or 0) > asked:
                sent.outcome = "excused"
        for choices in self.own.values():
            choices.requested_pace = None
            if choices.quiet_pace is None or choices.quiet_pace > asked:
                choices.pace_since = now
            if choices.quiet_pace is not None and choices.quiet_pace >= asked:
                choices.quiet_pace = None

    # Rhythm

    def choose_rhythm(self, who: str, asked: str, quietly: bool, now: datetime) -> int:
        """Choose a calmer rhythm at once, for both or quietly. A livelier one begins once both chose it."""
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
        """When the review is due, begin what both partners asked for."""
        if self.review_at is None or self.review_at > now or self.ended:
            return
        self.review_at = None
        both = list(self.own.values())
        if self.pace < 5 and all(choices.requested_pace == self.pace + 1 for choices in both):
            self.pace += 1
            for choices in both:
                choices.requested_pace, choices.pace_since = None, now
        self.rhythm = max(self.rhythm, calmer(*(choices.rhythm for choices in both)), key=CALMEST.index)

    # What each partner may send

    def left(self, who: str, now: datetime) -> dict[str, tuple[int, int, datetime | None]]:
        """Return for each allowance its limit, what is left, and the time of the next act if none is left."""
        rhythm = self.own_rhythm(who)
        open_most, most, shared_most, _ = RHYTHMS[rhythm]
        mine = [sent for sent in self.sent if sent.who == who]
        used = [sent for sent in mine if not sent.is_given_back]
        week = {kind: [sent.at + WEEK for sent in used if sent.kind == kind] for kind in ("proposal", "shared")}
        unanswered = [sent.open_until for sent in mine if sent.open_until and sent.outcome is None]
        wait = None if rhythm == "together" else self._waits_until(who, now)
        return {
            "open_proposals": _left(open_most, unanswered, now),
            "proposals": _left(most, week["proposal"], now, wait),
            "shared": _left(shared_most, week["shared"], now),
        }

    def _waits_until(self, who: str, now: datetime) -> datetime | None:
        """Return when the wait after refusals ends.

        Two refusals in a row bring a wait of two weeks. Three in two months bring a wait of three months. A lapse is
        half a refusal, and none within a day. A yes or an own act of the partner clears the wait.
        """
        offers = [sent for sent in self.sent if sent.who == who and sent.open_until]
        recent = [offer for offer in offers if offer.at > now - timedelta(days=157)]
        weights = {"no": 1.0, "lapsed": 0.5}
        refusals: list[tuple[datetime, float]] = []
        for offer in recent:
            assert offer.open_until is not None
            is_over = offer.outcome is None and offer.open_until <= now and not offer.is_brief
            weight = weights.get("lapsed" if is_over else offer.outcome or "", 0)
            if weight:
                refusals.append((offer.open_until, weight))
        clear = [offer.open_until for offer in recent if offer.outcome == "accepted" and offer.open_until]
        clear += [sent.at for sent in self.sent if sent.who != who]
        refusals = sorted(each for each in refusals if not clear or each[0] > max(clear))
        waits = []
        for at, _ in refusals:
            if sum(weight for other, weight in refusals if other <= at) >= 2:
                waits.append(at + timedelta(days=14))
            if sum(weight for other, weight in refusals if at - timedelta(days=60) < other <= at) >= 3:
                waits.append(at + timedelta(days=90))
        return max(waits, default=None)

    def spend(self, sent: Sent, now: datetime) -> bool:
        """Send something to the partner, if something is left."""
        left = self.left(sent.who, now)
        names = ("proposals", "open_proposals") if sent.open_until else ("shared",)
        if not all(left[name][1] for name in names):
            return False
        self.sent.append(sent)
        return True

    def close(self, subject: str, outcome: str, now: datetime) -> None:
        """Close a proposal with its outcome."""
        for sent in self.sent:
            if sent.subject == subject and sent.open_until and sent.outcome in (None, "excused"):
                if outcome == "lapsed" and (sent.outcome or sent.is_brief):
                    outcome = "excused"
                sent.outcome, sent.open_until = outcome, min(sent.open_until, now)


def _left(
    most: int, ends: list[datetime], now: datetime, wait: datetime | None = None
) -> tuple[int, int, datetime | None]:
    counting = sorted(end for end in ends if end > now)
    waiting = wait if wait and wait > now else None
    full = counting[-most] if len(counting) >= most else None
    opens = max((at for at in (waiting, full) if at), default=None)
    return most, 0 if waiting else max(0, most - len(counting)), opens


def next_day(now: datetime) -> datetime:
    """Return the noon of the next day in UTC."""
    return datetime.combine(now.date() + timedelta(days=1), time(12), now.tzinfo)
