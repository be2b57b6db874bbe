"""A small model of the product for a handful of people: what each act is answered, and who should see what.

Every act returns the status that it should be answered with, and changes the model where that is a success. The rules
are written out again on purpose: the product's own would agree with themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.campaigns.lives.couples import RHYTHMS, WEEK, Own, Sent, Two, calmer
from tests.campaigns.lives.holding import KEPT, Holding

HOUR = timedelta(hours=1)
OPEN, AGREED = "proposed", "accepted"
KEPT_STATES = (AGREED, "completed", "cancelled")
ANSWERS = {"no": "date_declined", "another_time": "date_another_time", "another_idea": "date_another_idea"}


@dataclass(eq=False)
class Plan:
    """A date of two, or of one alone (`two` is None)."""

    id: str
    two: Two | None
    proposer: str
    sender: str
    activity: str
    pace: int
    slots: list[datetime]
    offered: datetime
    state: str = OPEN
    version: int = 1
    expires: datetime | None = None
    answer: str | None = None
    start: datetime | None = None
    moved: datetime | None = None

    @property
    def people(self) -> tuple[str, ...]:
        """Whose date it is."""
        return self.two.members if self.two else (self.proposer,)

    @property
    def end(self) -> datetime:
        """Every date here takes an hour."""
        assert self.start is not None
        return self.start + HOUR

    def state_at(self, now: datetime) -> str:
        """The state as everybody should read it."""
        return "lapsed" if self.state == OPEN and self.expires and self.expires <= now else self.state

    def is_ahead(self, now: datetime) -> bool:
        """Whether it is agreed, and has not begun."""
        return self.state == AGREED and self.start is not None and self.start > now

    def is_not_over(self, now: datetime) -> bool:
        """Whether it is agreed, and has not ended."""
        return self.state == AGREED and self.end > now


@dataclass(eq=False)
class Page:
    """A note. `shared` is when it was put before the partner."""

    id: str
    author: str
    body: str
    two: Two | None = None  # with whom it was shared
    version: int = 1
    recalled: bool = False
    deleted: bool = False
    shared: datetime | None = None


class Model:
    """Everybody, and what they did."""

    def __init__(self, names: tuple[str, ...], now: datetime) -> None:
        self.now = now
        self.two: dict[str, Two | None] = dict.fromkeys(names)
        self.former: dict[str, Two | None] = dict.fromkeys(names)
        self.couples: list[Two] = []
        self.plans: list[Plan] = []
        self.pages: list[Page] = []
        self.holding = Holding()

    # Couples

    def begin(self, chosen: dict[str, str]) -> None:
        """Two have said yes: the calmer of their rhythms counts."""
        rhythm = calmer(*chosen.values())
        made = Two({who: Own(one) for who, one in chosen.items()}, rhythm, RHYTHMS[rhythm][3])
        self.couples.append(made)
        self.two.update(dict.fromkeys(chosen, made))

    def looks_back(self, who: str) -> Two | None:
        """The couple that ended last, for thirty days."""
        two = self.former[who]
        return two if two and two.ended and two.ended + KEPT > self.now else None

    def leave(self, who: str) -> int:
        """End it, for both: what is open closes, what lies ahead is off, nobody reads the other's notes any more."""
        two = self.two[who]
        if two is None:
            return 200 if self.looks_back(who) else 409
        two.ended, two.review_at = self.now, None
        for one in two.members:
            self.two[one], self.former[one] = None, two
            two.own[one].requested_pace = None
        for plan in (plan for plan in self.plans if plan.two is two):
            ended = "lapsed" if plan.state == OPEN else "cancelled" if plan.is_not_over(self.now) else plan.state
            plan.version, plan.state = plan.version + (ended != plan.state), ended
        for sent in two.sent:
            sent.outcome = sent.outcome or ("ended" if sent.open_until else None)
        for page in self.pages:
            page.recalled = page.recalled or page.two is two
        self.holding.close(two, self.now)
        return 200

    def choose_pace(self, who: str, asked: int, quietly: bool) -> int:
        """Choose how close."""
        two = self.two[who]
        return two.choose_pace(who, asked, quietly, self.now) if two else 409

    def choose_rhythm(self, who: str, asked: str, quietly: bool) -> int:
        """Choose how often."""
        two = self.two[who]
        return two.choose_rhythm(who, asked, quietly, self.now) if two else 409

    def may_hold(self, who: str) -> bool:
        """Whether somebody chose anything that could hold something back, or wished for more."""
        mine = self.two[who].own[who] if self.two[who] else None  # type: ignore[union-attr]
        quiet = mine is not None and (mine.quiet_pace or mine.quiet_rhythm or mine.requested_pace)
        return bool(quiet) or any(one.who == who for one in self.holding.pauses)

    def all_sent(self) -> list[Sent]:
        """Everything that anybody put before anybody."""
        return [one for two in self.couples for one in two.sent]

    def _spend(self, who: str, subject: str, plan: Plan | None = None, answers: datetime | None = None) -> bool:
        """Put something before the other; from within space only an answer to what is held."""
        two = self.two[who]
        if two is None:
            return False
        held = answers is not None and self.holding.in_pause(who, answers)
        if self.holding.living(who) and not held:
            return False
        most = RHYTHMS[two.own_rhythm(who)][1 if plan else 2]
        kind, ends, pace = ("proposal", plan.expires, plan.pace) if plan else ("shared", None, None)
        return two.spend(Sent(who, kind, subject, self.now, most, ends, pace), self.now)

    # Dates

    def propose(self, who: str, plan_id: str, activity: str, pace: int, slots: list[datetime], line: bool) -> int:
        """Offer the partner some times."""
        two = self.two[who]
        if two is None or pace > two.own_pace(who) or self._rests(who, two, activity):
            return 409
        if line and two.own_pace(who) < 3:
            return 422
        plan = Plan(plan_id, two, who, who, activity, pace, slots, self.now, expires=self._expiry(slots))
        # A line is words: without a shared thing left, nothing goes out at all.
        if (line and not two.left(who, self.now)["shared"][1]) or not self._spend(who, plan_id, plan):
            return 409
        if line:
            self._spend(who, plan_id)
        self.plans.append(plan)
        return 201

    def _rests(self, who: str, two: Two, activity: str) -> bool:
        """What the other declined rests for the one who offered it."""
        days = 14 if two.own_rhythm(who) == "together" else 60
        return any(
            plan.moved and plan.moved + timedelta(days=days) > self.now
            for plan in self.plans
            if (plan.two, plan.sender, plan.activity, plan.state) == (two, who, activity, "declined")
            and plan.answer in ("no", "another_idea")
        )

    def _expiry(self, slots: list[datetime]) -> datetime:
        return min(self.now + WEEK, max(slots) - 3 * HOUR)

    def plan_alone(self, who: str, plan_id: str, start: datetime) -> int:
        """Put an own date into the calendar."""
        self.plans.append(Plan(plan_id, None, who, who, "", 1, [start], self.now, state=AGREED, start=start))
        return 201

    def moves(self, who: str, plan: Plan) -> list[str]:
        """What the state of a date lets somebody do with it now."""
        if not self.is_theirs(who, plan):
            return []
        state = plan.state_at(self.now)
        if state == OPEN:
            return ["withdraw"] if plan.sender == who else ["accept", "decline", "counter"]
        if state != AGREED or plan.start is None:
            return []
        return ["cancel"] * (plan.end > self.now) + ["complete"] * (plan.start <= self.now)

    def actions(self, who: str, plan: Plan) -> list[str]:
        """What a date says may be done with it: what is too close has only a no."""
        above = plan.two is not None and plan.pace > plan.two.own_pace(who)
        return [move for move in self.moves(who, plan) if not (above and move in ("accept", "counter"))]

    def move(self, who: str, plan: Plan, name: str, slots: list[datetime], answer: str = "no") -> int:
        """Move a date: an accepted one takes place at its first slot, a countered one is offered for `slots`."""
        if not self.sees(who, plan):
            return 404
        if name not in self.actions(who, plan):
            return 409
        refused: int = getattr(self, f"_{name}")(who, plan, slots, answer) or 0
        if refused:
            return refused
        plan.version, plan.moved = plan.version + 1, self.now
        return 200

    def _close(self, plan: Plan, outcome: str) -> None:
        if plan.two:
            plan.two.close(plan.id, outcome, self.now)

    def _accept(self, who: str, plan: Plan, slots: list[datetime], answer: str) -> int | None:
        if plan.slots[0] <= self.now:
            return 409
        plan.state, plan.start, plan.slots = AGREED, plan.slots[0], plan.slots[:1]
        if self.holding.living(who):
            self.words[who, plan.id] = None
        return self._close(plan, "accepted")

    def _decline(self, who: str, plan: Plan, slots: list[datetime], answer: str) -> None:
        plan.state, plan.answer = "declined", answer
        self._close(plan, answer)

    def _counter(self, who: str, plan: Plan, slots: list[datetime], answer: str) -> int | None:
        assert plan.two
        offer = Plan(plan.id, plan.two, who, who, "", plan.pace, slots, self.now, expires=self._expiry(slots))
        if not self._spend(who, plan.id, offer, plan.offered):
            return 409
        booked = plan.two.sent.pop()
        self._close(plan, "countered")
        self.holding.take_up(who, plan.id)
        plan.two.sent.append(booked)
        plan.sender, plan.expires, plan.slots, plan.offered = who, offer.expires, slots, self.now
        return None

    def _withdraw(self, who: str, plan: Plan, slots: list[datetime], answer: str) -> None:
        plan.state = "withdrawn"
        self._close(plan, "withdrawn")

    def _cancel(self, who: str, plan: Plan, slots: list[datetime], answer: str) -> None:
        plan.state = "cancelled"

    def _complete(self, who: str, plan: Plan, slots: list[datetime], answer: str) -> None:
        plan.state = "completed"

    words: dict[tuple[str, str], datetime | None]
    """What somebody in space said of a date: None is "I will go", else when it is off."""

    def is_theirs(self, who: str, plan: Plan) -> bool:
        """Whether a date is somebody's own or their couple's."""
        return plan.proposer == who if plan.two is None else plan.two is self.two[who]

    def sees(self, who: str, plan: Plan) -> bool:
        """Whether somebody who knows the id of a date may read it."""
        back = plan.two is not None and plan.two is self.looks_back(who)
        return self.is_theirs(who, plan) or (back and (plan.sender == who or plan.state in KEPT_STATES))

    def lists(self, who: str, plan: Plan) -> bool:
        """Whether a date stands in somebody's list: not what is held, nor an old couple's beside a new one's."""
        if not self.sees(who, plan) or (self.two[who] and not self.is_theirs(who, plan)):
            return False
        if plan.two is None or plan.two is not self.two[who] or plan.sender == who:
            return True
        answered = plan.state not in (OPEN, "withdrawn", "lapsed")
        return answered or not self.holding.hides_offer(who, plan.two, plan.id)

    # Notes

    def write(self, who: str, page_id: str, body: str) -> int:
        """Keep a private note."""
        self.pages.append(Page(page_id, who, body))
        return 201

    def share(self, who: str, page: Page) -> int:
        """Put a note before the partner, once."""
        if page.author != who or page.deleted:
            return 404
        if page.two and not page.recalled:
            return 200
        if page.recalled or not self._spend(who, page.id):
            return 409
        page.two, page.shared = self.two[who], self.now
        return 200

    def edit(self, who: str, page: Page, body: str) -> int:
        """Change the text of a private note."""
        if page.author != who or page.deleted:
            return 404
        if page.two:
            return 409
        page.version, page.body = page.version + 1, body
        return 200

    def recall(self, who: str, page: Page) -> int:
        """Take a note out of the other's view."""
        if page.author != who or page.deleted:
            return 404
        if page.two is None:
            return 409
        page.recalled = True
        return 200

    def delete(self, who: str, page: Page) -> int:
        """Delete a note."""
        if page.author != who or page.deleted:
            return 404
        page.deleted = True
        page.recalled = page.two is not None
        return 204

    def reads(self, who: str, page: Page) -> bool:
        """Whether somebody who knows the id of a note may read it."""
        if page.deleted:
            return False
        return page.author == who or (page.two is not None and not page.recalled and page.two is self.two[who])

    def reads_as(self, who: str, page: Page) -> str | None:
        """The text of the partner's note in a person's list; None where the list leaves it out."""
        if page.author == who or page.two is None or not self.reads(who, page):
            return None
        assert page.shared
        return None if self.holding.hides_note(who, page.two, (page.id, page.shared)) else page.body
