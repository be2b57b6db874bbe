"""Choose the prompt of the day: one a person, the same all day in that person's zone, resting afterwards."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import peewee

from planner.catalogue import prompts
from planner.catalogue.prompts import Prompt, PromptCard
from planner.dates import agenda, moves, outcomes
from planner.errors import NotFound
from planner.notes.notes import KINDS
from planner.people.accounts import Person
from planner.people.sign_ins import Actor
from planner.storage import db

# A prompt that asks for warmth grates right after a no or a heavy evening.
_TENDER = timedelta(days=3)


class PromptDay(db.Model):
    """Which prompt a person had on a day of their own calendar."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    day = peewee.DateField()
    prompt = peewee.ForeignKeyField(Prompt, on_delete="RESTRICT", index=False)

    class Meta:
        table_name = "prompt_days"
        indexes = ((("person", "day"), True),)


def today(actor: Actor, now: datetime) -> tuple[date, PromptCard]:
    """The actor's day and its prompt; drawn and kept at the first look of the day. Raises NotFound without any."""
    day = actor.today(now)
    kept = _kept(actor.id, day)
    if not kept:
        found = _draw(actor, day, now)
        with db.write():
            # Two phones may look at the same moment: the first draw stands for both.
            db.insert(PromptDay, person=actor.id, day=day, prompt=found.id)
        kept = _kept(actor.id, day)
    return day, prompts.deck().by_id[kept[0][0]]


@db.prepared
def _kept(person: Any, day: Any) -> Any:
    return PromptDay.select(PromptDay.prompt).where(PromptDay.person == person, PromptDay.day == day)


def _draw(actor: Actor, day: date, now: datetime) -> PromptCard:
    mood = _mood(actor, now)
    fitting = [card for card in prompts.deck().living if fits(card, actor.own_pace, mood)]
    last = PromptDay.select(PromptDay.prompt, peewee.fn.MAX(PromptDay.day)).where(PromptDay.person == actor.id)
    shown = {prompt: day for prompt, day in db.rows(last.group_by(PromptDay.prompt))}  # noqa: C416  # rows are untyped
    # Seeded by person and day: a draw that is repeated, by another phone or process, comes to the same.
    return choose(fitting, shown, day, random.Random(f"{actor.id} {day}"))  # noqa: S311  # not a secret


def fits(card: PromptCard, pace: int | None, mood: frozenset[str]) -> bool:
    """Whether a prompt suits somebody: with a partner up to the couple's pace, alone about oneself only."""
    prompt = card.content
    if prompt.kind not in KINDS or mood.intersection(prompt.avoid_after):
        return False
    return prompt.audience == "self" if pace is None else prompt.pace <= pace


def choose(cards: Sequence[PromptCard], shown: Mapping[UUID, date], day: date, chance: random.Random) -> PromptCard:
    """One of the cards that are not resting, at random; when all rest, the one that has rested longest.

    `shown` says on which day each was last shown. Raises NotFound when there are no cards.
    """
    if not cards:
        raise NotFound("There is no prompt for today.")
    rested = [
        card for card in cards if card.id not in shown or (day - shown[card.id]).days > card.content.cooldown_days
    ]
    if rested:
        return chance.choice(rested)
    return min(cards, key=lambda card: (shown[card.id], card.id))


def _mood(actor: Actor, now: datetime) -> frozenset[str]:
    since = now - _TENDER
    # "Another time" and "another idea" are not a no.
    declined = any(
        state == moves.DECLINED and answer == "no" and sent
        for _, state, answer, _, sent, _, _ in agenda.history(actor, since)
    )
    heavy = outcomes.felt_heavy_since(actor, since)
    return frozenset(name for name, true in (("declined", declined), ("heavy_date", heavy)) if true)
