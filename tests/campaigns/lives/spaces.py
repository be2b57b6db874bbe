"""The model of space: its begin, its dates, its end, and the work of the clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from planner.dates import rsvps
from planner.dates.rsvps import DueDate
from planner.storage import db
from tests.campaigns.lives.holding import RETENTION, UNDER_WAY, Dismissed, Pause
from tests.campaigns.lives.model import AGREED, Model, Plan, Two

EARLIEST, LATEST = timedelta(hours=4), timedelta(hours=2)
"""How long before its start a date without an hour is off."""


class Spaces:
    """What space does to the model."""

    def __init__(self, model: Model, ids: dict[str, UUID]) -> None:
        self.model, self.ids = model, ids
        self.holding = model.holding
        model.rsvps = {}

    def ahead(self, who: str) -> list[Plan]:
        """Return the couple's agreed dates that have not begun."""
        model = self.model
        return [plan for plan in model.plans if plan.two and plan.two is model.two[who] and plan.is_ahead(model.now)]

    def take(self, who: str, answers: dict[str, str]) -> int:
        """Take space, or stay in it. `answers` by date id: go, now (off), or late (off at the latest moment)."""
        model, two = self.model, self.model.two[who]
        if two is None:
            return 409
        ahead = self.ahead(who)
        pause = self.holding.current_pause(who)
        if pause is None and {plan.id for plan in ahead} - answers.keys():
            return 422
        if pause is None:
            came = [sent.at + timedelta(microseconds=1) for sent in two.sent if sent.who != who]
            start = min(model.now, max([model.now - UNDER_WAY, *came]))
            self.holding.pauses.append(Pause(who, two, start))
        for plan in sorted(ahead, key=lambda plan: (plan.start, plan.id)):
            if plan.id in answers:
                self._answer(who, plan, answers[plan.id])
        return 200

    def _answer(self, who: str, plan: Plan, answer: str) -> None:
        assert plan.start
        off_at = self._drawn(who, plan) if answer == "late" else self.model.now
        if answer == "go":
            self.model.rsvps[who, plan.id] = None
        elif self._after_gap(who, plan, off_at) <= self.model.now:
            self._call_off(plan)
        else:
            self.model.rsvps[who, plan.id] = max(off_at, self.model.now)

    def _drawn(self, who: str, plan: Plan) -> datetime:
        """Return the moment that the product drew. Check that it is in its bounds."""
        assert plan.start
        with db.connection():
            off_at = rsvps.drawn_off_at(self.ids[who], UUID(plan.id), plan.start)
        assert plan.start - EARLIEST <= off_at <= plan.start - LATEST
        return off_at

    def _after_gap(self, who: str, plan: Plan, at: datetime) -> datetime:
        """Return `at`, or the end of the drawn gap after the couple's last cancelled date."""
        cancelled = [each.moved for each in self.model.plans if each.two is plan.two and each.state == "cancelled"]
        with db.connection():
            gap = rsvps.drawn_gap(self.ids[who], UUID(plan.id))
        return max(at, max(cancelled) + gap) if cancelled else at

    def _call_off(self, plan: Plan) -> None:
        plan.state, plan.version, plan.moved = "cancelled", plan.version + 1, self.model.now

    def end(self, who: str) -> None:
        """End the space of a person."""
        pause = self.holding.current_pause(who)
        if pause:
            pause.end = self.model.now
            self._forget(who)

    def _forget(self, who: str) -> None:
        now = self.model.now
        self.model.rsvps = {
            key: off_at for key, off_at in self.model.rsvps.items() if key[0] != who or (off_at and off_at <= now)
        }

    def over(self, who: str, before: datetime | None = None) -> list[Pause]:
        """Return the pauses of a person that have ended and are not settled."""
        mine = [pause for pause in self.holding.pauses if pause.who == who and pause.end and not pause.settled]
        return [pause for pause in mine if before is None or (pause.end and pause.end <= before)]

    def look(self, who: str) -> None:
        """Release what the person's past pauses held."""
        for pause in self.over(who):
            pause.settled = True

    def discard(self, who: str, pauses: list[Pause]) -> None:
        """Dismiss what these pauses held."""
        for two in {pause.two for pause in pauses}:
            came = {
                (sent.subject, sent.at)
                for sent in two.sent
                if sent.who != who and any(pause.two is two and pause.contains(sent.at) for pause in pauses)
            }
            self._dismiss_offers(who, came)
            self._dismiss_notes(who, came)
        for pause in pauses:
            pause.settled = True

    def _dismiss_offers(self, who: str, came: set[tuple[str, datetime]]) -> None:
        for sent in self.model.all_sent():
            if sent.who != who and sent.kind == "proposal" and not sent.answered and (sent.subject, sent.at) in came:
                self.holding.dismissed.append(Dismissed(who, sent.subject))

    def _dismiss_notes(self, who: str, came: set[tuple[str, datetime]]) -> None:
        for page in self.model.pages:
            if page.author != who and page.shared and (page.id, page.shared) in came:
                self.holding.dismissed.append(Dismissed(who, page.id))

    def tick(self) -> None:
        """Do the work of the clock."""
        model = self.model
        for two in model.couples:
            two.tick(model.now)
        for two in model.couples:
            self._call_off_next(two)
        for plan in model.plans:
            if plan.state_at(model.now) == "lapsed" and plan.state != "lapsed":
                plan.state = "lapsed"
                model._close(plan, "lapsed")
            if plan.state == AGREED and plan.completes <= model.now:
                plan.state, plan.version, plan.moved = "completed", plan.version + 1, model.now
        for who in model.two:
            if old := self.over(who, model.now - RETENTION):
                self.discard(who, old)

    def _call_off_next(self, two: Two) -> None:
        """Call off the next date that is due. The others wait for their gaps."""
        due = [
            DueDate(at, self.ids[who], UUID(plan.id))
            for plan in self.model.plans for who in two.members
            if plan.two is two and (at := self._due_at(who, plan)) and at <= self.model.now
        ]  # fmt: skip
        if due:
            self._call_off(next(plan for plan in self.model.plans if plan.id == str(min(due).date)))

    def _due_at(self, who: str, plan: Plan) -> datetime | None:
        """Return when a date is called off for a person who does not go, or None."""
        off_at, now = self.model.rsvps.get((who, plan.id)), self.model.now
        if plan.state != AGREED or plan.start is None or plan.end <= now:
            return None
        pause = self.holding.current_pause(who)
        goes = (who, plan.id) in self.model.rsvps and off_at is None
        if not (off_at and off_at <= now) and (goes or pause is None or plan.start <= pause.start):
            return None
        at = min(off_at or self._drawn(who, plan), plan.start - LATEST)
        return self._after_gap(who, plan, at)
