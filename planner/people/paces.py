"""Paces: how close ideas for the two may come, as each chooses it.

Down is at once, openly (the pace counts for both) or quietly (it binds this person's own view, and moves nothing that
the other can see). Up is one step, on a Monday, once both have asked; a wish alone is sealed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import peewee

from planner.errors import Fault, Invalid, NotFound, WrongState
from planner.people import couples, letterbox, mondays, pacing
from planner.people.couples import Couple, Member, Pair
from planner.people.sign_ins import Actor
from planner.storage import db


class Pace(NamedTuple):
    """How one person stands to the pace. `pace` counts for the two, `own_pace` in this person's own view."""

    pace: int
    own_pace: int
    ceiling: int
    quiet_pace: int | None
    wish: int | None


def read(actor: Actor) -> Pace:
    """The actor's own choices, beside the pace that counts. Raises NotFound for somebody alone."""
    found = _of(actor.id)
    if not found:
        raise NotFound
    pace, ceiling, quiet, wish = found[0]
    return Pace(pace, pacing.own_pace(pace, quiet), ceiling, quiet, wish)


@db.prepared
def _of(person: Any) -> Any:
    query = Member.select(Couple.pace, Member.ceiling, Member.quiet_pace, Member.wish).join(Couple)
    return query.where(Member.person == person, Member.left_at.is_null())


def choose(actor: Actor, asked: int, quietly: bool, now: datetime) -> Pace:
    """Choose a pace. Below the one that counts: at once, for both, or `quietly` for the actor alone. One step above:
    a sealed wish. The one that counts: as it stands, without a wish and without a quiet choice.

    Raises WrongState for somebody alone, Invalid for more than one step up or for coming closer quietly.
    """
    with couples.writing(actor.id) as pair:
        if pair is None:
            raise WrongState("A pace is for two. For yourself, everything is open.")
        if asked > pair.pace and not quietly:
            pair = mondays.settle(pair, now)
        choice = pacing.pace_choice(asked, pair.pace, quietly)
        if choice is None:
            raise Invalid(Fault("pace", _refusal(pair, quietly)))
        _CHOICES[choice](pair, asked, now)
        return read(actor)


def _refusal(pair: Pair, quietly: bool) -> str:
    if quietly:
        return f"Quietly you can only choose less than the pace that counts for you two, which is {pair.pace}."
    return f"One step at a time: the next one is {pair.pace + 1}."


def _lower(pair: Pair, asked: int, now: datetime) -> None:
    """For both, at once. What either wished for before ends: it was another step, and each may ask again."""
    if not Couple.update(pace=asked).where(Couple.id == pair.couple, Couple.pace > asked).execute():
        raise WrongState("The pace has changed meanwhile. Look again.")
    # One statement about the two: it reads neither of them. A quiet choice that says no less is said by now.
    seen_change = Member.quiet_pace.is_null() | (Member.quiet_pace > asked)
    Member.update(
        wish=None,
        wished_at=None,
        quiet_pace=peewee.Case(None, [(Member.quiet_pace >= asked, None)], Member.quiet_pace),
        pace_since=peewee.Case(None, [(seen_change, Member.pace_since.db_value(now))], Member.pace_since),
    ).where(Member.couple == pair.couple, Member.left_at.is_null()).execute()
    _keep_own(pair, now, asked, ceiling=asked)
    couples.tell(pair.couple, (pair.me, pair.partner), "pace_lowered", now)


def _hush(pair: Pair, asked: int, now: datetime) -> None:
    _keep_own(pair, now, asked, quiet_pace=asked)


def _stay(pair: Pair, asked: int, now: datetime) -> None:
    _keep_own(pair, now, asked)


def _wish(pair: Pair, asked: int, now: datetime) -> None:
    wished_at = db.rows(
        Member.select(Member.wished_at).where(
            Member.couple == pair.couple, Member.person == pair.me, Member.wish == asked
        )
    )
    _keep_own(pair, now, pair.pace, wish=asked, wished_at=wished_at[0][0] if wished_at else now)
    mondays.arm(pair, now)


def _keep_own(pair: Pair, now: datetime, own_pace: int, **values: Any) -> None:
    """Keep a choice in the place of every earlier one; `own_pace` is what counts in this person's view from now on."""
    if own_pace != pair.own_pace:
        values["pace_since"] = now
    if pair.quiet_pace is not None and values.get("quiet_pace") is None:
        letterbox.hush(pair.me, now)  # what was held is simply there
    couples.choose(pair, **{"quiet_pace": None, "wish": None, "wished_at": None, **values})


_CHOICES = {pacing.CALM: _lower, pacing.HUSH: _hush, pacing.KEEP: _stay, pacing.ASK: _wish}
