"""Profiles: what a person likes, cares about, and can or will do at all. Only its owner reads it.

What one person needs, the two of them keep: nothing is suggested for two that either's limits rule out. Nobody is told
which limits the other has set, or that there are any: reasons and what to relax speak of the reader's own. What cannot
be hidden is what follows from keeping them: who asks narrowly may notice that nothing costly, or nothing with steps,
is ever suggested for two. A search keeps no profile's limits, so nothing is ever missing from one because of them.

A changed profile counts at once for its owner alone, and for the two of them from the owner's next midnight on, as
votes do: nobody can tell at which hour it was changed. (That no activity of the catalogue needs alcohol is the
content's own rule; `alcohol_free` also leaves out those texts, and ideas of either of the two, that name a drink.)
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner import clock
from planner.accounts.accounts import Person
from planner.contact.viewer import Viewer
from planner.recommender import recommendation_log
from planner.recommender.model.request import HardConstraints
from planner.storage import db
from planner.storage.columns import UtcDateTimeField


class ProfileRow(db.Model):
    """What one person chose; no row is an empty profile.

    `limits` is all of it that is not interests and causes; `before` is the whole profile as it counts for the couple
    until `effective_from`.
    """

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", unique=True)
    interests = peewee.TextField()  # JSON list of tags
    causes = peewee.TextField()  # JSON list of tags
    limits = peewee.TextField(null=True)  # JSON object
    before = peewee.TextField(null=True)  # JSON object
    effective_from = UtcDateTimeField(null=True)

    class Meta:
        table_name = "profiles"


class Profile(NamedTuple):
    """Tags of the catalogue that a person likes, cares about, likes less; and limits, of which None and () are none.

    `access` are features of the catalogue that have to be possible, `cost_band` is the most, `settings` are the
    places that are possible, `children` is asleep or present.
    """

    interests: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    dislikes: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    cost_band: int | None = None
    children: str | None = None
    alcohol_free: bool = False

    def constraints(self) -> HardConstraints:
        """Its hard limits."""
        return HardConstraints(
            cost_band=self.cost_band,
            settings=frozenset(self.settings) or None,
            access=frozenset(self.access),
            alcohol_free=self.alcohol_free,
            children=self.children,
        )


_WORDS = ("interests", "causes", "dislikes", "access", "settings")


def get_own(viewer: Viewer) -> Profile:
    """The viewer's own profile."""
    return _row(viewer.id).profile()


def save(viewer: Viewer, profile: Profile, now: datetime) -> Profile:
    """Replace the viewer's own profile; the order of the words and repeats have no meaning.

    What the viewer was suggested today is drawn anew: what somebody has just ruled out should be gone.
    """
    words: dict[str, Any] = {name: tuple(sorted(set(getattr(profile, name)))) for name in _WORDS}
    kept = profile._replace(**words)
    with db.write((Person, [viewer.id])):
        row = _row(viewer.id)
        before, effective_from = row.before, row.effective_from
        if effective_from is None or effective_from <= now:
            before, effective_from = _dumped(row.profile()), clock.next_midnight(now, viewer.day_zone)
        values = {
            "interests": json.dumps(kept.interests),
            "causes": json.dumps(kept.causes),
            "limits": _dumped(kept),
            "before": before,
            "effective_from": effective_from,
        }
        ProfileRow.insert(person=viewer.id, **values).on_conflict(
            conflict_target=[ProfileRow.person], update=values
        ).execute()
        recommendation_log.invalidate_today(viewer.id, viewer.today(now))
    return kept


def counting(persons: Collection[UUID], reader: UUID, at: datetime) -> dict[UUID, Profile]:
    """The profiles of these persons: the reader's as it stands, the others' as they counted at that moment."""
    found = dict.fromkeys(persons, Profile())
    for row in (_Row(*row) for row in _of(list(persons))):
        late = row.person != reader and row.effective_from is not None and row.effective_from > at
        found[row.person] = _loaded(row.before or "{}") if late else row.profile()
    return found


class _Row(NamedTuple):
    """A row as it stands."""

    person: UUID
    interests: str = "[]"
    causes: str = "[]"
    limits: str | None = None
    before: str | None = None
    effective_from: datetime | None = None

    def profile(self) -> Profile:
        """What it says now. A row of before there were limits has none."""
        found = _loaded(self.limits or "{}")
        interests, causes = (tuple(json.loads(text)) for text in (self.interests, self.causes))
        return found._replace(interests=interests, causes=causes)


def _row(person: UUID) -> _Row:
    found = _of([person])
    return _Row(*found[0]) if found else _Row(person)


def _loaded(text: str) -> Profile:
    held: dict[str, Any] = json.loads(text)
    return Profile(**{**held, **{name: tuple(held[name]) for name in _WORDS if name in held}})


def _dumped(profile: Profile) -> str:
    return json.dumps(profile._asdict())


@db.cached_query
def _of(persons: Any) -> Any:
    return ProfileRow.select(
        ProfileRow.person,
        ProfileRow.interests,
        ProfileRow.causes,
        ProfileRow.limits,
        ProfileRow.before,
        ProfileRow.effective_from,
    ).where(ProfileRow.person.in_(persons))
