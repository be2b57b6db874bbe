"""Random lives of five people, a few times. `make campaign` runs many more."""

from __future__ import annotations

import random

from flask import Flask
from time_machine import Traveller

from tests.campaigns.lives import running


def test_in_random_lives_each_person_reads_what_the_model_predicts(app: Flask, stopped_clock: Traveller) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # shown when the test fails
    figures = running.live(app, stopped_clock, 2, seed, steps=16)
    assert figures.runs >= 2
    assert figures.done.total() > 10
