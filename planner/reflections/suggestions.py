"""Suggestions: what a person could write about on a day, a question or a neutral task.

The neutral task is for a person who does not want to look inward today. It is as good a way to spend ten minutes.
"""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import NamedTuple

from planner import messages
from planner.catalogue import prompts
from planner.catalogue.prompts import PromptEntry
from planner.contact.viewer import Viewer
from planner.errors import NotFound, Unavailable
from planner.notes import daily_prompt, reflection_days
from planner.storage import db

MINUTES = 10
"""How long to write. Longer tends to become brooding."""

TASKS = tuple(messages.keys("neutral_tasks"))


class Suggestion(NamedTuple):
    """What to write about on a day. `next_day` is the first day that may bring another prompt."""

    prompt: PromptEntry | None
    task: str
    next_day: date


def today(viewer: Viewer, now: datetime) -> Suggestion:
    """Return the suggestion of the viewer's day. The first request of a day draws its prompt."""
    day = viewer.today(now)
    prompt = _find(viewer, day) or _draw(viewer, day, now)
    # The tasks take turns, in an order of the person's own.
    tasks = random.Random(f"{viewer.id}").sample(TASKS, len(TASKS))  # noqa: S311  # not a secret
    tomorrow = day + timedelta(days=1)
    return Suggestion(prompt, tasks[day.toordinal() % len(tasks)], reflection_days.next_day(viewer.id, tomorrow))


def _find(viewer: Viewer, day: date) -> PromptEntry | None:
    prompt = reflection_days.find(viewer.id, day)
    return prompts.snapshot().by_id.get(prompt) if prompt else None


def _draw(viewer: Viewer, day: date, now: datetime) -> PromptEntry | None:
    if not reflection_days.may_suggest(viewer.id, day):
        return None
    candidates = daily_prompt.list_fitting(viewer, (reflection_days.KIND,), now)
    # The seed is the person and the day, so another device or process draws the same prompt.
    chance = random.Random(f"{viewer.id} {day} reflection")  # noqa: S311  # not a secret
    with suppress(NotFound):
        drawn = daily_prompt.choose(candidates, reflection_days.last_days(viewer.id), day, chance)
        with suppress(Unavailable), db.write():
            reflection_days.add(viewer.id, day, drawn.id)
        return _find(viewer, day) or drawn
    return None
