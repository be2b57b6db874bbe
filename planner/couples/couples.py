"""Couples: two members, a rhythm and a pace. A person is in at most one couple at a time."""

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
    """Two people who both consented. `rhythm` and `pace` are in force: the calmer choice and the lower ceiling.

    At `review_at` the clock compares the requests of both (contact/scheduled_raises.py). No request shows it.
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
    """One person in a couple, with that person's choices. The partner never reads the choices.

    The partner reads `name`: the display name at the time of the invitation, or a later one (see display_names.py).
    """

    couple = peewee.ForeignKeyField(Couple, on_delete="CASCADE")
    person = peewee.ForeignKeyField(Person, on_delete="CASCADE")
    name = peewee.TextField()
    name_changed_at = UtcDateTimeField(null=True)  # in this couple
    rhythm = peewee.TextField()
    max_pace = peewee.IntegerField()
    # Private limits: they apply to this person's view, and hold back what exceeds them. Only this person reads them.
    quiet_pace = peewee.IntegerField(null=True)
    quiet_rhythm = peewee.TextField(null=True)
    quiet_rhythm_since = UtcDateTimeField(null=True)
    requested_pace = peewee.IntegerField(null=True)  # the pace this person asked for, one step up
    # When the pace in this person's view last changed; null: never.
    pace_since = UtcDateTimeField(null=True)
    left_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "members"
        constraints = [peewee.Check("max_pace BETWEEN 1 AND 5")]


# Two confirmations at once must not give a person two couples: the database itself refuses the second.
Member.add_index(Member.index(Member.person, unique=True, where=Member.left_at.is_null(), name="members_one_couple"))


class MemberConsent(NamedTuple):
    """What one person consents with: the display name that the partner saw, and the chosen rhythm."""

    name: str
    rhythm: str


class Pair(NamedTuple):
    """A current couple, seen by one member. The quiet values are that member's own; the partner's are never read."""

    couple: UUID
    me: UUID
    partner: UUID
    rhythm: str
    pace: int
    quiet_rhythm: str | None = None
    quiet_pace: int | None = None

    @property
    def own_rhythm(self) -> str:
        """Return the rhythm in force for what this person sends."""
        return contact_rules.own_rhythm(self.rhythm, self.quiet_rhythm)

    @property
    def own_pace(self) -> int:
        """Return the pace in force for what this person proposes and accepts."""
        return contact_rules.own_pace(self.pace, self.quiet_pace)


def find_pair(person: UUID) -> Pair | None:
    """Return the current couple of a person, or None. One query."""
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
    """Return the rhythm that a person chose for the current couple. Only that person may read it."""
    row = db.fetch_one(Member.select(Member.rhythm).where(Member.person == person, Member.left_at.is_null()))
    return row[0] if row else None


def update_own_choices(pair: Pair, **values: Any) -> None:
    """Save the choices of `pair.me`, in the row that only they read. Call inside `locked`."""
    mine = Member.couple == pair.couple, Member.person == pair.me, Member.left_at.is_null()
    if not Member.update(**values).where(*mine).execute():
        raise Conflict("couple_ended")


def notify_both(couple: UUID, persons: Iterable[UUID], kind: str, now: datetime) -> None:
    """Tell both members that the pace or the rhythm changed, with the same sentence. Replaces an older one."""
    subject = kind.partition("_")[0]
    inbox.withdraw(couple, [known for known in inbox.KINDS if known.startswith(f"{subject}_")])
    for person in persons:
        inbox.add(person, kind, couple, now)


@contextmanager
def locked(person: UUID) -> Iterator[Pair | None]:
    """Open one write transaction for a person, with both members and the couple locked.

    Yields the couple as read inside the transaction, or None. Raises Conflict if the couple changed between the read
    that finds the rows to lock and the lock. This is rare.
    """
    if not db.locks_rows():
        with db.write():
            yield find_pair(person)
        return
    unlocked_pair = find_pair(person)
    rows: list[db.LockTarget] = [(Person, [unlocked_pair.me, unlocked_pair.partner] if unlocked_pair else [person])]
    if unlocked_pair:
        rows.append((Couple, [unlocked_pair.couple]))
    with db.write(*rows):
        pair = find_pair(person)
        if (pair and pair.couple) != (unlocked_pair and unlocked_pair.couple):
            raise Conflict("changed_meanwhile")
        yield pair


def begin(consents: dict[UUID, MemberConsent], now: datetime) -> UUID:
    """Create a couple of two people from their consents. Call inside a transaction.

    Raises Conflict when one of them is in a couple already.
    """
    rhythm = contact_rules.calmer(*(consent.rhythm for consent in consents.values()))
    max_pace = contact_rules.FIRST_MAX_PACES[rhythm]
    couple = Couple.create(rhythm=rhythm, pace=max_pace, began_at=now)
    for person, consent in consents.items():
        if not db.insert_if_absent(
            Member, couple=couple.id, person=person, name=consent.name, rhythm=consent.rhythm, max_pace=max_pace
        ):
            raise Conflict("one_in_couple")
    return couple.id


def end(couple: UUID, now: datetime) -> None:
    """End a couple for both, and cancel its scheduled raise. Call inside a transaction.

    Only planner/relationship/leaving.py calls it, which ends everything else of the couple. Raises Conflict when the
    couple has ended already.
    """
    query = Couple.update(ended_at=now, review_at=None).where(Couple.id == couple, Couple.ended_at.is_null())
    if not query.execute():
        raise Conflict("couple_ended")
    Member.update(left_at=now, requested_pace=None).where(Member.couple == couple).execute()


def get_partner_name(pair: Pair) -> str:
    """Return the partner's name in this couple, also a new one that a space of `pair.me` holds back."""
    row = db.fetch_one(Member.select(Member.name).where(Member.couple == pair.couple, Member.person == pair.partner))
    assert row is not None
    return str(row[0])


class FormerPartner(NamedTuple):
    """The partner of an ended couple, by the last name in that couple."""

    person: UUID
    name: str


def find_last_partner(person: UUID) -> FormerPartner | None:
    """Return the partner of the last couple that a person was in, if that account still exists."""
    mine, theirs = Member.alias(), Member.alias()
    query = (
        mine.select(theirs.person, theirs.name)
        .join(theirs, on=((theirs.couple == mine.couple) & (theirs.person != mine.person)))
        .where(mine.person == person, mine.left_at.is_null(False))
        .order_by(mine.left_at.desc())
    )
    row = db.fetch_one(query)
    return FormerPartner(*row) if row else None
