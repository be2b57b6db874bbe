"""The daily prompt: one for each person and day of their zone, of another kind than yesterday's. It then rests."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping, Sequence
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
from planner.notes import reflection_days
from planner.storage import db
from planner.storage.cached_queries import Reading
from seeds.vocabulary import PROMPT_KINDS

# For how long some prompts are left out after a no or a heavy date: asking for warmth would hurt.
_TENDER = timedelta(days=3)
# A reflection is behind a password: only a person who chose the kind is asked for one here.
_USUAL_KINDS = frozenset(PROMPT_KINDS) - {reflection_days.KIND}


class PromptDay(db.Model):
    """The prompt of a person on a day in their own zone."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    day = peewee.DateField()
    prompt = peewee.ForeignKeyField(Prompt, on_delete="RESTRICT", index=False)

    class Meta:
        table_name = "prompt_days"
        indexes = ((("person", "day"), True),)


def today(viewer: Viewer, chosen_kinds: Callable[[], Collection[str]], now: datetime) -> tuple[date, PromptEntry]:
    """Return the viewer's day and its prompt. The first request of a day draws it. Raise NotFound without prompts.

    `chosen_kinds` is asked only for a draw: another choice of kinds counts from the next day on.
    """
    day = viewer.today(now)
    prompt = _find(viewer, day)
    if prompt is None:
        drawn = _draw(viewer, chosen_kinds(), day, now)
        # On a full disk, the prompt is drawn again each time: it is the same one all day.
        with suppress(Unavailable), db.write():
            _store(viewer, day, drawn)
        prompt = _find(viewer, day) or drawn
    return day, prompt


def _find(viewer: Viewer, day: date) -> PromptEntry | None:
    """Return the stored prompt of a day. Return None if it no longer suits: at a lower pace, or after a leaving."""
    rows = stored_reading(viewer, day).rows()
    prompt = prompts.snapshot().by_id.get(rows[0][0]) if rows else None
    return prompt if prompt and prompts.suits(prompt, viewer.own_pace) else None


def stored_reading(viewer: Viewer, day: date) -> Reading:
    """Return the reading of the stored prompt of a day."""
    return _stored_prompt.on(viewer.id, day)


def _store(viewer: Viewer, day: date, prompt: PromptEntry) -> None:
    # Two devices may ask at the same moment: the first draw counts for both.
    is_new = db.insert_if_absent(PromptDay, person=viewer.id, day=day, prompt=prompt.id)
    if is_new and prompt.content.kind == reflection_days.KIND:
        reflection_days.add(viewer.id, day, prompt.id)
    if not is_new and _find(viewer, day) is None:
        query = PromptDay.update(prompt=prompt.id)
        query.where(PromptDay.person == viewer.id, PromptDay.day == day).execute()


@db.cached_query
def _stored_prompt(person: Any, day: Any) -> Any:
    return PromptDay.select(PromptDay.prompt).where(PromptDay.person == person, PromptDay.day == day)


def _draw(viewer: Viewer, chosen_kinds: Collection[str], day: date, now: datetime) -> PromptEntry:
    kinds = set(chosen_kinds or _USUAL_KINDS)
    if not reflection_days.may_suggest(viewer.id, day):
        kinds.discard(reflection_days.KIND)
    if viewer.space_since:
        kinds.discard(prompts.CARD_KIND)  # it would lead a person in space to a talk
    candidates = list_fitting(viewer, kinds, now)
    last_days = PromptDay.select(PromptDay.prompt, peewee.fn.MAX(PromptDay.day)).where(PromptDay.person == viewer.id)
    shown = {prompt: day for prompt, day in db.fetch_all(last_days.group_by(PromptDay.prompt))}  # noqa: C416  # rows are untyped
    # The seed is the person and the day, so another device or process draws the same prompt.
    return choose(candidates, shown, day, random.Random(f"{viewer.id} {day}"))  # noqa: S311  # not a secret


def list_fitting(viewer: Viewer, kinds: Collection[str], now: datetime) -> list[PromptEntry]:
    """Return the prompts of these kinds that suit the viewer now: some would hurt after a no."""
    mood = _mood(viewer, now)
    return [prompt for prompt in prompts.snapshot().active if fits(prompt, kinds, viewer.own_pace, mood)]


def fits(prompt: PromptEntry, kinds: Collection[str], pace: int | None, mood: frozenset[str]) -> bool:
    """Return whether a prompt is of these kinds, suits this pace, and does not hurt in this mood."""
    content = prompt.content
    return content.kind in kinds and not mood.intersection(content.avoid_after) and prompts.suits(prompt, pace)


def choose(
    candidates: Sequence[PromptEntry], shown: Mapping[UUID, date], day: date, chance: random.Random
) -> PromptEntry:
    """Return a random candidate that is not resting, of the kind that was asked least recently.

    If all rest, return the one that has rested longest. `shown` has the day on which each prompt was last shown. Raise
    NotFound without candidates.
    """
    if not candidates:
        raise NotFound("no_prompt_today")
    available = [
        prompt
        for prompt in candidates
        if prompt.id not in shown or (day - shown[prompt.id]).days > prompt.content.cooldown_days
    ]
    if available:
        kind = _least_recent_kind(available, candidates, shown, chance)
        return chance.choice([prompt for prompt in available if prompt.content.kind == kind])
    return min(candidates, key=lambda prompt: (shown[prompt.id], prompt.id))


def _least_recent_kind(
    available: Sequence[PromptEntry],
    candidates: Sequence[PromptEntry],
    shown: Mapping[UUID, date],
    chance: random.Random,
) -> str:
    """Return the kind of an available prompt that was asked least recently. Chance decides between equals."""
    last_days: dict[str, date] = {}
    for prompt in candidates:
        kind = prompt.content.kind
        last_days[kind] = max(last_days.get(kind, date.min), shown.get(prompt.id, date.min))
    kinds = sorted({prompt.content.kind for prompt in available})
    chance.shuffle(kinds)
    return min(kinds, key=lambda kind: last_days[kind])


def _mood(viewer: Viewer, now: datetime) -> frozenset[str]:
    since = now - _TENDER
    # "Another time" and "another idea" are not a no.
    declined = date_history.has_declined_since(viewer, "no", since)
    heavy = feedback.felt_heavy_since(viewer, since)
    return frozenset(name for name, true in (("declined", declined), ("heavy_date", heavy)) if true)
