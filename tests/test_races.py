"""Two things at the same moment, a few times each; `make campaign` does it five hundred times."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.campaigns import races


@pytest.mark.parametrize("race", races.RACES, ids=lambda race: race.__name__)
def test_a_race_ends_in_one_of_two_ends_and_nothing_in_between(app: Flask, race: races.Race) -> None:
    assert races.run(race, app, 5).total() == 5
