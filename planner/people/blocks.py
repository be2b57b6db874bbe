"""Blocks: a no to one person, or to everybody on this server. It lasts until its owner lifts it, and nobody is told.

Both ways no code fits any more: a code of the one looks to the other like any wrong one. Whom a block is about is kept
as a keyed digest, so it outlives the other's account, and a restored one. How a block is made, which may mean leaving
first, stands in planner/consent/blocking.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import peewee

from planner.errors import NotFound
from planner.people import server_keys
from planner.people.accounts import Person
from planner.people.sign_ins import Actor
from planner.storage import db
from planner.storage.fields import UtcField

PERSON, EVERYBODY = "person", "everybody"


class Block(db.Model):
    """One person's no to another, by the name that the blocker knew."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    other_hmac = peewee.TextField()
    name = peewee.TextField()
    at = UtcField()
    invitation = peewee.UUIDField(null=True)  # the blocker's own, which the other had accepted

    class Meta:
        table_name = "blocks"
        indexes = ((("person", "other_hmac"), True),)


class ClosedDoor(db.Model):
    """One person's no to everybody. No key to the person: it outlives the account, undone deletions and backups."""

    person_hmac = peewee.TextField(unique=True)
    at = UtcField()

    class Meta:
        table_name = "closed_doors"


class No(NamedTuple):
    """A block as its owner sees it: `who` is "person" or "everybody", `name` that of the person."""

    id: UUID
    who: str
    name: str | None
    at: datetime


def add(person: UUID, other: UUID, name: str, invitation: UUID | None, now: datetime) -> No:
    """Block one person; repeated, it is the same block. Inside the caller's transaction."""
    db.insert(
        Block, id=uuid4(), person=person, other_hmac=_digest(other), name=name, at=now, invitation=invitation
    )  # fmt: skip
    found = of(person, other)
    assert found is not None
    return found


def of(person: UUID, other: UUID) -> No | None:
    """The block that a person holds against another, or None."""
    return _one(Block.person == person, Block.other_hmac == _digest(other))


def by_invitation(person: UUID, invitation: UUID) -> No | None:
    """The block that a person made against who had accepted that invitation of theirs, or None."""
    return _one(Block.person == person, Block.invitation == invitation)


def _one(*where: Any) -> No | None:
    found = db.row(Block.select(Block.id, Block.name, Block.at).where(*where))
    return No(found[0], PERSON, *found[1:]) if found else None


def close_door(person: UUID, now: datetime) -> No:
    """Say no to everybody: whoever does is paired with nobody here. Inside the caller's transaction."""
    db.insert(ClosedDoor, id=uuid4(), person_hmac=_digest(person), at=now)
    found = _door(person)
    assert found is not None
    return found


def is_closed(person: UUID) -> bool:
    """Whether a person has said no to everybody."""
    return _door(person) is not None


def stand_between(one: UUID, other: UUID) -> bool:
    """Whether either has blocked the other, or everybody. One statement, whatever the answer."""
    return bool(_between(one, other, _digest(one), _digest(other)))


@db.prepared
def _between(one: Any, other: Any, one_hmac: Any, other_hmac: Any) -> Any:
    blocks = Block.select(Block.id).where(
        ((Block.person == one) & (Block.other_hmac == other_hmac))
        | ((Block.person == other) & (Block.other_hmac == one_hmac))
    )
    doors = ClosedDoor.select(ClosedDoor.id).where(ClosedDoor.person_hmac.in_([one_hmac, other_hmac]))
    return blocks.union_all(doors)


def listed(actor: Actor) -> list[No]:
    """The actor's own blocks, newest first."""
    query = Block.select(Block.id, Block.name, Block.at).where(Block.person == actor.id)
    found = [No(block, PERSON, name, at) for block, name, at in db.rows(query)]
    door = _door(actor.id)
    return sorted([*found, *([door] if door else [])], key=lambda one: (one.at, one.id), reverse=True)


def lift(actor: Actor, block_id: UUID) -> None:
    """Take an own block back. Raises NotFound."""
    with db.write((Person, [actor.id])):
        mine = Block.delete().where(Block.id == block_id, Block.person == actor.id).execute()
        door = ClosedDoor.delete().where(
            ClosedDoor.id == block_id, ClosedDoor.person_hmac == _digest(actor.id)
        )  # fmt: skip
        if not mine and not door.execute():
            raise NotFound


def _door(person: UUID) -> No | None:
    found = db.row(ClosedDoor.select(ClosedDoor.id, ClosedDoor.at).where(ClosedDoor.person_hmac == _digest(person)))
    return No(found[0], EVERYBODY, None, found[1]) if found else None


def _digest(person: UUID) -> str:
    return server_keys.digest("blocks", str(person)).hex()
