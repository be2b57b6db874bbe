"""Encode the catalogue as arrays, built once per version and shared by all requests. Pure numpy.

Each activity has two encodings. `columns` holds small integers for the hard filters; a set of values is a bit set. The
feature blocks hold one row per activity for the linear preference model.
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
"""The categories by their code in the column; the last code means an unknown category."""
CATEGORIES, TAGS, SETTINGS = tuple(v.CATEGORIES), tuple(v.TAGS), tuple(v.SETTINGS)
SHELTERS, SEASONS, TIMES = tuple(v.SHELTERS), tuple(v.SEASONS), tuple(v.TIMES_OF_DAY)
WEATHERS, CHILDREN, PARTIES = tuple(v.WEATHERS), tuple(v.WITH_CHILDREN), tuple(v.PARTIES)
LIGHTS, CHILD_AGES = tuple(v.LIGHTS), tuple(v.CHILD_AGES)
ACCESS = tuple(v.ACCESS_FEATURES)
_CATEGORY_CODES = {name: number for number, name in enumerate(KINDS)}
POSSIBLE = frozenset({"yes", "adaptable"})
"""Access levels at which an activity can be done. "unknown" does not count."""

# The share of the prior variance of an activity's appeal that each block of features carries. Category and tags carry
# most, because people name these when asked why they like something.
BASE, KIND, THEME, PLACE, ROOF, HOURS = 0.08, 0.22, 0.26, 0.06, 0.02, 0.02
EFFORT, FRESHNESS, PRICE, LENGTH, COMPANY, SKILL, CLOSENESS = 0.07, 0.05, 0.04, 0.05, 0.06, 0.05, 0.02

_ALCOHOL = next(group.pattern for group in REFUSED if group.rule == "alcohol")


class ActivityItem(Protocol):
    """An activity with its id, from the catalogue or written by a person."""

    @property
    def id(self) -> UUID:
        """The id."""

    @property
    def content(self) -> Activity:
        """The text and attributes."""


def bits(values: Iterable[str], order: Sequence[str]) -> int:
    """Return a bit set of the values by their index in `order`. Values that it does not contain are left out."""
    return sum(1 << order.index(value) for value in set(values) if value in order)


_COLUMNS: dict[str, tuple[type[np.integer[Any]], Any]] = {
    "party": (np.uint8, lambda a: bits([a.party], PARTIES)),
    "category": (np.uint8, lambda a: _CATEGORY_CODES.get(a.category, len(CATEGORIES))),
    "tags": (np.uint64, lambda a: bits(a.tags, TAGS)),
    "setting": (np.uint8, lambda a: bits([a.setting], SETTINGS)),
    "shelter": (np.uint8, lambda a: bits([a.shelter], SHELTERS)),
    "seasons": (np.uint8, lambda a: bits(a.seasons, SEASONS)),
    "times": (np.uint8, lambda a: bits(a.time_of_day, TIMES)),
    "weather": (np.uint8, lambda a: bits([a.weather], WEATHERS)),
    "children": (np.uint8, lambda a: bits([a.with_children], CHILDREN)),
    "light": (np.uint8, lambda a: LIGHTS.index(a.light)),
    "fun_for": (np.uint8, lambda a: bits(a.fun_for, CHILD_AGES)),
    "access": (np.uint8, lambda a: bits((f for f in ACCESS if a.accessibility.get(f) in POSSIBLE), ACCESS)),
    "adaptable": (np.uint8, lambda a: bits((f for f in ACCESS if a.accessibility.get(f) == "adaptable"), ACCESS)),
    "minutes": (np.int32, lambda a: a.duration_min),
    "cost": (np.int16, lambda a: a.cost_band),
    "energy": (np.int16, lambda a: a.energy),
    "pace": (np.int16, lambda a: a.pace),
    "lead": (np.int32, lambda a: a.lead_days),
    "classic": (np.uint8, lambda a: a.classic and a.lead_days > 0),
    "alcohol": (np.uint8, lambda a: bool(_ALCOHOL.search(" ".join((a.title, a.summary, *a.steps, *a.variations))))),
}


@dataclass(frozen=True, eq=False)
class ItemMatrix:
    """Activities as arrays, row by row: `columns` for filters, `keys` for random draws, `blocks` for features.

    `blocks` are feature matrices of shape (rows, WIDTH), one below another, so adding a few rows copies nothing large.
    `row_maps` map ids to rows. Their keys are integers, which hash in a tenth of the time of a UUID.
    """

    items: tuple[ActivityItem, ...]
    row_maps: tuple[Mapping[int, int], ...]
    columns: Mapping[str, NDArray[Any]]
    keys: NDArray[np.uint64]
    blocks: tuple[NDArray[np.float32], ...]

    def __len__(self) -> int:
        return len(self.items)

    def row(self, item_id: UUID) -> int | None:
        """Return the row of an id, or None."""
        number = item_id.int
        for row_map in self.row_maps:
            row = row_map.get(number)
            if row is not None:
                return row
        return None

    def rows_of(self, ids: Iterable[UUID]) -> NDArray[np.intp]:
        """Return the rows of the ids; unknown ids are left out."""
        numbers = [item_id.int for item_id in ids]
        rows = [row for row_map in self.row_maps for row in map(row_map.get, numbers) if row is not None]
        return np.array(rows, np.intp)

    def predict(self, weights: Floats) -> NDArray[np.float32]:
        """Return features times weights: (rows, WIDTH) times (WIDTH, persons) is (rows, persons)."""
        parts = [block @ weights.astype(np.float32) for block in self.blocks]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def features(self, rows: NDArray[np.intp]) -> Floats:
        """Return the features of some rows in double precision, with shape (len(rows), WIDTH)."""
        if len(self.blocks) == 1:
            return self.blocks[0][rows].astype(float)
        features, first = np.empty((len(rows), WIDTH)), 0
        for block in self.blocks:
            inside = (rows >= first) & (rows < first + len(block))
            features[inside] = block[rows[inside] - first]
            first += len(block)
        return features

    def with_items(self, items: Iterable[ActivityItem]) -> ItemMatrix:
        """Return this matrix with more items appended, such as own ideas. Items that it contains are skipped."""
        extra = build(item for item in items if self.row(item.id) is None)
        if not len(extra):
            return self
        return ItemMatrix(
            self.items + extra.items,
            (*self.row_maps, {item_id: len(self) + row for item_id, row in extra.row_maps[0].items()}),
            {name: np.concatenate((column, extra.columns[name])) for name, column in self.columns.items()},
            np.concatenate((self.keys, extra.keys)),
            self.blocks + extra.blocks,
        )


def build(items: Iterable[ActivityItem]) -> ItemMatrix:
    """Return the arrays of these activities. It takes about 50 µs each: build once per catalogue version and cache."""
    rows = tuple(items)
    contents = [item.content for item in rows]
    columns = {
        name: np.fromiter((read(activity) for activity in contents), kind, len(rows))
        for name, (kind, read) in _COLUMNS.items()
    }
    features = np.array([features_of(activity) for activity in contents], np.float32).reshape(len(rows), WIDTH)
    halves = np.array([divmod(item.id.int, 1 << 64) for item in rows], np.uint64).reshape(len(rows), 2)
    keys = splitmix64(splitmix64(halves[:, 0]) ^ halves[:, 1])
    return ItemMatrix(rows, ({item.id.int: row for row, item in enumerate(rows)},), columns, keys, (features,))


def splitmix64(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return well-mixed 64-bit hashes of the keys (splitmix64; Steele, Lea and Flood 2014)."""
    keys = keys + np.uint64(0x9E3779B97F4A7C15)
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))


