"""What must read alike does; `make campaign` asks more often."""

from __future__ import annotations

import random

from flask import Flask
from time_machine import Traveller

from tests.campaigns import alike


def test_what_exists_and_what_does_not_read_alike(app: Flask, stopped_clock: Traveller) -> None:
    assert alike.differences(app, stopped_clock, random.randrange(1000)) == []
