"""Jumps of the machine's clock by an hour and a day, shortly. `make campaign` jumps more often, with more reminders."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.api.answers import ON_SQLITE
from tests.campaigns import clock_jumps


@pytest.mark.real_time
@ON_SQLITE  # the clock of the database, which PostgreSQL goes by, does not jump
def test_after_jumps_of_the_clock_each_reminder_has_come_once(database_url: str, tmp_path: Path) -> None:
    if clock_jumps.library() is None and not os.environ.get("CI"):
        pytest.skip("there is no libfaketime: apt-get install faketime")
    figures = clock_jumps.run(database_url, tmp_path, 3, clock_jumps.FEW)
    assert figures.faults() == []
    assert [name for name, *_ in figures.steps] == list(clock_jumps.FEW)
