"""One row of the data inventory: what each act that reaches across rooms does to a table, and why."""

from __future__ import annotations

from typing import Literal, NamedTuple

import peewee

from planner.storage import db


class TableRow(NamedTuple):
    """How one table is treated. Each field but the first two is a decision and its reason.

    `on_space`: "held" if the partner can cause such a row, and it is held back from a person in space.
    `on_unpair`: whether leaving a couple changes rows.
    `on_erase`: the rows of `owner` are "deleted". Others are "cascaded" with the row that they belong to, or "kept"
    because they name no person, or "anonymised" because things of the partner refer to them.
    `export`: the part of an export that holds them.
    `shown_to`: the probe of the safety check that lists what others see of it, or NOBODY.
    """

    table: type[db.Model]
    owner: peewee.Field | None
    on_space: tuple[Literal["held", "unaffected"], str]
    on_unpair: tuple[Literal["changed", "unchanged"], str]
    on_erase: tuple[Literal["deleted", "cascaded", "anonymised", "former_couple_access"], str]
    export: tuple[Literal["ordinary", "private", "both", "none"], str]
    shown_to: tuple[str, str]


NOBODY = "nobody"


def private(table: type[db.Model], owner: peewee.Field, content: str) -> TableRow:
    """Return the row of a table that only its owner reads."""
    return TableRow(
        table,
        owner,
        ("unaffected", content),
        ("unchanged", content),
        ("deleted", content),
        ("private", content),
        (NOBODY, content),
    )


def server(table: type[db.Model], content: str) -> TableRow:
    """Return the row of a table that holds nothing of any person."""
    return TableRow(
        table,
        None,
        ("unaffected", content),
        ("unchanged", content),
        ("former_couple_access", content),
        ("none", content),
        (NOBODY, content),
    )
