"""Reflection days: on at most three of seven days, Rekindle suggests that a person reflects.

Writing for ten minutes helps many people. More of it can turn into brooding, most of all after a break-up. A person may
write as often as they like; only the suggestions are few.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import peewee

from planner.accounts.accounts import Person
from planner.catalogue.prompts import Prompt
from planner.storage import db

KIND = "reflection"
"""The kind of the prompts that lead to a reflection."""

MOST = 3
WEEK = timedelta(days=7)


class ReflectionDay(db.Model):
    """A day in a person's zone on which a reflection was suggested. It does not tell whether they wrote."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    day = peewee.DateField()
    prompt = peewee.ForeignKeyField(Prompt, on_delete="RESTRICT", index=False)

    class Meta:
        table_name = "reflection_days"
        indexes = ((("person", "day"), True),)


def find(person: UUID, day: date) -> UUID | None:
    """Return the prompt that was suggested on a day, or None."""
    rows = _on_day(person, day)
    return rows[0][0] if rows else None


def next_day(person: UUID, day: date) -> date:
    """Return the first day from `day` on that may bring a suggestion, if no other comes before."""
    days = [row[0] for row in _since(person, day - WEEK)]
    if day in days:
        day += timedelta(days=1)
    recent = sorted(each for each in days if day - each < WEEK)
    return recent[-MOST] + WEEK if len(recent) >= MOST else day


def may_suggest(person: UUID, day: date) -> bool:
    """Return whether a day may bring a suggestion: it has none, and its week has fewer than three."""
    return next_day(person, day) == day


def add(person: UUID, day: date, prompt: UUID) -> None:
    """Note a suggestion. The first of a day stays. Call inside a transaction."""
    db.insert_if_absent(ReflectionDay, person=person, day=day, prompt=prompt)


def last_days(person: UUID) -> dict[UUID, date]:
    """Return the day on which each prompt was last suggested."""
    last = ReflectionDay.select(ReflectionDay.prompt, peewee.fn.MAX(ReflectionDay.day))
    return dict(db.fetch_all(last.where(ReflectionDay.person == person).group_by(ReflectionDay.prompt)))


@db.cached_query
def _on_day(person: Any, day: Any) -> Any:
    return ReflectionDay.select(ReflectionDay.prompt).where(ReflectionDay.person == person, ReflectionDay.day == day)


@db.cached_query
def _since(person: Any, day: Any) -> Any:
    return ReflectionDay.select(ReflectionDay.day).where(ReflectionDay.person == person, ReflectionDay.day >= day)
