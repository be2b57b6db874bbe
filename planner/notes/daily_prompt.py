"""The daily prompt: one for each person and day of their zone. A prompt then rests for some days."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import peewee

from planner.accounts.accounts import Person
from planner.catalogue import prompts
from planner.catalogue.prompts import Prompt, PromptEntry
from planner.contact.viewer import Viewer
from planner.dates import date_history, feedback
from planner.errors import NotFound, Unavailable
from planner.notes.notes import KINDS
from planner.storage import db

# For how long some prompts are left out after a no or a heavy date: asking for warmth would hurt.
_TENDER = timedelta(days=3)


class PromptDay(db.Model):
    """The prompt of a person on a day in their own zone."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    day = peewee.DateField()
    prompt = peewee.ForeignKeyField(Prompt, on_delete="RESTRICT", index=False)

    class Meta:
        table_name = "prompt_days"
        indexes = ((("person", "day"), True),)


def today(viewer: Viewer, now: datetime) -> tuple[date, PromptEntry]:
    """Return the viewer's day and its prompt. The first request of a day draws it. Raise NotFound without prompts."""
    day = viewer.today(now)
    rows = _stored_prompt(viewer.id, day)
    if not rows:
        prompt = _draw(viewer, day, now)
        # On a full disk, the prompt is drawn again each time: it is the same one all day.
        with suppress(Unavailable), db.write():
            # Two devices may ask at the same moment: the first draw counts for both.
            db.insert_if_absent(PromptDay, person=viewer.id, day=day, prompt=prompt.id)
        rows = _stored_prompt(viewer.id, day) or [(prompt.id,)]
    return day, prompts.snapshot().by_id[rows[0][0]]


@db.cached_query
def _stored_prompt(person: Any, day: Any) -> Any:
    return PromptDay.select(PromptDay.prompt).where(PromptDay.person == person, PromptDay.day == day)


def _draw(viewer: Viewer, day: date, now: datetime) -> PromptEntry:
    mood = _mood(viewer, now)
    candidates = [prompt for prompt in prompts.snapshot().active if fits(prompt, viewer.own_pace, mood)]
    last_days = PromptDay.select(PromptDay.prompt, peewee.fn.MAX(PromptDay.day)).where(PromptDay.person == viewer.id)
    shown = {prompt: day for prompt, day in db.fetch_all(last_days.group_by(PromptDay.prompt))}  # noqa: C416  # rows are untyped
    # The seed is the person and the day, so another device or process draws the same prompt.
    return choose(candidates, shown, day, random.Random(f"{viewer.id} {day}"))  # noqa: S311  # not a secret


def fits(prompt: PromptEntry, pace: int | None, mood: frozenset[str]) -> bool:
    """Return whether a prompt suits a person: within the couple's pace or, without a couple, about the person only."""
    content = prompt.content
    if content.kind not in KINDS or mood.intersection(content.avoid_after):
        return False
    return content.audience == "self" if pace is None else content.pace <= pace


def choose(
    candidates: Sequence[PromptEntry], shown: Mapping[UUID, date], day: date, chance: random.Random
) -> PromptEntry:
    """Return a random candidate that is not resting. If all rest, return the one that has rested longest.

    `shown` has the day on which each prompt was last shown. Raise NotFound without candidates.
    """
    if not candidates:
        raise NotFound("no_prompt_today")
    available = [
        prompt
        for prompt in candidates
        if prompt.id not in shown or (day - shown[prompt.id]).days > prompt.content.cooldown_days
    ]
    if available:
        return chance.choice(available)
    return min(candidates, key=lambda prompt: (shown[prompt.id], prompt.id))


def _mood(viewer: Viewer, now: datetime) -> frozenset[str]:
    since = now - _TENDER
    # "Another time" and "another idea" are not a no.
    declined = date_history.has_declined_since(viewer, "no", since)
    heavy = feedback.felt_heavy_since(viewer, since)
    return frozenset(name for name, true in (("declined", declined), ("heavy_date", heavy)) if true)
