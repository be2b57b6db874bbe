"""Answers that must be alike are alike. `make campaign` asks more often."""

from __future__ import annotations

import random

from flask import Flask
from time_machine import Traveller

from tests.campaigns import alike


def test_things_that_exist_and_missing_things_get_equal_answers(app: Flask, stopped_clock: Traveller) -> None:
    assert alike.differences(app, stopped_clock, random.randrange(1000)) == []
