"""The stock: the catalogue as arrays, built once a version and shared by everybody's questions. Pure numpy.

Two things are kept of each activity: what its hard limits need, as small integers (a set of words is a set of bits),
and its attributes, as one row of a matrix for the linear model of tastes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from seeds import vocabulary as v
from seeds.banned_words import REFUSED
from seeds.reader import Activity

Floats = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]

KINDS = (*v.CATEGORIES, "")
"""The categories by the number that stands for each in its column; the last stands for any other."""
CATEGORIES, TAGS, SETTINGS = tuple(v.CATEGORIES), tuple(v.TAGS), tuple(v.SETTINGS)
SHELTERS, SEASONS, TIMES = tuple(v.SHELTERS), tuple(v.SEASONS), tuple(v.TIMES_OF_DAY)
WEATHERS, CHILDREN, PARTIES = tuple(v.WEATHERS), tuple(v.WITH_CHILDREN), tuple(v.PARTIES)
ACCESS = tuple(v.ACCESS_FEATURES)
_NUMBERS = {name: number for number, name in enumerate(KINDS)}
POSSIBLE = frozenset({"yes", "adaptable"})
"""Levels of access at which an activity can be done; "unknown" is no yes."""

# How much of a person's taste each kind of attribute carries: the share of the prior variance of one activity's
# appeal. The kind of thing it is (category and tags) carries most: that is what people name when asked why.
BASE, KIND, THEME, PLACE, ROOF, HOURS = 0.10, 0.26, 0.30, 0.05, 0.04, 0.03
EFFORT, FRESHNESS, PRICE, LENGTH, CLOSENESS = 0.08, 0.05, 0.03, 0.03, 0.03

_ALCOHOL = next(group.pattern for group in REFUSED if group.rule == "alcohol")


class ActivityItem(Protocol):
    """An activity with its id, wherever it comes from."""

    @property
    def id(self) -> UUID:
        """Its id."""

    @property
    def content(self) -> Activity:
        """Its text and attributes."""


def bits(words: Iterable[str], order: Sequence[str]) -> int:
    """A set of words as bits, by their place in `order`; words that it does not hold are left out."""
    return sum(1 << order.index(word) for word in set(words) if word in order)


_COLUMNS: dict[str, tuple[type[np.integer[Any]], Any]] = {
    "party": (np.uint8, lambda a: bits([a.party], PARTIES)),
    "category": (np.uint8, lambda a: _NUMBERS.get(a.category, len(CATEGORIES))),
    "tags": (np.uint64, lambda a: bits(a.tags, TAGS)),
    "setting": (np.uint8, lambda a: bits([a.setting], SETTINGS)),
    "shelter": (np.uint8, lambda a: bits([a.shelter], SHELTERS)),
    "seasons": (np.uint8, lambda a: bits(a.seasons, SEASONS)),
    "times": (np.uint8, lambda a: bits(a.time_of_day, TIMES)),
    "weather": (np.uint8, lambda a: bits([a.weather], WEATHERS)),
    "children": (np.uint8, lambda a: bits([a.with_children], CHILDREN)),
    "access": (np.uint8, lambda a: bits((f for f in ACCESS if a.accessibility.get(f) in POSSIBLE), ACCESS)),
    "adaptable": (np.uint8, lambda a: bits((f for f in ACCESS if a.accessibility.get(f) == "adaptable"), ACCESS)),
    "minutes": (np.int32, lambda a: a.duration_min),
    "cost": (np.int16, lambda a: a.cost_band),
    "energy": (np.int16, lambda a: a.energy),
    "pace": (np.int16, lambda a: a.pace),
    "lead": (np.int32, lambda a: a.lead_days),
    "alcohol": (np.uint8, lambda a: bool(_ALCOHOL.search(" ".join((a.title, a.summary, *a.steps, *a.variations))))),
}


@dataclass(frozen=True, eq=False)
class ItemMatrix:
    """Activities as arrays, row by row: `columns` for limits by name, `keys` for draws, and the attributes.

    `blocks` are the attributes, (rows, WIDTH) each, one below the other, and `places` the rows by the integer of an id
    (which hashes in a tenth of the time that the id itself takes): joining a few rows copies nothing large.
    """

    cards: tuple[ActivityItem, ...]
    places: tuple[Mapping[int, int], ...]
    columns: Mapping[str, NDArray[Any]]
    keys: NDArray[np.uint64]
    blocks: tuple[NDArray[np.float32], ...]

    def __len__(self) -> int:
        return len(self.cards)

    def row(self, one: UUID) -> int | None:
        """The row of an id; None when it is not held."""
        number = one.int
        for place in self.places:
            found = place.get(number)
            if found is not None:
                return found
        return None

    def rows_of(self, ids: Iterable[UUID]) -> NDArray[np.intp]:
        """The rows of those ids that it holds."""
        numbers = [one.int for one in ids]
        found = [row for place in self.places for row in map(place.get, numbers) if row is not None]
        return np.array(found, np.intp)

    def predict(self, weights: Floats) -> NDArray[np.float32]:
        """Every row's attributes times the weights, (WIDTH, persons): (rows, persons)."""
        parts = [block @ weights.astype(np.float32) for block in self.blocks]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def features(self, rows: NDArray[np.intp]) -> Floats:
        """The attributes of some rows, (len(rows), WIDTH), in double precision."""
        if len(self.blocks) == 1:
            return self.blocks[0][rows].astype(float)
        found, first = np.empty((len(rows), WIDTH)), 0
        for block in self.blocks:
            inside = (rows >= first) & (rows < first + len(block))
            found[inside] = block[rows[inside] - first]
            first += len(block)
        return found

    def with_items(self, cards: Iterable[ActivityItem]) -> ItemMatrix:
        """This stock with a few more cards at its end, such as own ideas; one that it holds already stays as it is."""
        more = build(card for card in cards if self.row(card.id) is None)
        if not len(more):
            return self
        return ItemMatrix(
            self.cards + more.cards,
            (*self.places, {one: len(self) + row for one, row in more.places[0].items()}),
            {name: np.concatenate((column, more.columns[name])) for name, column in self.columns.items()},
            np.concatenate((self.keys, more.keys)),
            self.blocks + more.blocks,
        )


