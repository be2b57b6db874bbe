"""A small model of the product: the status of each answer, and what each person may read.

Every act returns the status that the product should answer. On success it changes the model. The rules are written a
second time on purpose: the product's own rules would always agree with themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.campaigns.lives.couples import RHYTHMS, WEEK, Own, Sent, Two, calmer
from tests.campaigns.lives.holding import RETENTION, Holding

HOUR = timedelta(hours=1)
CORRECTION = timedelta(days=14)
"""How long after its end a person may say that a date did not take place."""
OPEN, AGREED = "proposed", "accepted"
READABLE_STATES = (AGREED, "completed", "cancelled")
ANSWERS = {"no": "date_declined", "another_time": "date_another_time", "another_idea": "date_another_idea"}


@dataclass(eq=False)
class Plan:
    """A date of a couple, or of one person alone (`two` is None)."""

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
        """Return the people whose date it is."""
        return self.two.members if self.two else (self.proposer,)

    @property
    def end(self) -> datetime:
        """Return the end: every date here takes an hour."""
        assert self.start is not None
        return self.start + HOUR

    @property
    def completes(self) -> datetime:
        """Return when the date completes itself: at eight in the morning, four hours after its end at least."""
        earliest = self.end + 4 * HOUR
        eight = earliest.replace(hour=8, minute=0, second=0, microsecond=0)
        return eight if earliest <= eight else eight + timedelta(days=1)

    def state_at(self, now: datetime) -> str:
        """Return the state that both partners should read."""
        return "lapsed" if self.state == OPEN and self.expires and self.expires <= now else self.state

    def is_ahead(self, now: datetime) -> bool:
        """Tell whether the date is agreed and has not begun."""
        return self.state == AGREED and self.start is not None and self.start > now

    def is_not_over(self, now: datetime) -> bool:
        """Tell whether the date is agreed and has not ended."""
        return self.state == AGREED and self.end > now


@dataclass(eq=False)
class Page:
    """A note. `shared` is when the author shared it."""

    id: str
    author: str
    body: str
    two: Two | None = None  # the couple in which it was shared
    version: int = 1
    recalled: bool = False
    deleted: bool = False
    shared: datetime | None = None


class Model:
    """All people, and what they did."""

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
        """Begin a couple. The calmer of the two rhythms counts."""
        rhythm = calmer(*chosen.values())
        couple = Two({who: Own(choice) for who, choice in chosen.items()}, rhythm, RHYTHMS[rhythm][3])
        self.couples.append(couple)
        self.two.update(dict.fromkeys(chosen, couple))

    def looks_back(self, who: str) -> Two | None:
        """Return the couple that ended last, for thirty days."""
        two = self.former[who]
        return two if two and two.ended and two.ended + RETENTION > self.now else None

    def leave(self, who: str) -> int:
        """End the couple: open proposals close, agreed dates are off, and shared notes are recalled."""
        two = self.two[who]
        if two is None:
            return 200 if self.looks_back(who) else 409
        two.ended, two.review_at = self.now, None
        for member in two.members:
            self.two[member], self.former[member] = None, two
            two.own[member].requested_pace = None
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
        """Choose a pace."""
        two = self.two[who]
        return two.choose_pace(who, asked, quietly, self.now) if two else 409

    def choose_rhythm(self, who: str, asked: str, quietly: bool) -> int:
        """Choose a rhythm."""
        two = self.two[who]
        return two.choose_rhythm(who, asked, quietly, self.now) if two else 409

    def may_hold(self, who: str) -> bool:
        """Tell whether a person has a choice that could hold something back, or asked for more."""
        mine = self.two[who].own[who] if self.two[who] else None  # type: ignore[union-attr]
        quiet = mine is not None and (mine.quiet_pace or mine.quiet_rhythm or mine.requested_pace)
        return bool(quiet) or any(pause.who == who for pause in self.holding.pauses)

    def all_sent(self) -> list[Sent]:
        """Return everything that people sent to their partners."""
        return [sent for two in self.couples for sent in two.sent]

    def _spend(self, who: str, subject: str, plan: Plan | None = None, answers: datetime | None = None) -> bool:
        """Send something to the partner. In space, a person can only answer held proposals."""
        two = self.two[who]
        if two is None:
            return False
        held = answers is not None and self.holding.in_pause(who, answers)
        if self.holding.current_pause(who) and not held:
            return False
        most = RHYTHMS[two.own_rhythm(who)][1 if plan else 2]
        kind, ends, pace = ("proposal", plan.expires, plan.pace) if plan else ("shared", None, None)
        return two.spend(Sent(who, kind, subject, self.now, most, ends, pace), self.now)

    # Dates

    def propose(self, who: str, plan_id: str, activity: str, pace: int, slots: list[datetime], line: bool) -> int:
        """Propose a date with some slots."""
        two = self.two[who]
        if two is None or pace > two.own_pace(who) or self._rests(who, two, activity):
            return 409
        if line and two.own_pace(who) < 3:
            return 422
        plan = Plan(plan_id, two, who, who, activity, pace, slots, self.now, expires=self._expiry(who, two, slots))
        # A message counts as a shared thing: without one left, the proposal is refused, too.
        if (line and not two.left(who, self.now)["shared"][1]) or not self._spend(who, plan_id, plan):
            return 409
        if line:
            self._spend(who, plan_id)
        self.plans.append(plan)
        return 201

    def _rests(self, who: str, two: Two, activity: str) -> bool:
        """Tell whether the activity waits because the partner declined it."""
        days = 14 if two.own_rhythm(who) == "together" else 60
        return any(
            plan.moved and plan.moved + timedelta(days=days) > self.now
            for plan in self.plans
            if (plan.two, plan.sender, plan.activity, plan.state) == (two, who, activity, "declined")
            and plan.answer in ("no", "another_idea")
        )

    def _expiry(self, who: str, two: Two, slots: list[datetime]) -> datetime:
        notice = timedelta(minutes=15) if two.rhythm == "together" else 3 * HOUR
        return min(self.now + WEEK, max(slots) - notice)

    def plan_alone(self, who: str, plan_id: str, start: datetime) -> int:
        """Plan a date alone."""
        self.plans.append(Plan(plan_id, None, who, who, "", 1, [start], self.now, state=AGREED, start=start))
        return 201

    def moves(self, who: str, plan: Plan) -> list[str]:
        """Return the moves that the state of a date lets a person make now."""
        if not self.is_theirs(who, plan):
            return []
        state = plan.state_at(self.now)
        if state == OPEN:
            return ["withdraw"] if plan.sender == who else ["accept", "decline", "counter"]
        if state not in (AGREED, "completed") or plan.start is None:
            return []
        is_over, moves = plan.end <= self.now, list[str]()
        if state == AGREED:
            moves = ([] if is_over else ["cancel", "edit"]) + ["move" if plan.start > self.now else "complete"]
        may_be_denied = (is_over or state == "completed") and self.now < plan.end + CORRECTION
        return [*moves, "did_not_happen"] if may_be_denied else moves

    def actions(self, who: str, plan: Plan) -> list[str]:
        """Return the `actions` of a date. Above the reader's pace, the reader can only decline."""
        if plan.two is None:
            return self.moves(who, plan)
        own_pace = plan.two.own_pace(who)
        closed = {"accept", "counter", "move"} if plan.pace > own_pace else set()
        closed |= {"edit"} if own_pace < 3 else set()
        return [move for move in self.moves(who, plan) if move not in closed]

    def move(self, who: str, plan: Plan, name: str, slots: list[datetime], answer: str = "no") -> int:
        """Move a date. Accepting chooses the first slot; countering offers `slots`."""
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
        if self.holding.current_pause(who):
            self.rsvps[who, plan.id] = None
        return self._close(plan, "accepted")

    def _decline(self, who: str, plan: Plan, slots: list[datetime], answer: str) -> None:
        plan.state, plan.answer = "declined", answer
        self._close(plan, answer)

    def _counter(self, who: str, plan: Plan, slots: list[datetime], answer: str) -> int | None:
        assert plan.two
        expires = self._expiry(who, plan.two, slots)
        offer = Plan(plan.id, plan.two, who, who, "", plan.pace, slots, self.now, expires=expires)
        if not self._spend(who, plan.id, offer, plan.offered):
            return 409
        event = plan.two.sent.pop()
        self._close(plan, "countered")
        self.holding.take_up(who, plan.id)
        plan.two.sent.append(event)
        plan.sender, plan.expires, plan.slots, plan.offered = who, offer.expires, slots, self.now
        return None

    def _withdraw(self, who: str, plan: Plan, slots: list[datetime], answer: str) -> None:
        plan.state = "withdrawn"
        self._close(plan, "withdrawn")

    def _cancel(self, who: str, plan: Plan, slots: list[datetime], answer: str) -> None:
        plan.state = "cancelled"

    def _complete(self, who: str, plan: Plan, slots: list[datetime], answer: str) -> None:
        plan.state = "completed"

    rsvps: dict[tuple[str, str], datetime | None]
    """What a person in space answered about a date: None for "I will go", else when it is off."""

    def is_theirs(self, who: str, plan: Plan) -> bool:
        """Tell whether a date belongs to a person or to their couple."""
        return plan.proposer == who if plan.two is None else plan.two is self.two[who]

    def sees(self, who: str, plan: Plan) -> bool:
        """Tell whether a person who knows the id of a date may read it."""
        back = plan.two is not None and plan.two is self.looks_back(who)
        return self.is_theirs(who, plan) or (back and (plan.sender == who or plan.state in READABLE_STATES))

    def lists(self, who: str, plan: Plan) -> bool:
        """Tell whether a person's list shows a date. It omits held dates and old couples' dates."""
        if not self.sees(who, plan) or (self.two[who] and not self.is_theirs(who, plan)):
            return False
        if plan.two is None or plan.two is not self.two[who] or plan.sender == who:
            return True
        answered = plan.state not in (OPEN, "withdrawn", "lapsed")
        return answered or not self.holding.hides_offer(who, plan.two, plan.id)

    # Notes

    def write(self, who: str, page_id: str, body: str) -> int:
        """Write a private note."""
        self.pages.append(Page(page_id, who, body))
        return 201

    def share(self, who: str, page: Page) -> int:
        """Share a note with the partner, once."""
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
        """Recall a note from the partner."""
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
        """Tell whether a person who knows the id of a note may read it."""
        if page.deleted:
            return False
        return page.author == who or (page.two is not None and not page.recalled and page.two is self.two[who])

    def reads_as(self, who: str, page: Page) -> str | None:
        """Return the text of the partner's note in a person's list, or None when the list leaves it out."""
        if page.author == who or page.two is None or not self.reads(who, page):
            return None
        assert page.shared
        return None if self.holding.hides_note(who, page.two, (page.id, page.shared)) else page.body
