"""kill -9 in the middle of writes, shortly; `make campaign` does it at length."""

from __future__ import annotations

import random

import pytest

from tests.campaigns import crashes


@pytest.mark.real_time
def test_a_write_that_was_answered_survives_and_a_repeated_create_is_one(database_url, tmp_path):
    found = crashes.campaign(database_url, tmp_path, 2, random.Random())
    assert found.answered >= found.rounds
    assert (found.lost, found.doubled) == (0, 0), found
