"""Store profiles: what a person likes, cares about, and can or will do at all. Only its owner reads it.

Suggestions for two keep both partners' limits. The partner is never told which limits the owner has set, or whether
there are any: reasons and relaxations mention only the reader's own. One thing cannot be hidden: a reader who asks
narrowly may notice that nothing costly, or nothing with steps, is ever suggested for two. A search applies no profile,
so limits never hide anything there.

A changed profile counts at once for its owner's own suggestions. For suggestions to two it counts from the owner's next
midnight, as votes do, so the partner cannot tell the hour of the change. (No activity of the catalogue needs alcohol;
the content rules ensure that. `alcohol_free` also leaves out texts and own ideas that mention a drink.)
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
    """One person's profile; no row means an empty profile.

    `limits` holds everything but interests and causes. `before` is the whole profile that counts for the couple until
    `effective_from`.
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
    """Tags that a person likes, cares about or likes less, and limits; None and () mean no limit.

    `access` lists the required access features. `cost_band` is the maximum. `settings` are the possible places.
    `children` is asleep or present: whether they are usually there. `child_ages` says how old they are, also if they
    are not. `lives_together`: the person shares a home with the partner; None: not said. `prompt_kinds` are the kinds
    of the daily prompt; () means all. `cadence` is how often the person would like a date (see model/cadence).
    """

    interests: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    dislikes: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    cost_band: int | None = None
    children: str | None = None
    alcohol_free: bool = False
    prompt_kinds: tuple[str, ...] = ()
    child_ages: tuple[str, ...] = ()
    lives_together: bool | None = None
    cadence: str | None = None

    def constraints(self) -> HardConstraints:
        """Return the hard limits."""
        return HardConstraints(
            cost_band=self.cost_band,
            settings=frozenset(self.settings) or None,
            access=frozenset(self.access),
            alcohol_free=self.alcohol_free,
            children=self.children,
            child_ages=frozenset(self.child_ages),
            lives_together=self.lives_together,
        )


_TUPLE_FIELDS = ("interests", "causes", "dislikes", "access", "settings", "prompt_kinds", "child_ages")


def get_own(viewer: Viewer) -> Profile:
    """Return the viewer's profile."""
    return _row(viewer.id).profile()


def save(viewer: Viewer, profile: Profile, now: datetime) -> Profile:
    """Replace the viewer's profile; order and repetition of tags have no meaning.

    Delete the viewer's cached suggestions of today: a new limit must apply at once.
    """
    lists: dict[str, Any] = {name: tuple(sorted(set(getattr(profile, name)))) for name in _TUPLE_FIELDS}
    normalized = profile._replace(**lists)
    with db.write((Person, [viewer.id])):
        row = _row(viewer.id)
        before, effective_from = row.before, row.effective_from
        if effective_from is None or effective_from <= now:
            before, effective_from = _dump(row.profile()), clock.next_midnight(now, viewer.day_zone)
        values = {
            "interests": json.dumps(normalized.interests),
            "causes": json.dumps(normalized.causes),
            "limits": _dump(normalized),
            "before": before,
            "effective_from": effective_from,
        }
        ProfileRow.insert(person=viewer.id, **values).on_conflict(
            conflict_target=[ProfileRow.person], update=values
        ).execute()
        recommendation_log.invalidate_today(viewer.id, viewer.today(now))
    return normalized


def counting(persons: Collection[UUID], reader: UUID, at: datetime) -> dict[UUID, Profile]:
    """Return the profiles of these persons: the reader's current one, the partner's as it counted at that moment."""
    profiles = dict.fromkeys(persons, Profile())
    for row in (_Row(*row) for row in _rows(list(persons))):
        pending = row.person != reader and row.effective_from is not None and row.effective_from > at
        profiles[row.person] = _load(row.before or "{}") if pending else row.profile()
    return profiles


class _Row(NamedTuple):
    """A stored row."""

    person: UUID
    interests: str = "[]"
    causes: str = "[]"
    limits: str | None = None
    before: str | None = None
    effective_from: datetime | None = None

    def profile(self) -> Profile:
        """Return the current profile. Rows from before limits existed have none."""
        profile = _load(self.limits or "{}")
        interests, causes = (tuple(json.loads(text)) for text in (self.interests, self.causes))
        return profile._replace(interests=interests, causes=causes)


def _row(person: UUID) -> _Row:
    rows = _rows([person])
    return _Row(*rows[0]) if rows else _Row(person)


def _load(text: str) -> Profile:
    values: dict[str, Any] = json.loads(text)
    return Profile(**{**values, **{name: tuple(values[name]) for name in _TUPLE_FIELDS if name in values}})


def _dump(profile: Profile) -> str:
    return json.dumps(profile._asdict())


@db.cached_query
def _rows(persons: Any) -> Any:
    return ProfileRow.select(
        ProfileRow.person,
        ProfileRow.interests,
        ProfileRow.causes,
        ProfileRow.limits,
        ProfileRow.before,
        ProfileRow.effective_from,
    ).where(ProfileRow.person.in_(persons))
