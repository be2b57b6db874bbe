"""Random lives of five people, shortly; `make campaign` lives many more."""

from __future__ import annotations

import random

from flask import Flask
from time_machine import Traveller

from tests.campaigns.lives import running


def test_whatever_people_do_everybody_reads_what_is_theirs(app: Flask, stopped_clock: Traveller) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # shown where it fails
    found = running.live(app, stopped_clock, 50, seed, steps=16)
    assert found.runs >= 50
    assert found.done.total() > 300