def build(cards: Iterable[ActivityItem]) -> ItemMatrix:
    """The arrays of these activities. Some 50 µs each: build once a catalogue version, and keep it."""
    held = tuple(cards)
    contents = [card.content for card in held]
    columns = {
        name: np.fromiter((read(one) for one in contents), kind, len(held)) for name, (kind, read) in _COLUMNS.items()
    }
    attributes = np.array([features_of(one) for one in contents], np.float32).reshape(len(held), WIDTH)
    halves = np.array([divmod(card.id.int, 1 << 64) for card in held], np.uint64).reshape(len(held), 2)
    keys = splitmix64(splitmix64(halves[:, 0]) ^ halves[:, 1])
    return ItemMatrix(held, ({card.id.int: row for row, card in enumerate(held)},), columns, keys, (attributes,))


def splitmix64(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """64 bits made of 64 bits, evenly spread (splitmix64, Steele, Lea and Flood 2014)."""
    keys = keys + np.uint64(0x9E3779B97F4A7C15)
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))


# Attributes, in the order of the matrix: blocks of words, then the levels and their squares, each within -1..1.
_WORDS: tuple[tuple[float, tuple[str, ...], Any], ...] = (
    (KIND, CATEGORIES, lambda a: [a.category]),
    (THEME, TAGS, lambda a: a.tags),
    (PLACE, SETTINGS, lambda a: [a.setting]),
    (ROOF, SHELTERS, lambda a: [a.shelter]),
    (HOURS, TIMES, lambda a: a.time_of_day),
)
_LEVELS: tuple[tuple[float, str, Any], ...] = (
    (EFFORT, "energy", lambda a: (a.energy - 3) / 2),
    (FRESHNESS, "novelty", lambda a: (a.novelty - 3) / 2),
    (PRICE, "cost", lambda a: (a.cost_band - 2) / 2),
    (LENGTH, "length", lambda a: math.log(max(a.duration_min, 1) / 60) / math.log(24)),
    (CLOSENESS, "pace", lambda a: (a.pace - 3) / 2),
)
NAMES: tuple[str, ...] = (
    "base",
    *(word for _, words, _ in _WORDS for word in words),
    *(name for _, level, _ in _LEVELS for name in (level, f"{level} squared")),
)
"""What each column of the attributes is called."""
WIDTH = len(NAMES)
THEMES = slice(1 + len(CATEGORIES), 1 + len(CATEGORIES) + len(TAGS))
"""The columns of the tags. Over them, the row of whatever has a tag has the length sqrt(THEME)."""
COLUMN_OF_TAG = {tag: THEMES.start + place for place, tag in enumerate(TAGS)}


def features_of(activity: Activity) -> list[float]:
    """One row: each block has unit length before it is weighted, so that many tags do not outweigh one category."""
    row = [math.sqrt(BASE)]
    for share, order, read in _WORDS:
        words = set(read(activity)) & set(order)
        each = math.sqrt(share / len(words)) if words else 0.0
        row += [each if word in words else 0.0 for word in order]
    for share, _, read in _LEVELS:
        level = min(1.0, max(-1.0, read(activity)))
        # Half for more or less of it, half for the middle or the ends: many like neither the easiest nor the hardest.
        row += [math.sqrt(share / 2) * level, math.sqrt(share / 2) * (2 * level**2 - 1)]
    return row
