"""What rests for a reader: the quarter that is drawn for the couple, with the other's nevers in it. See resting."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from planner import clock
from planner.catalogue.activities import Visible
from planner.people import server_keys
from planner.people.sign_ins import Actor
from planner.picking import resting, tastes
from planner.picking.tastes import NEVER, Vote

_pools: tuple[object, tuple[UUID, ...]] = (None, ())


def begins(actor: Actor, today: date) -> datetime:
    """When the month of the reader's day began: votes that counted then are in its draw."""
    return clock.midnight(today.replace(day=1), actor.zone)


def of(actor: Actor, today: date, seen: Visible, votes: Iterable[Vote]) -> frozenset[UUID]:
    """What rests for the actor, in suggestions, searches and counts for two, all month."""
    at = begins(actor, today)
    nevers = [one.activity for one in votes if one.person == actor.partner and one.vote == NEVER and one.counts_at(at)]
    # Of the two, not of the couple: who leaves and pairs again would have a second draw to hold beside the first.
    key = server_keys.digest("rests", " ".join(sorted((str(actor.id), str(actor.partner)))))
    return resting.quarter(key, resting.month_of(today), _pool(seen), frozenset(nevers))


def for_search(actor: Actor, today: date, seen: Visible) -> frozenset[UUID]:
    """As `of`, with the votes read here; nothing for somebody alone. At most one query."""
    if actor.partner is None:
        return frozenset()
    return of(actor, today, seen, tastes.since([actor.partner], begins(actor, today)))


def _pool(seen: Visible) -> tuple[UUID, ...]:
    """All that both may see and two can do."""
    global _pools
    known, pool = _pools
    if known is not seen.deck:
        pool = tuple(card.id for card in seen.deck.living if card.content.party != "one")
        _pools = (seen.deck, pool)
    shared = (one for one in seen.shared if seen.ideas[one].content.party != "one")
    return (*pool, *shared) if seen.shared else pool
