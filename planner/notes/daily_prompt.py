"""Choose the prompt of the day: one a person, the same all day in that person's zone, resting afterwards."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import peewee

from planner.accounts.accounts import Person
from planner.catalogue import prompts
from planner.catalogue.prompts import Prompt, PromptEntry
from planner.contact.viewer import Viewer
from planner.dates import feedback, state_machine, views
from planner.errors import NotFound
from planner.notes.notes import KINDS
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


def today(viewer: Viewer, now: datetime) -> tuple[date, PromptEntry]:
    """The viewer's day and its prompt; drawn and kept at the first look of the day. Raises NotFound without any."""
    day = viewer.today(now)
    kept = _kept(viewer.id, day)
    if not kept:
        found = _draw(viewer, day, now)
        with db.write():
            # Two phones may look at the same moment: the first draw stands for both.
            db.insert_if_absent(PromptDay, person=viewer.id, day=day, prompt=found.id)
        kept = _kept(viewer.id, day)
    return day, prompts.snapshot().by_id[kept[0][0]]


@db.cached_query
def _kept(person: Any, day: Any) -> Any:
    return PromptDay.select(PromptDay.prompt).where(PromptDay.person == person, PromptDay.day == day)


def _draw(viewer: Viewer, day: date, now: datetime) -> PromptEntry:
    mood = _mood(viewer, now)
    fitting = [card for card in prompts.snapshot().active if fits(card, viewer.own_pace, mood)]
    last = PromptDay.select(PromptDay.prompt, peewee.fn.MAX(PromptDay.day)).where(PromptDay.person == viewer.id)
    shown = {prompt: day for prompt, day in db.fetch_all(last.group_by(PromptDay.prompt))}  # noqa: C416  # rows are untyped
    # Seeded by person and day: a draw that is repeated, by another phone or process, comes to the same.
    return choose(fitting, shown, day, random.Random(f"{viewer.id} {day}"))  # noqa: S311  # not a secret


def fits(card: PromptEntry, pace: int | None, mood: frozenset[str]) -> bool:
    """Whether a prompt suits somebody: with a partner up to the couple's pace, alone about oneself only."""
    prompt = card.content
    if prompt.kind not in KINDS or mood.intersection(prompt.avoid_after):
        return False
    return prompt.audience == "self" if pace is None else prompt.pace <= pace


def choose(cards: Sequence[PromptEntry], shown: Mapping[UUID, date], day: date, chance: random.Random) -> PromptEntry:
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


def _mood(viewer: Viewer, now: datetime) -> frozenset[str]:
    since = now - _TENDER
    # "Another time" and "another idea" are not a no.
    declined = any(
        state == state_machine.DECLINED and answer == "no" and sent
        for _, state, answer, _, sent, _, _ in views.list_history(viewer, since)
    )
    heavy = feedback.felt_heavy_since(viewer, since)
    return frozenset(name for name, true in (("declined", declined), ("heavy_date", heavy)) if true)
