"""What ends with a couple and what stays: every table, and every kind of item, stands on one of the lists."""

from __future__ import annotations

from planner import inbox, schema
from planner.consent import leaving


def test_every_table_either_ends_or_stays() -> None:
    assert leaving.ENDS.keys() & leaving.STAYS.keys() == set()
    assert leaving.ENDS.keys() | leaving.STAYS.keys() == set(schema.TABLES), "say what leaving does to a new table"


def test_every_kind_of_item_either_ends_or_stays() -> None:
    assert set(leaving.ITEMS_END) & set(leaving.ITEMS_STAY) == set()
    assert {*leaving.ITEMS_END, *leaving.ITEMS_STAY} == inbox.KINDS.keys(), "say what leaving does to a new kind"
