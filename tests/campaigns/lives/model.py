"""A small model of the product for a handful of people: what each act is answered, and who should see what.

Every act returns the status that it should be answered with, and changes the model where that is a success. The rules
are written out again on purpose: the product's own would agree with themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)

# Calmest first; proposals open at once, proposals in seven days, shared things in seven days, the pace to start at.
RHYTHMS = {"apart": (1, 1, 2, 2), "steady": (1, 3, 7, 3), "together": (5, 20, 70, 5)}

OPEN, AGREED = "proposed", "accepted"
ANSWERS = {"no": "date_declined", "another_time": "date_another_time", "another_idea": "date_another_idea"}


@dataclass(eq=False)
class Sent:
    """One act that put something before the other."""

    who: str
    kind: str  # proposal or shared
    subject: str
    at: datetime
    open_until: datetime | None = None
    outcome: str | None = None


@dataclass(eq=False)
class Two:
    """A couple, as both see it."""

    chosen: dict[str, str]  # the rhythm that each chose
    rhythm: str
    pace: int
    began: datetime
    sent: list[Sent] = field(default_factory=list)
    ended: datetime | None = None

    @property
    def members(self) -> tuple[str, str]:
        """Both."""
        one, two = self.chosen
        return one, two

    def other(self, who: str) -> str:
        """The partner."""
        one, two = self.members
        return two if who == one else one


@dataclass(eq=False)
class Plan:
    """A date of two, or of one alone (`two` is None)."""

    id: str
    two: Two | None
    proposer: str
    sender: str
    pace: int
    slots: list[datetime]
    state: str = OPEN
    version: int = 1
    expires: datetime | None = None
    answer: str | None = None
    start: datetime | None = None

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


@dataclass(eq=False)
class Page:
    """A note."""

    id: str
    author: str
    two: Two | None = None  # with whom it was shared
    version: int = 1
    body: str = ""
    recalled: bool = False
    deleted: bool = False


class Model:
    """Everybody, and what they did."""

    def __init__(self, names: tuple[str, ...], now: datetime) -> None:
        self.now = now
        self.names = names
        self.two: dict[str, Two | None] = dict.fromkeys(names)
        self.couples: list[Two] = []
        self.plans: list[Plan] = []
        self.pages: list[Page] = []

    def begin(self, chosen: dict[str, str]) -> None:
        """Two have said yes: the calmer of their rhythms counts."""
        rhythm = min(chosen.values(), key=list(RHYTHMS).index)
        made = Two(chosen, rhythm, RHYTHMS[rhythm][3], self.now)
        self.couples.append(made)
        self.two.update(dict.fromkeys(chosen, made))

    # What each may put before the other

    def left(self, who: str) -> dict[str, tuple[int, int, datetime | None]]:
        """Of each allowance: the limit, what is left, and when the next act is possible if it is not now."""
        two = self.two[who]
        assert two is not None
        open_most, most, shared_most, _ = RHYTHMS[two.rhythm]
        mine = [one for one in two.sent if one.who == who]
        week = {kind: [one.at + WEEK for one in mine if one.kind == kind] for kind in ("proposal", "shared")}
        standing = [one.open_until for one in mine if one.open_until and one.outcome is None]
        return {
            "open_proposals": self._left(open_most, standing),
            "proposals": self._left(most, week["proposal"]),
            "shared": self._left(shared_most, week["shared"]),
        }

    def _left(self, most: int, ends: list[datetime]) -> tuple[int, int, datetime | None]:
        counting = sorted(end for end in ends if end > self.now)
        left = max(0, most - len(counting))
        return most, left, None if left else counting[-most]

    def _spend(self, who: str, subject: str, open_until: datetime | None = None) -> bool:
        left, two = self.left(who), self.two[who]
        wanted = ("proposals", "open_proposals") if open_until else ("shared",)
        if two is None or not all(left[name][1] for name in wanted):
            return False
        two.sent.append(Sent(who, "proposal" if open_until else "shared", subject, self.now, open_until))
        return True

    def _close(self, plan: Plan, outcome: str) -> None:
        for one in plan.two.sent if plan.two else ():
            if one.subject == plan.id and one.kind == "proposal" and one.outcome is None:
                one.outcome = outcome

    def all_sent(self) -> list[Sent]:
        """Everything that anybody put before anybody."""
        return [one for two in self.couples for one in two.sent]

    # Dates

    def propose(self, who: str, plan_id: str, pace: int, slots: list[datetime], line: bool) -> int:
        """Offer the partner some times."""
        two = self.two[who]
        if two is None or pace > two.pace:
            return 409
        if line and two.pace < 3:
            return 422
        expires = self._expiry(slots)
        # A line is words: without a shared thing left, nothing goes out at all.
        if (line and not self.left(who)["shared"][1]) or not self._spend(who, plan_id, expires):
            return 409
        if line:
            self._spend(who, plan_id)
        self.plans.append(Plan(plan_id, two, who, who, pace, slots, expires=expires))
        return 201

    def _expiry(self, slots: list[datetime]) -> datetime:
        return min(self.now + WEEK, max(slots) - 3 * HOUR)

    def plan_alone(self, who: str, plan_id: str, start: datetime) -> int:
        """Put an own date into the calendar."""
        self.plans.append(Plan(plan_id, None, who, who, 1, [start], state=AGREED, start=start))
        return 201

    def moves(self, who: str, plan: Plan) -> list[str]:
        """What somebody may do with a date now."""
        if not self.sees(who, plan):
            return []
        state = plan.state_at(self.now)
        if state == OPEN:
            return ["withdraw"] if plan.sender == who else ["accept", "decline", "counter"]
        if state != AGREED or plan.start is None:
            return []
        return ["cancel"] * (plan.end > self.now) + ["complete"] * (plan.start <= self.now)

    def actions(self, who: str, plan: Plan) -> list[str]:
        """What a date says may be done with it."""
        return self.moves(who, plan)

    def move(self, who: str, plan: Plan, name: str, slots: list[datetime], answer: str = "no") -> int:
        """Move a date: an accepted one takes place at its first slot, a countered one is offered for `slots`."""
        if not self.sees(who, plan):
            return 404
        if name not in self.moves(who, plan):
            return 409
        if name in ("accept", "counter") and plan.two and plan.pace > plan.two.pace:
            return 409
        return getattr(self, f"_{name}")(who, plan, slots, answer) or self._moved(plan)

    def _moved(self, plan: Plan) -> int:
        plan.version += 1
        return 200

    def _accept(self, who: str, plan: Plan, slots: list[datetime], answer: str) -> int:
        if plan.slots[0] <= self.now:
            return 409
        plan.state, plan.start, plan.slots = AGREED, plan.slots[0], plan.slots[:1]
        self._close(plan, "accepted")
        return 0

    def _decline(self, who: str, plan: Plan, slots: list[datetime], answer: str) -> int:
        plan.state, plan.answer = "declined", answer
        self._close(plan, answer)
        return 0

    def _counter(self, who: str, plan: Plan, slots: list[datetime], answer: str) -> int:
        expires = self._expiry(slots)
        left = self.left(who)
        if not left["proposals"][1] or not left["open_proposals"][1]:
            return 409
        self._close(plan, "countered")
        self._spend(who, plan.id, expires)
        plan.sender, plan.expires, plan.slots = who, expires, slots
        return 0

    def _withdraw(self, who: str, plan: Plan, slots: list[datetime], answer: str) -> int:
        plan.state = "withdrawn"
        self._close(plan, "withdrawn")
        return 0

    def _cancel(self, who: str, plan: Plan, slots: list[datetime], answer: str) -> int:
        plan.state = "cancelled"
        return 0

    def _complete(self, who: str, plan: Plan, slots: list[datetime], answer: str) -> int:
        plan.state = "completed"
        return 0

    def sees(self, who: str, plan: Plan) -> bool:
        """Whether a date is somebody's to see."""
        return plan.proposer == who if plan.two is None else plan.two is self.two[who]

    # Notes

    def write(self, who: str, page_id: str, body: str) -> int:
        """Keep a private note."""
        self.pages.append(Page(page_id, who, body=body))
        return 201

    def share(self, who: str, page: Page) -> int:
        """Put a note before the partner, once."""
        if page.author != who or page.deleted:
            return 404
        if page.two and not page.recalled:
            return 200
        if self.two[who] is None or page.recalled or not self._spend(who, page.id):
            return 409
        page.two = self.two[who]
        return 200

    def edit(self, who: str, page: Page, body: str) -> int:
        """Change the words; of a note that is in the other's view it costs one shared thing."""
        if page.author != who or page.deleted:
            return 404
        if page.two and not page.recalled and self.two[who] and not self._spend(who, page.id):
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
        """Whether a note is somebody's to read."""
        if page.deleted:
            return False
        return page.author == who or (page.two is not None and not page.recalled and page.two is self.two[who])
