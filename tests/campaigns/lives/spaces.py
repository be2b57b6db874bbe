"""The model of space: how it begins, what becomes of the dates, how it ends, and what the clock does meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.campaigns.lives.holding import KEPT, UNDER_WAY, Pause, SetAside
from tests.campaigns.lives.model import AGREED, Model, Plan

LATEST = timedelta(hours=2)
"""How long before it starts a date is off at the latest."""


class Spaces:
    """What space does to the model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.holding = model.holding
        model.words = {}

    def ahead(self, who: str) -> list[Plan]:
        """The couple's agreed dates that lie ahead."""
        model = self.model
        return [one for one in model.plans if one.two and one.two is model.two[who] and one.is_ahead(model.now)]

    def take(self, who: str, words: dict[str, str]) -> int:
        """Take space, or stay in it. `words` by the id of a date: go, now (off), or late (off at the latest moment)."""
        model, two = self.model, self.model.two[who]
        if two is None:
            return 409
        ahead = self.ahead(who)
        pause = self.holding.living(who)
        if pause is None and {one.id for one in ahead} - words.keys():
            return 422
        if pause is None:
            came = [one.at + timedelta(microseconds=1) for one in two.sent if one.who != who]
            start = min(model.now, max([model.now - UNDER_WAY, *came]))
            self.holding.pauses.append(Pause(who, two, start))
        for plan in ahead:
            if plan.id in words:
                self._say(who, plan, words[plan.id])
        return 200

    def _say(self, who: str, plan: Plan, word: str) -> None:
        assert plan.start
        off_at = max(plan.start - LATEST, self.model.now) if word == "late" else self.model.now
        if word == "go":
            self.model.words[who, plan.id] = None
        elif off_at <= self.model.now:
            self._call_off(plan)
        else:
            self.model.words[who, plan.id] = off_at

    def _call_off(self, plan: Plan) -> None:
        plan.state, plan.version, plan.moved = "cancelled", plan.version + 1, self.model.now

    def end(self, who: str) -> None:
        """End the space."""
        pause = self.holding.living(who)
        if pause:
            pause.end = self.model.now
            self._forget(who)

    def _forget(self, who: str) -> None:
        self.model.words = {key: word for key, word in self.model.words.items() if key[0] != who}

    def over(self, who: str, before: datetime | None = None) -> list[Pause]:
        """Pauses that are over, and wait for a word."""
        mine = [one for one in self.holding.pauses if one.who == who and one.end and not one.settled]
        return [one for one in mine if before is None or (one.end and one.end <= before)]

    def look(self, who: str) -> None:
        """Let in what came."""
        for pause in self.over(who):
            pause.settled = True

    def discard(self, who: str, pauses: list[Pause]) -> None:
        """Set aside what came in these."""
        for two in {pause.two for pause in pauses}:
            came = {
                (one.subject, one.at)
                for one in two.sent
                if one.who != who and any(pause.two is two and pause.contains(one.at) for pause in pauses)
            }
            self._set_aside_offers(who, came)
            self._set_aside_notes(who, came)
        for pause in pauses:
            pause.settled = True

    def _set_aside_offers(self, who: str, came: set[tuple[str, datetime]]) -> None:
        for one in self.model.all_sent():
            if one.who != who and one.kind == "proposal" and not one.answered and (one.subject, one.at) in came:
                self.holding.aside.append(SetAside(who, one.subject))

    def _set_aside_notes(self, who: str, came: set[tuple[str, datetime]]) -> None:
        for page in self.model.pages:
            if page.author != who and page.shared and (page.id, page.shared) in came:
                self.holding.aside.append(SetAside(who, page.id))

    def tick(self) -> None:
        """The clock's part."""
        model = self.model
        for two in model.couples:
            two.tick(model.now)
        for pause in self.holding.pauses:
            if pause.end is None:
                for plan in model.plans:
                    if plan.two is pause.two and self._is_due(pause, plan):
                        self._call_off(plan)
        for plan in model.plans:
            if plan.state_at(model.now) == "lapsed" and plan.state != "lapsed":
                plan.state = "lapsed"
                model._close(plan, "lapsed")
        for who in model.two:
            if old := self.over(who, model.now - KEPT):
                self.discard(who, old)

    def _is_due(self, pause: Pause, plan: Plan) -> bool:
        now = self.model.now
        if plan.state != AGREED or plan.start is None or plan.end <= now or plan.start <= pause.start:
            return False
        unsaid = (pause.who, plan.id) not in self.model.words
        off_at = self.model.words.get((pause.who, plan.id))
        return bool(off_at and off_at <= now) or ((unsaid or off_at is not None) and plan.start - LATEST <= now)
