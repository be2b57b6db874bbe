"""Two requests at the same moment, a few times each. `make campaign` runs each five hundred times."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.campaigns import races


@pytest.mark.parametrize("race", races.RACES, ids=lambda race: race.__name__)
def test_a_race_ends_in_an_allowed_end(app: Flask, race: races.Race) -> None:
    assert races.run(race, app, 2).total() == 2