_CROWDS = frozenset({"culture", "give_back"})
_LESSONS = frozenset({"first_time", "language", "new_hobby", "repair", "science", "skill"})


def _company(activity: Activity) -> int:
    """Return how many other people are around, from 1 to 5. Guess it from the place if the text does not say."""
    if activity.company is not None:
        return activity.company
    return 1 if activity.setting == "home" else 4 if activity.category in _CROWDS else 3


def _skill(activity: Activity) -> int:
    """Return how much there is to learn, from 1 to 5. Guess it from category and tags if the text does not say."""
    if activity.skill is not None:
        return activity.skill
    taught = (activity.category == "learn") + (activity.category in ("make", "move"))
    return min(5, 2 + taught + len(_LESSONS & set(activity.tags)))


# Features in the order of the columns: categorical blocks, then ordinal levels and their squares, each within -1..1.
_CATEGORICAL: tuple[tuple[float, tuple[str, ...], Any], ...] = (
    (KIND, CATEGORIES, lambda a: [a.category]),
    (THEME, TAGS, lambda a: a.tags),
    (PLACE, SETTINGS, lambda a: [a.setting]),
    (ROOF, SHELTERS, lambda a: [a.shelter]),
    (HOURS, TIMES, lambda a: a.time_of_day),
)
_ORDINAL: tuple[tuple[float, str, Any], ...] = (
    (EFFORT, "energy", lambda a: (a.energy - 3) / 2),
    (FRESHNESS, "novelty", lambda a: (a.novelty - 3) / 2),
    (PRICE, "cost", lambda a: (a.cost_band - 2) / 2),
    (LENGTH, "length", lambda a: math.log2(max(a.duration_min, 1) / 75) / 3),
    (COMPANY, "company", lambda a: (_company(a) - 3) / 2),
    (SKILL, "learning", lambda a: (_skill(a) - 3) / 2),
    (CLOSENESS, "pace", lambda a: (a.pace - 3) / 2),
)
NAMES: tuple[str, ...] = (
    "base",
    *(value for _, values, _ in _CATEGORICAL for value in values),
    *(name for _, level, _ in _ORDINAL for name in (level, f"{level} squared")),
)
"""The names of the feature columns."""
WIDTH = len(NAMES)
THEMES = slice(1 + len(CATEGORIES), 1 + len(CATEGORIES) + len(TAGS))
"""The columns of the tags. Over them, a row with at least one tag has the norm sqrt(THEME)."""
COLUMN_OF_TAG = {tag: THEMES.start + index for index, tag in enumerate(TAGS)}


def features_of(activity: Activity) -> list[float]:
    """Return one feature row.

    Each block has unit norm before weighting, so that many tags do not outweigh one category.
    """
    row = [math.sqrt(BASE)]
    for share, order, read in _CATEGORICAL:
        values = set(read(activity)) & set(order)
        each = math.sqrt(share / len(values)) if values else 0.0
        row += [each if value in values else 0.0 for value in order]
    for share, _, read in _ORDINAL:
        level = min(1.0, max(-1.0, read(activity)))
        # Half of the variance is linear, half quadratic: many people like neither the easiest nor the hardest.
        row += [math.sqrt(share / 2) * level, math.sqrt(share / 2) * (2 * level**2 - 1)]
    return row
