"""Twin worlds, with a private act and without it, shortly; `make campaign` lives through many more."""

from __future__ import annotations

import random

import pytest
from flask import Flask
from time_machine import Traveller

from tests.campaigns import twins
from tests.campaigns.twins import Kind, choose_pace, put

SEED = random.randrange(10**6)

# What is no secret: an oracle that does not see these sees nothing.
OPEN = {
    "said space": put("/me/space", {"kind": "said", "sentence": "time", "dates": []}),
    "a pace openly lowered": choose_pace(-1, False),
    "leaving": lambda story, chance: story.ada.delete("/couple"),
}


@pytest.mark.parametrize("title", twins.KINDS)
def test_a_private_act_changes_no_answer_to_the_other(app: Flask, stopped_clock: Traveller, title: str) -> None:
    different, _ = twins.twins(app, stopped_clock, twins.KINDS[title], SEED, moves=10)
    assert different is None, f"seed {SEED}: {different}"


@pytest.mark.parametrize("title", OPEN)
def test_an_open_act_is_seen(app: Flask, stopped_clock: Traveller, title: str) -> None:
    different, _ = twins.twins(app, stopped_clock, Kind(OPEN[title]), 1, moves=0)
    assert different is not None
