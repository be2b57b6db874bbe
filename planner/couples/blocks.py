"""Blocks: a no to one person, or to everybody on this server. It lasts until its owner lifts it, and nobody is told.

Both ways no code fits any more: a code of the one looks to the other like any wrong one. Whom a block is about is kept
as a keyed digest, so it outlives the other's account, and a restored one. How a block is made, which may mean leaving
first, stands in planner/relationship/blocking.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import peewee

from planner.accounts import server_keys
from planner.accounts.accounts import Person
from planner.accounts.identity import Identity
from planner.errors import NotFound
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

PERSON, EVERYONE = "person", "everybody"


class Block(db.Model):
    """One person's no to another, by the name that the blocker knew."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    other_hmac = peewee.TextField()
    name = peewee.TextField()
    at = UtcDateTimeField()
    invitation = peewee.UUIDField(null=True)  # the blocker's own, which the other had accepted

    class Meta:
        table_name = "blocks"
        indexes = ((("person", "other_hmac"), True),)


class GlobalBlock(db.Model):
    """One person's no to everybody. No key to the person: it outlives the account, undone deletions and backups."""

    person_hmac = peewee.TextField(unique=True)
    at = UtcDateTimeField()

    class Meta:
        table_name = "global_blocks"


class BlockView(NamedTuple):
    """A block as its owner sees it: `who` is "person" or "everybody", `name` that of the person."""

    id: UUID
    who: str
    name: str | None
    at: datetime


def add(person: UUID, other: UUID, name: str, invitation: UUID | None, now: datetime) -> BlockView:
    """Block one person; repeated, it is the same block. Inside the caller's transaction."""
    db.insert_if_absent(
        Block, id=uuid4(), person=person, other_hmac=_digest(other), name=name, at=now, invitation=invitation
    )
    found = get(person, other)
    assert found is not None
    return found


def get(person: UUID, other: UUID) -> BlockView | None:
    """The block that a person holds against another, or None."""
    return _one(Block.person == person, Block.other_hmac == _digest(other))


def by_invitation(person: UUID, invitation: UUID) -> BlockView | None:
    """The block that a person made against who had accepted that invitation of theirs, or None."""
    return _one(Block.person == person, Block.invitation == invitation)


def _one(*where: Any) -> BlockView | None:
    found = db.fetch_one(Block.select(Block.id, Block.name, Block.at).where(*where))
    return BlockView(found[0], PERSON, *found[1:]) if found else None


def block_everyone(person: UUID, now: datetime) -> BlockView:
    """Say no to everybody: whoever does is paired with nobody here. Inside the caller's transaction."""
    db.insert_if_absent(GlobalBlock, id=uuid4(), person_hmac=_digest(person), at=now)
    found = _global_block_of(person)
    assert found is not None
    return found


def blocks_everyone(person: UUID) -> bool:
    """Whether a person has said no to everybody."""
    return _global_block_of(person) is not None


def is_blocked_between(one: UUID, other: UUID) -> bool:
    """Whether either has blocked the other, or everybody. One statement, whatever the answer."""
    return bool(_between(one, other, _digest(one), _digest(other)))


@db.cached_query
def _between(one: Any, other: Any, one_hmac: Any, other_hmac: Any) -> Any:
    blocks = Block.select(Block.id).where(
        ((Block.person == one) & (Block.other_hmac == other_hmac))
        | ((Block.person == other) & (Block.other_hmac == one_hmac))
    )
    doors = GlobalBlock.select(GlobalBlock.id).where(GlobalBlock.person_hmac.in_([one_hmac, other_hmac]))
    return blocks.union_all(doors)


def list_blocks(identity: Identity) -> list[BlockView]:
    """The viewer's own blocks, newest first."""
    query = Block.select(Block.id, Block.name, Block.at).where(Block.person == identity.id)
    found = [BlockView(block, PERSON, name, at) for block, name, at in db.fetch_all(query)]
    door = _global_block_of(identity.id)
    return sorted([*found, *([door] if door else [])], key=lambda one: (one.at, one.id), reverse=True)


def remove(identity: Identity, block_id: UUID) -> None:
    """Take an own block back. Raises NotFound."""
    with db.write((Person, [identity.id])):
        mine = Block.delete().where(Block.id == block_id, Block.person == identity.id).execute()
        door = GlobalBlock.delete().where(GlobalBlock.id == block_id, GlobalBlock.person_hmac == _digest(identity.id))
        if not mine and not door.execute():
            raise NotFound


def _global_block_of(person: UUID) -> BlockView | None:
    found = db.fetch_one(
        GlobalBlock.select(GlobalBlock.id, GlobalBlock.at).where(GlobalBlock.person_hmac == _digest(person))
    )
    return BlockView(found[0], EVERYONE, None, found[1]) if found else None


def _digest(person: UUID) -> str:
    return server_keys.hmac_digest("blocks", str(person)).hex()
