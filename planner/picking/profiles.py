"""Profiles: what a person likes and cares about, in controlled words. Only its owner reads it."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import peewee

from planner.people.accounts import Person
from planner.people.sign_ins import Actor
from planner.storage import db


class ProfileRow(db.Model):
    """What one person chose; no row is an empty profile."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", unique=True)
    interests = peewee.TextField()  # JSON list of tags
    causes = peewee.TextField()  # JSON list of tags

    class Meta:
        table_name = "profiles"


class Profile(NamedTuple):
    """Interests and causes: tags of the catalogue."""

    interests: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()


def read(actor: Actor) -> Profile:
    """The actor's own profile."""
    found = _of(actor.id)
    return Profile(*(tuple(json.loads(text)) for text in found[0])) if found else Profile()


def put(actor: Actor, profile: Profile) -> Profile:
    """Replace the actor's own profile; the order of the words and repeats have no meaning."""
    kept = Profile(*(tuple(sorted(set(words))) for words in profile))
    values = {name: json.dumps(words) for name, words in kept._asdict().items()}
    with db.write((Person, [actor.id])):
        ProfileRow.insert(person=actor.id, **values).on_conflict(
            conflict_target=[ProfileRow.person], update=values
        ).execute()
    return kept


@db.prepared
def _of(person: Any) -> Any:
    return ProfileRow.select(ProfileRow.interests, ProfileRow.causes).where(ProfileRow.person == person)
