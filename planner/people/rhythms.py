"""Rhythms: how often one may put something before the other, as each chooses it; the calmer choice counts.

Calmer is at once, openly (for both) or quietly (in one's own view; the other's budget stays). Livelier is a choice that
is sealed, and counts from a Monday on, once both choices allow it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from planner.errors import Fault, Invalid, NotFound, WrongState
from planner.people import couples, letterbox, mondays, pacing
from planner.people.couples import Couple, Member, Pair
from planner.people.sign_ins import Actor
from planner.storage import db


class Rhythm(NamedTuple):
    """How one person stands to the rhythm. `rhythm` counts for the two, `own_rhythm` for what this person sends."""

    rhythm: str
    own_rhythm: str
    choice: str
    quiet_rhythm: str | None


def read(actor: Actor) -> Rhythm:
    """The actor's own choices, beside the rhythm that counts. Raises NotFound for somebody alone."""
    found = _of(actor.id)
    if not found:
        raise NotFound
    rhythm, choice, quiet = found[0]
    return Rhythm(rhythm, pacing.own_rhythm(rhythm, quiet), choice, quiet)


@db.prepared
def _of(person: Any) -> Any:
    query = Member.select(Couple.rhythm, Member.rhythm, Member.quiet_rhythm).join(Couple)
    return query.where(Member.person == person, Member.left_at.is_null())


def choose(actor: Actor, asked: str, quietly: bool, now: datetime) -> Rhythm:
    """Choose a rhythm. Calmer than the one that counts: at once, for both, or `quietly` for the actor alone.
    Livelier: a sealed choice. The one that counts: as it stands, without any other choice of the actor's.

    Raises WrongState for somebody alone, Invalid for a livelier one quietly.
    """
    with couples.writing(actor.id) as pair:
        if pair is None:
            raise WrongState("A rhythm is for two. For yourself, everything is open.")
        if pacing.rhythm_choice(asked, pair.rhythm, quietly) == pacing.ASK:
            pair = mondays.settle(pair, now)
        choice = pacing.rhythm_choice(asked, pair.rhythm, quietly)
        if choice is None:
            raise Invalid(
                Fault("rhythm", f"Quietly you can only choose calmer than what counts for you two: {pair.rhythm}.")
            )
        _CHOICES[choice](pair, asked, now)
        return read(actor)


def _calm(pair: Pair, asked: str, now: datetime) -> None:
    # Calmer than what counts is calmer than both choices: the other's need not be read.
    if not Couple.update(rhythm=asked).where(Couple.id == pair.couple, Couple.rhythm == pair.rhythm).execute():
        raise WrongState("The rhythm has changed meanwhile. Look again.")
    _keep_own(pair, now, rhythm=asked)
    couples.tell(pair.couple, (pair.me, pair.partner), "rhythm_calmer", now)


def _hush(pair: Pair, asked: str, now: datetime) -> None:
    """For oneself alone; whoever wants less has stopped asking for more."""
    mine = Member.select(Member.rhythm, Member.quiet_rhythm, Member.quiet_rhythm_since).where(
        Member.couple == pair.couple, Member.person == pair.me
    )
    ((choice, quiet, since),) = db.rows(mine)
    _keep_own(
        pair,
        now,
        rhythm=pacing.calmer(choice, pair.rhythm),
        quiet_rhythm=asked,
        quiet_rhythm_since=since if quiet == asked else now,
    )


def _stay(pair: Pair, asked: str, now: datetime) -> None:
    _keep_own(pair, now, rhythm=asked)


def _ask(pair: Pair, asked: str, now: datetime) -> None:
    _keep_own(pair, now, rhythm=asked)
    mondays.arm(pair, now)


def _keep_own(pair: Pair, now: datetime, **values: Any) -> None:
    """Keep a choice in the place of every earlier one."""
    if pair.quiet_rhythm is not None and values.get("quiet_rhythm") is None:
        letterbox.hush(pair.me, now)  # what was held is simply there
    couples.choose(pair, **{"quiet_rhythm": None, "quiet_rhythm_since": None, **values})


_CHOICES = {pacing.CALM: _calm, pacing.HUSH: _hush, pacing.KEEP: _stay, pacing.ASK: _ask}
