"""Snapshots: the rows of a filled database at each released migration, for tests of upgrades.

    python -m tests.planner.snapshots        write the rows at the newest migration to `<migration>.json`

A snapshot is written once, when its migration is released, and never again.
"""
