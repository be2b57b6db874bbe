"""kill -9 in the middle of writes, a few times. `make campaign` does it more often."""

from __future__ import annotations

import random

import pytest

from tests.campaigns import crashes


@pytest.mark.real_time
def test_answered_writes_survive_a_kill_and_repeated_creates_exist_once(database_url, tmp_path):
    figures = crashes.campaign(database_url, tmp_path, 2, random.Random(), longest=0.2)
    assert figures.answered >= figures.rounds
    assert (figures.lost, figures.doubled) == (0, 0), figures
