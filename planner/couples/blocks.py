"""Blocks of one person, or of everybody on this server. Only their owner sees them or can lift them.

A block works both ways: the codes of each of the two look wrong to the partner. It stores a keyed digest of
the blocked person. So it outlives the deletion and the restoration of that account.
Blocking may mean leaving first: see planner/relationship/blocking.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import peewee

from planner.accounts import caps, server_keys
from planner.accounts.accounts import Person
from planner.accounts.identity import Identity
from planner.errors import Conflict, NotFound
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

PERSON, EVERYONE = "person", "everybody"


class Block(db.Model):
    """A block of one person, by the name that the blocker knew."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    other_hmac = peewee.TextField()
    name = peewee.TextField()
    at = UtcDateTimeField()
    invitation = peewee.UUIDField(null=True)  # made by the blocker, accepted by the blocked person

    class Meta:
        table_name = "blocks"
        indexes = ((("person", "other_hmac"), True),)


class GlobalBlock(db.Model):
    """A block of everybody. It has no foreign key, so it outlives the account, undone deletions and backups."""

    person_hmac = peewee.TextField(unique=True)
    at = UtcDateTimeField()

    class Meta:
        table_name = "global_blocks"


class BlockView(NamedTuple):
    """A block as its owner sees it. `who` is "person" or "everybody"; `name` is the name of a blocked person."""

    id: UUID
    who: str
    name: str | None
    at: datetime


def add(person: UUID, other: UUID, name: str, invitation: UUID | None, now: datetime) -> BlockView:
    """Block one person. A repetition returns the same block. Call inside a transaction. Raises Conflict at the cap."""
    is_new = db.insert_if_absent(
        Block, id=uuid4(), person=person, other_hmac=_digest(other), name=name, at=now, invitation=invitation
    )
    if is_new and Block.select().where(Block.person == person).count() > caps.most("blocks"):
        raise Conflict("too_many_blocks", most=caps.most("blocks"))
    block = get(person, other)
    assert block is not None
    return block


def get(person: UUID, other: UUID) -> BlockView | None:
    """Return the block of `other` by `person`, or None."""
    return _find(Block.person == person, Block.other_hmac == _digest(other))


def by_invitation(person: UUID, invitation: UUID) -> BlockView | None:
    """Return the block that a person made against the invitee of that invitation, or None."""
    return _find(Block.person == person, Block.invitation == invitation)


def _find(*where: Any) -> BlockView | None:
    row = db.fetch_one(Block.select(Block.id, Block.name, Block.at).where(*where))
    return BlockView(row[0], PERSON, *row[1:]) if row else None


def block_everyone(person: UUID, now: datetime) -> BlockView:
    """Block everybody: the person cannot be paired here. Call inside a transaction."""
    db.insert_if_absent(GlobalBlock, id=uuid4(), person_hmac=_digest(person), at=now)
    block = _global_block_of(person)
    assert block is not None
    return block


def blocks_everyone(person: UUID) -> bool:
    """Return whether a person has blocked everybody."""
    return _global_block_of(person) is not None


def is_blocked_between(first: UUID, second: UUID) -> bool:
    """Return whether either person has blocked the partner, or everybody. Always one statement."""
    return bool(_between(first, second, _digest(first), _digest(second)))


@db.cached_query
def _between(first: Any, second: Any, first_hmac: Any, second_hmac: Any) -> Any:
    blocks = Block.select(Block.id).where(
        ((Block.person == first) & (Block.other_hmac == second_hmac))
        | ((Block.person == second) & (Block.other_hmac == first_hmac))
    )
    global_blocks = GlobalBlock.select(GlobalBlock.id).where(GlobalBlock.person_hmac.in_([first_hmac, second_hmac]))
    return blocks.union_all(global_blocks)


def list_blocks(identity: Identity) -> list[BlockView]:
    """Return the viewer's own blocks, newest first."""
    query = Block.select(Block.id, Block.name, Block.at).where(Block.person == identity.id)
    blocks = [BlockView(block_id, PERSON, name, at) for block_id, name, at in db.fetch_all(query)]
    global_block = _global_block_of(identity.id)
    return sorted(
        [*blocks, *([global_block] if global_block else [])], key=lambda block: (block.at, block.id), reverse=True
    )


def remove(identity: Identity, block_id: UUID) -> None:
    """Remove one of the viewer's own blocks. Raises NotFound."""
    with db.write((Person, [identity.id])):
        deleted = Block.delete().where(Block.id == block_id, Block.person == identity.id).execute()
        global_block = GlobalBlock.delete().where(
            GlobalBlock.id == block_id, GlobalBlock.person_hmac == _digest(identity.id)
        )
        if not deleted and not global_block.execute():
            raise NotFound


def _global_block_of(person: UUID) -> BlockView | None:
    row = db.fetch_one(
        GlobalBlock.select(GlobalBlock.id, GlobalBlock.at).where(GlobalBlock.person_hmac == _digest(person))
    )
    return BlockView(row[0], EVERYONE, None, row[1]) if row else None


def _digest(person: UUID) -> str:
    return server_keys.hmac_digest("blocks", str(person)).hex()
