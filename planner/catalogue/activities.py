"""Activities: what two people, or one, can do."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import peewee

from planner.catalogue.entries import Card, Deck, Entry, Shelf
from planner.errors import NotFound
from planner.people.accounts import Person
from seeds.reader import Activity as Content

ActivityCard = Card[Content]


class Activity(Entry):
    """An activity of the catalogue; `owner` will be the author of an own idea."""

    owner = peewee.ForeignKeyField(Person, null=True, on_delete="CASCADE")

    class Meta:
        table_name = "activities"


def _build(values: dict[str, Any]) -> Content:
    lists = ("tags", "seasons", "time_of_day", "steps", "variations", "safety")
    return Content(**{**values, **{name: tuple(values[name]) for name in lists}})


shelf = Shelf(Activity, _build)


def deck() -> Deck[Content]:
    """All activities, and those in use. At most one small query."""
    return shelf.deck()


def find(activity: UUID) -> ActivityCard:
    """An activity in use. Raises NotFound for one that is not there or was retired."""
    card = deck().by_id.get(activity)
    if card is None or card.retired:
        raise NotFound
    return card
