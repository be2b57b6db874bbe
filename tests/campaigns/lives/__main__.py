"""python -m tests.campaigns.lives [RUNS]: random lives over both databases."""

from __future__ import annotations

import random
import sys
import time

from flask import Flask
from time_machine import Traveller

from tests.campaigns import ground
from tests.campaigns.lives import running


def main(runs: int, seed: int) -> None:
    """Run half of the lives over each database. A failure names the seed and the steps that lead to it."""

    def campaign(name: str, app: Flask, clock: Traveller) -> None:
        print(f"{name}: repeat with python -m tests.campaigns.lives {runs} {seed}", flush=True)
        began = time.monotonic()
        figures = running.live(app, clock, runs // 2, seed)
        print(f"{name} (seed {seed}): {figures}, {time.monotonic() - began:.0f} s", flush=True)

    ground.on_both(campaign)


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    main(*(numbers[:1] or [2000]), *(numbers[1:2] or [random.randrange(10**6)]))
