"""The state machine: all acts of people, in any order, at any time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Any, ClassVar, TypeVar

from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from time_machine import Traveller

from tests.campaigns.lives import checks
from tests.campaigns.lives.couples import RHYTHMS
from tests.campaigns.lives.model import AGREED, ANSWERS, Page, Plan
from tests.campaigns.lives.pairing import Invitation
from tests.campaigns.lives.world import NAMES, PACES, World, describe, fresh

T = TypeVar("T")

WHO = st.sampled_from(("Ada", "Ben", "Ada", "Ben", *NAMES))
"""Any person. Ada and Ben come more often, because a long story of one couple finds more than five short ones."""
WHICH = st.integers(0, 30)
"""Picks one of several things, counted from the newest."""
RHYTHM = st.sampled_from(list(RHYTHMS))
PACE = st.sampled_from(PACES)
AHEAD = st.integers(5, 24 * 9)
"""Hours from now to the first slot."""
ANSWER = st.sampled_from(list(ANSWERS))
MOVES = ("accept", "decline", "counter", "withdraw", "cancel", "complete")


class Lives(RuleBasedStateMachine):
    """Two couples and a loner. The caller sets `app` and `clock`."""

    app: ClassVar[Flask]
    clock: ClassVar[Traveller]
    acts: ClassVar[Counter[str]]
    done: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.app, self.clock)
        self.last: tuple[str, str, str, Any, dict[str, str], int] | None = None
        self.touched: Plan | Page | None = None
        self.actors: set[str] = set()
        self.steps = 0

    @initialize(first=RHYTHM, second=RHYTHM)
    def two_couples(self, first: str, second: str) -> None:
        """Make Ada and Ben a couple, and Cleo and Dan another."""
        for inviter, invitee, rhythm in (("Ada", "Ben", first), ("Cleo", "Dan", second)):
            self.invite(inviter)
            invitation = self.world.pairing.invitations[-1]
            self.say_yes(invitee, invitation, rhythm)
            self.confirm(inviter, invitation, "together")
            assert invitation.state == "confirmed"

    def act(self, who: str, method: str, path: str, body: Any, expected: int, **headers: str) -> Any:
        """Send one act, and check that the status is the one of the model."""
        self.actors.add(who)
        self.last = (who, method, path, body, headers, expected)
        self.count(path.rpartition("/")[2] if method == "POST" else f"{method} {path.split('/')[1]}", expected)
        return self.world.act(who, method, path, body, expected, **headers)

    def count(self, name: str, status: int = 200) -> None:
        """Count an act for the figures, and whether it succeeded."""
        self.steps += 1
        self.acts[name] += 1
        self.done[name] += status < 300

    def pick(self, things: Sequence[T], which: int) -> T:
        """Return one of these things; 0 is the newest."""
        return things[-1 - which % len(things)]

    # Time

    @rule(hours=st.sampled_from([1, 3, 7, 20, 24, 50, 73, 169, 24 * 15]), minutes=st.sampled_from([0, 1, 30]))
    def wait(self, hours: int, minutes: int) -> None:
        self.count("wait")
        self.world.wait(timedelta(hours=hours, minutes=minutes))
        self.actors.update(NAMES)
        self.last = None

    # Pairing

    def may_pair(self) -> bool:
        """Tell whether codes are of use. While all but Sam are in couples, one try in four is enough."""
        alone = sum(two is None for two in self.world.model.two.values())
        return alone > 1 or self.steps % 4 == 0

    @precondition(lambda self: self.may_pair())
    @rule(who=WHO)
    def invite(self, who: str) -> None:
        invitation, pairing = fresh(), self.world.pairing
        answer = self.act(who, "POST", "/invitations", {"id": invitation}, 201 if pairing.may_invite(who) else 409)
        if "code" in answer:
            pairing.record(who, invitation, answer["code"])

    def by_code(self, who: str, move: str, invitation: Invitation, expected: int, **more: str) -> None:
        self.world.forget_tries()
        self.act(who, "POST", f"/invitations/{move}", {"code": invitation.code, **more}, expected)

    def say_yes(self, who: str, invitation: Invitation, rhythm: str) -> None:
        self.by_code(who, "accept", invitation, self.world.pairing.accept(who, invitation, rhythm), rhythm=rhythm)

    @precondition(lambda self: self.may_pair())
    @rule(who=WHO, which=WHICH, move=st.sampled_from(["accept", "accept", "decline", "look-up"]), rhythm=RHYTHM)
    def use_code(self, who: str, which: int, move: str, rhythm: str) -> None:
        """Use a code in any way. Mostly it is an open code of another person."""
        pairing = self.world.pairing
        likely = [each for each in pairing.invitations if pairing.look_up(who, each) == 200]
        invitation = self.pick(likely or pairing.invitations, which)
        if move == "accept":
            self.say_yes(who, invitation, rhythm)
        elif move == "decline":
            self.by_code(who, "decline", invitation, pairing.decline(who, invitation))
            self.last = None  # after a decline, the code fits nothing, so a repeat gets another status
        else:
            with self.world.unnoticed(who):
                self.by_code(who, "look-up", invitation, pairing.look_up(who, invitation))

    @rule(
        which=WHICH, who=WHO, own=st.booleans(), move=st.sampled_from(["confirm", "confirm", "refuse"]), rhythm=RHYTHM
    )
    def decide(self, which: int, who: str, own: bool, move: str, rhythm: str) -> None:
        """Confirm or refuse an invitee. Mostly there is one, and mostly the inviter decides."""
        pairing = self.world.pairing
        waiting = [each for each in pairing.invitations if each.state == "accepted"]
        invitation = self.pick(waiting or pairing.invitations, which)
        who = invitation.inviter if own else who
        if move == "confirm":
            self.confirm(who, invitation, rhythm)
        else:
            self.act(
                who, "POST", "/invitations/refuse", {"invitation_id": invitation.id}, pairing.refuse(who, invitation)
            )

    def confirm(self, who: str, invitation: Invitation, rhythm: str) -> None:
        expected = self.world.pairing.confirm(who, invitation, rhythm)
        self.act(who, "POST", "/invitations/confirm", {"invitation_id": invitation.id, "rhythm": rhythm}, expected)

    @precondition(lambda self: self.may_pair())
    @rule(who=WHO)
    def take_back(self, who: str) -> None:
        self.act(who, "DELETE", "/invitations/current", None, self.world.pairing.withdraw(who))
        self.last = None

    # Dates

    @rule(who=WHO, pace=PACE, which=WHICH, ahead=AHEAD, more=st.integers(0, 48), line=st.sampled_from([0, 0, 1]))
    def propose(self, who: str, pace: int, which: int, ahead: int, more: int, line: int) -> None:
        """Propose something at any pace."""
        self.offer(who, pace, which, ahead, more, line)

    def offer(self, who: str, pace: int, which: int, ahead: int, more: int, line: int) -> Plan | None:
        """Propose a date, and return it if the proposal succeeded."""
        starts, slots = self.world.slots(ahead, ahead + more)
        activity = self.pick(self.world.activities[pace], which)
        body = {"id": fresh(), "activity_id": activity, "slots": slots}
        body |= {"message": "The one by the river?"} if line else {}
        expected = self.world.model.propose(who, body["id"], activity, pace, starts, bool(line))
        self.act(who, "POST", "/dates", body, expected)
        if expected != 201:
            return None
        plan = self.touched = self.world.model.plans[-1]
        return plan

    @rule(who=WHO, which=WHICH, ahead=AHEAD, name=st.sampled_from(MOVES[:4]), answer=ANSWER)
    def propose_and_answer(self, who: str, which: int, ahead: int, name: str, answer: str) -> None:
        """Propose something within every pace, and answer it at once."""
        two = self.world.model.two[who]
        if two and (plan := self.offer(who, 1 + which % 2, which, ahead, which, 0)):
            self.make(who if name == "withdraw" else two.other(who), plan, name, ahead, answer)

    @rule(who=WHO, ahead=AHEAD, note=st.booleans())
    def plan_or_write_alone(self, who: str, ahead: int, note: bool) -> None:
        """Plan a date alone, or write a private note."""
        model, starts, slots = self.world.model, *self.world.slots(ahead)
        with self.world.unnoticed(who):
            if note:
                body = {"id": fresh(), "kind": "effort", "body": f"You waited, {who} saw it."}
                self.act(who, "POST", "/notes", body, model.write(who, body["id"], body["body"]))
            else:
                own = {"id": fresh(), "activity_id": self.world.alone, "for": "one", "slots": slots}
                self.act(who, "POST", "/dates", own, model.plan_alone(who, own["id"], starts[0]))
        self.touched = model.pages[-1] if note else model.plans[-1]

    @precondition(lambda self: self.world.model.plans)
    @rule(who=WHO, which=WHICH, name=WHICH, wild=st.sampled_from([None, None, *MOVES]), ahead=AHEAD, answer=ANSWER)
    def move(self, who: str, which: int, name: int, wild: str | None, ahead: int, answer: str) -> None:
        """Make a move. Mostly it is a possible one; sometimes it is any move by any person."""
        model = self.world.model
        possible = [
            (name, plan, move)
            for plan in model.plans
            for name in plan.people
            for move in model.moves(name, plan)
            if move in MOVES  # the model only lists the others
        ]
        if possible and wild is None:
            who, plan, move = self.pick(possible, which * 5 + name)
        else:
            plan, move = self.pick(model.plans, which), wild or self.pick(MOVES, name)
        self.make(who, plan, move, ahead, answer)

    def make(self, who: str, plan: Plan, move: str, ahead: int, answer: str) -> None:
        """Make a move, and expect the status of the model."""
        model = self.world.model
        # Countering with the offered slots would be refused.
        starts, slots = self.world.slots(ahead, 24 * 10)
        more = {"accept": {"slot_id": self.slot_of(plan)}, "decline": {"answer": answer}, "counter": {"slots": slots}}
        expected = model.move(who, plan, move, starts, answer)
        version = plan.version - (expected == 200)
        self.act(who, "POST", f"/dates/{plan.id}/{move}", {"version": version, **more.get(move, {})}, expected)
        self.touched = plan

    def slot_of(self, plan: Plan) -> str:
        """Return the id of the first slot, as a person who sees the date reads it."""
        for reader in plan.people:
            if self.world.model.sees(reader, plan):
                date = self.world[reader].get(f"/dates/{plan.id}")
                return str(date["slots"][0]["id"])
        return fresh()

    # Notes

    @rule(who=WHO)
    def write_and_share(self, who: str) -> None:
        body = {"id": fresh(), "kind": "effort", "body": f"You waited, {who} saw it."}
        self.act(who, "POST", "/notes", body, self.world.model.write(who, body["id"], body["body"]))
        page = self.touched = self.world.model.pages[-1]
        self.act(who, "POST", f"/notes/{page.id}/share", {"version": 1}, self.world.model.share(who, page))

    @precondition(lambda self: self.world.model.pages)
    @rule(who=WHO, which=WHICH, name=st.sampled_from(["share", "share", "share", "recall", "edit", "delete"]))
    def do_with_note(self, who: str, which: int, name: str) -> None:
        """Share, recall, edit or delete a note; mostly an own one."""
        model = self.world.model
        page = self.pick([page for page in model.pages if page.author == who] or model.pages, which)
        version = page.version
        if name == "share":
            self.act(who, "POST", f"/notes/{page.id}/share", {"version": version}, model.share(who, page))
        elif name == "recall":
            self.act(who, "POST", f"/notes/{page.id}/recall", {}, model.recall(who, page))
        elif name == "edit":
            words = f"You waited, really: {version}."
            expected = model.edit(who, page, words)
            self.act(who, "PATCH", f"/notes/{page.id}", {"body": words}, expected, If_Match=f'"{version}"')
        else:
            self.act(who, "DELETE", f"/notes/{page.id}", None, model.delete(who, page))
            self.last = None
        self.touched = page

    # Private choices, and choices for the couple

    @rule(who=WHO, pace=PACE, quietly=st.booleans())
    def choose_pace(self, who: str, pace: int, quietly: bool) -> None:
        two, before = self.world.model.two[who], self.world.model.two[who] and self.world.model.two[who].pace
        expected = self.world.model.choose_pace(who, pace, quietly)
        with self.alone(who, expected, not two or two.pace == before):
            self.act(who, "PUT", "/me/pace", {"pace": pace, "quietly": quietly}, expected)

    @rule(who=WHO, rhythm=RHYTHM, quietly=st.booleans())
    def choose_rhythm(self, who: str, rhythm: str, quietly: bool) -> None:
        two, before = self.world.model.two[who], self.world.model.two[who] and self.world.model.two[who].rhythm
        expected = self.world.model.choose_rhythm(who, rhythm, quietly)
        with self.alone(who, expected, not two or two.rhythm == before):
            self.act(who, "PUT", "/me/rhythm", {"rhythm": rhythm, "quietly": quietly}, expected)

    def alone(self, who: str, expected: int, private: bool) -> AbstractContextManager[None]:
        """Check that the partner does not notice a private act."""
        return self.world.unnoticed(who) if private or expected >= 300 else nullcontext()

    @rule(who=WHO, words=st.lists(st.sampled_from(["go", "late", "now"]), min_size=4, max_size=4))
    def take_space(self, who: str, words: list[str]) -> None:
        world = self.world
        ahead = world.spaces.ahead(who)
        answers = {plan.id: words[at % 4] for at, plan in enumerate(ahead)}
        dates = [
            {"date_id": date, "going": answer == "go", "off_at": "now" if answer == "now" else None}
            for date, answer in answers.items()
        ]
        expected = world.spaces.take(who, answers)
        with self.alone(who, expected, all(plan.state == AGREED for plan in ahead)):
            self.act(who, "PUT", "/me/space", {"kind": "quiet", "dates": dates}, expected)
        self.last = None

    @rule(who=WHO, then=st.sampled_from(["", "release", "dismiss"]))
    def end_space(self, who: str, then: str) -> None:
        world, pause = self.world, self.world.model.holding.current_pause(who)
        with world.unnoticed(who):
            self.act(who, "DELETE", "/me/space", None, 200)
            if pause:
                world.spaces.end(who)
                # Without this second, a thing sent at the instant of the end could lie before or after it.
                world.pass_a_second()
            if then:
                self.act(who, "POST", f"/me/held/{then}", {}, 200)
        if then == "release":
            world.spaces.look(who)
        elif then:
            world.spaces.discard(who, world.spaces.over(who))

    # Several acts in a row, which chance alone would bring together too seldom

    @rule(who=WHO, which=WHICH, share=st.booleans(), then=st.sampled_from(["release", "dismiss"]))
    def miss_something(self, who: str, which: int, share: bool, then: str) -> None:
        """Take space, let the partner send something, and end the space."""
        two = self.world.model.two[who]
        self.take_space(who, ["go"] * 4)
        self.wait(1, 0)
        if two and share:
            self.write_and_share(two.other(who))
        elif two:
            self.offer(two.other(who), 1, which, 200, 20, 0)
        self.holds()
        self.wait(1, 0)
        self.end_space(who, then)

    @rule(who=WHO, which=WHICH, words=st.sampled_from(["late", "go"]))
    def stay_away(self, who: str, which: int, words: str) -> None:
        """Agree on a date, and take space until shortly before it."""
        self.propose_and_answer(who, which, 30, "accept", "no")
        self.take_space(who, [words] * 4)
        self.wait(28, 30)

    @rule(who=WHO, which=WHICH)
    def hear_no_twice(self, who: str, which: int) -> None:
        """Get two refusals in a row."""
        for other in (0, 2):
            self.propose_and_answer(who, which + other, 100, "decline", "no")
            self.wait(73, 0)

    @precondition(lambda self: self.steps % 3 == 0)
    @rule(who=WHO)
    def leave(self, who: str) -> None:
        two = self.world.model.two[who]
        self.actors.update(two.members if two else ())
        self.act(who, "DELETE", "/couple", None, self.world.model.leave(who))

    @precondition(lambda self: self.steps % 3 == 0)
    @rule(who=WHO, whom=st.sampled_from(["partner", "last_partner", "everybody"]))
    def block(self, who: str, whom: str) -> None:
        two = self.world.model.two[who]
        self.actors.update(two.members if two else ())
        expected = self.world.pairing.block(who, whom)
        with self.alone(who, expected, self.world.model.two[who] is two):
            self.act(who, "PUT", "/me/blocks", {"target": whom}, expected)

    # Repeats

    @precondition(lambda self: self.last)
    @rule()
    def repeat(self) -> None:
        """Send the last act again, as a phone that lost the answer: the status is the same, and nothing changes."""
        assert self.last
        self.count("repeat")
        who, method, path, body, headers, expected = self.last
        with self.world.unnoticed(who):
            answer = self.world[who].request(method, path, body, **headers)
        assert answer.status_code == expected or expected >= 300, describe(answer)
        self.actors.add(who)
        self.last = None

    @invariant()
    def holds(self) -> None:
        """Check all that the actors and their partners read, and that strangers do not see the touched thing."""
        model = self.world.model
        partners = {two.other(who) for who in self.actors if (two := model.two[who])}
        checks.everything(self.world, *sorted(self.actors | partners))
        if self.touched:
            checks.strangers(self.world, self.touched)
        self.actors, self.touched = set(), None
