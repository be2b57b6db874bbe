"""Couples: two members, a rhythm, a pace. A person has at most one living couple."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner import inbox
from planner.accounts.accounts import Person
from planner.couples import contact_rules
from planner.errors import Conflict
from planner.storage import db
from planner.storage.columns import UtcDateTimeField


class Couple(db.Model):
    """Two people who both said yes. `rhythm` and `pace` are what counts: the calmer choice, the lower ceiling.

    At `review_at` the clock compares what both asked for (contact/scheduled_raises.py). No request shows it.
    """

    rhythm = peewee.TextField()
    pace = peewee.IntegerField()
    began_at = UtcDateTimeField()
    review_at = UtcDateTimeField(null=True, index=True)
    ended_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "couples"
        constraints = [
            peewee.Check("pace BETWEEN 1 AND 5"),
            peewee.Check("rhythm IN ('apart', 'gentle', 'together')"),
        ]


class Member(db.Model):
    """One person in a couple, with what that person chose; the other never reads it.

    The other reads `name`, the display name that both saw when they said yes. It stays when the person takes another:
    a name that could change would be a way to say something that no budget counts and no space holds back.
    """

    couple = peewee.ForeignKeyField(Couple, on_delete="CASCADE")
    person = peewee.ForeignKeyField(Person, on_delete="CASCADE")
    name = peewee.TextField()
    rhythm = peewee.TextField()
    max_pace = peewee.IntegerField()
    # Chosen quietly: they bind this person's own view, and hold back what goes beyond them. Nobody else reads them.
    quiet_pace = peewee.IntegerField(null=True)
    quiet_rhythm = peewee.TextField(null=True)
    quiet_rhythm_since = UtcDateTimeField(null=True)
    requested_pace = peewee.IntegerField(null=True)  # the pace this person asked for, one step up
    # Since when this person's view of the pace is what it is; null: from the beginning.
    pace_since = UtcDateTimeField(null=True)
    left_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "members"
        constraints = [peewee.Check("max_pace BETWEEN 1 AND 5")]


# Two confirmations at once must not give a person two couples: the database itself refuses the second.
Member.add_index(
    Member.index(Member.person, unique=True, where=Member.left_at.is_null(), name="members_one_living_couple")
)


class MemberConsent(NamedTuple):
    """What one of two brings along: the display name that the other saw, and a rhythm of their own choice."""

    name: str
    rhythm: str


class Pair(NamedTuple):
    """A living couple, seen by one of the two. What is quiet is that person's own; the other's is never read."""

    couple: UUID
    me: UUID
    partner: UUID
    rhythm: str
    pace: int
    quiet_rhythm: str | None = None
    quiet_pace: int | None = None

    @property
    def own_rhythm(self) -> str:
        """The rhythm that counts for what this person sends."""
        return contact_rules.own_rhythm(self.rhythm, self.quiet_rhythm)

    @property
    def own_pace(self) -> int:
        """The pace that counts for what this person proposes and accepts."""
        return contact_rules.own_pace(self.pace, self.quiet_pace)


def find_pair(person: UUID) -> Pair | None:
    """The living couple of a person, or None. One query."""
    rows = _find_pair(person)
    return Pair(*rows[0]) if rows else None


@db.cached_query
def _find_pair(person: Any) -> Any:
    mine, theirs = Member.alias(), Member.alias()
    return (
        mine.select(
            Couple.id, mine.person, theirs.person, Couple.rhythm, Couple.pace, mine.quiet_rhythm, mine.quiet_pace
        )
        .join(Couple, on=(mine.couple == Couple.id))
        .join(theirs, on=((theirs.couple == Couple.id) & (theirs.person != mine.person)))
        .where(mine.person == person, mine.left_at.is_null())
    )


def find_chosen_rhythm(person: UUID) -> str | None:
    """The rhythm that a person chose for their living couple, which only that person may read."""
    found = db.fetch_one(Member.select(Member.rhythm).where(Member.person == person, Member.left_at.is_null()))
    return found[0] if found else None


def update_own_choices(pair: Pair, **values: Any) -> None:
    """Keep what `pair.me` chose, in the row that only they read. Inside `writing`."""
    mine = Member.couple == pair.couple, Member.person == pair.me, Member.left_at.is_null()
    if not Member.update(**values).where(*mine).execute():
        raise Conflict("You two are not connected any more.")


def notify_both(couple: UUID, persons: Iterable[UUID], kind: str, now: datetime) -> None:
    """Let each of the two find the same sentence: the pace or the rhythm is another now. An older one goes."""
    subject = kind.partition("_")[0]
    inbox.withdraw(couple, [one for one in inbox.KINDS if one.startswith(f"{subject}_")])
    for person in persons:
        inbox.add(person, kind, couple, now)


@contextmanager
def locked(person: UUID) -> Iterator[Pair | None]:
    """One write transaction by a person, with both persons and the couple locked.

    Yields the couple as it stands inside the transaction, or None. Raises WrongState in the rare case that the couple
    changed between the look that says whom to lock and the lock.
    """
    seen = find_pair(person)
    rows: list[db.LockTarget] = [(Person, [seen.me, seen.partner] if seen else [person])]
    if seen:
        rows.append((Couple, [seen.couple]))
    with db.write(*rows):
        pair = find_pair(person)
        if (pair and pair.couple) != (seen and seen.couple):
            raise Conflict("Something changed at the same moment. Look again, then repeat.")
        yield pair


def begin(yeses: dict[UUID, MemberConsent], now: datetime) -> UUID:
    """Make a couple of two persons from what each said yes to. Stands inside the caller's transaction.

    Raises WrongState when one of them has a living couple.
    """
    rhythm = contact_rules.calmer(*(yes.rhythm for yes in yeses.values()))
    max_pace = contact_rules.FIRST_MAX_PACES[rhythm]
    couple = Couple.create(rhythm=rhythm, pace=max_pace, began_at=now)
    for person, yes in yeses.items():
        if not db.insert_if_absent(
            Member, couple=couple.id, person=person, name=yes.name, rhythm=yes.rhythm, max_pace=max_pace
        ):
            raise Conflict("One of you is part of a couple here already.")
    return couple.id


def end(couple: UUID, now: datetime) -> None:
    """End a couple for both, with a raise of its pace that was to come. Stands inside the caller's transaction.

    Only planner/relationship/leaving.py calls it, which ends everything else of a couple. Raises Conflict when the
    couple has ended already.
    """
    query = Couple.update(ended_at=now, review_at=None).where(Couple.id == couple, Couple.ended_at.is_null())
    if not query.execute():
        raise Conflict("You two are no longer a couple here.")
    Member.update(left_at=now, requested_pace=None).where(Member.couple == couple).execute()


def get_partner_name(pair: Pair) -> str:
    """The partner's name that both saw when they became a couple."""
    found = db.fetch_one(Member.select(Member.name).where(Member.couple == pair.couple, Member.person == pair.partner))
    assert found is not None
    return str(found[0])


class FormerPartner(NamedTuple):
    """The partner of a couple that has ended, by the name that both saw."""

    person: UUID
    name: str


def find_last_partner(person: UUID) -> FormerPartner | None:
    """Whom a person was a couple with before, the last one, if their account is still there."""
    mine, theirs = Member.alias(), Member.alias()
    query = (
        mine.select(theirs.person, theirs.name)
        .join(theirs, on=((theirs.couple == mine.couple) & (theirs.person != mine.person)))
        .where(mine.person == person, mine.left_at.is_null(False))
        .order_by(mine.left_at.desc())
    )
    found = db.fetch_one(query)
    return FormerPartner(*found) if found else None
