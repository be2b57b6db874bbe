"""The stockroom: the catalogue's arrays, built once a version and shared by all threads of a process."""

from __future__ import annotations

from planner.catalogue.activities import Visible
from planner.catalogue.entries import Deck
from planner.picking.stock import Stock, build
from seeds.reader import Activity as Content

_kept: tuple[object, Stock | None] = (None, None)


def stock_of(deck: Deck[Content]) -> Stock:
    """The activities in use of the deck as it stands, as arrays."""
    global _kept
    known, stock = _kept
    if known is not deck or stock is None:
        stock = build(deck.living)
        _kept = (deck, stock)  # one assignment of both: two threads at once build it twice, and both are right
    return stock


def stock_for(seen: Visible) -> Stock:
    """As `stock_of`, with the ideas that somebody may see at its end."""
    return stock_of(seen.deck).joined(seen.ideas.values())
