"""What rests for a reader: the quarter that is drawn for the couple, with the other's nevers in it. See resting."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

import numpy as np

from planner import clock
from planner.catalogue.activities import Visible
from planner.people import server_keys
from planner.people.sign_ins import Actor
from planner.picking import resting, stockroom, tastes
from planner.picking.limits import LIMITS
from planner.picking.question import Question
from planner.picking.stock import Floats, Mask, Stock
from planner.picking.tastes import NEVER, Vote

_TWO = Question(party="two")


def begins(actor: Actor, today: date) -> datetime:
    """When the month of the reader's day began: votes that counted then are in its draw."""
    return clock.midnight(today.replace(day=1), actor.day_zone)


def of(actor: Actor, today: date, seen: Visible, stock: Stock, votes: Iterable[Vote]) -> Mask:
    """Which rows of the stock for this reader rest, in suggestions, searches and counts for two, all month."""
    at = begins(actor, today)
    nevers = [one.activity for one in votes if one.person == actor.partner and one.vote == NEVER and one.counts_at(at)]
    # All that both may see and two can do: an idea that nobody else knows of has no place in the draw.
    pool = np.broadcast_to(LIMITS["party"](stock.columns, _TWO), len(stock)).copy()
    pool[stock.among(one for one in seen.ideas if one not in seen.shared)] = False
    return resting.quarter(_places(actor, today, stock, seen), pool, stock.among(nevers))


def for_search(actor: Actor, today: date, seen: Visible) -> frozenset[UUID]:
    """As `of`, by id and with the votes read here; nothing for somebody alone. At most one query."""
    if actor.partner is None:
        return frozenset()
    stock = stockroom.stock_for(seen)
    found = of(actor, today, seen, stock, tastes.since([actor.partner], begins(actor, today)))
    return frozenset(stock.cards[row].id for row in np.flatnonzero(found))


def _places(actor: Actor, today: date, stock: Stock, seen: Visible) -> Floats:
    # Of the two, not of the couple: who leaves and pairs again would have a second draw to hold beside the first.
    key = server_keys.digest("rests", " ".join(sorted((str(actor.id), str(actor.partner)))))
    month, base = resting.month_of(today), stockroom.stock_of(seen.deck)
    places = resting.places_of(key, month, base)
    ideas = [resting.place(key, month, card.id) for card in stock.cards[len(base) :]]
    return np.concatenate((places, ideas)) if ideas else places
