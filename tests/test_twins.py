"""Twin worlds, with a private act and without it, a few times. `make campaign` runs many more."""

from __future__ import annotations

import random

from flask import Flask
from time_machine import Traveller

from tests.campaigns import twins
from tests.campaigns.twins import Kind, choose_pace, put
from tests.databases import in_turn

SEED = random.randrange(10**6)

# Acts that the partner may see. If the comparison misses these, it is worth nothing.
OPEN_ACTS = {
    "said space": put("/me/space", {"kind": "said", "sentence": "time", "dates": []}),
    "a pace openly lowered": choose_pace(-1, False),
    "leaving": lambda story, chance: story.ada.delete("/couple"),
}


@in_turn("kind", twins.KINDS)
def test_a_private_act_changes_no_answer_to_the_partner(app: Flask, stopped_clock: Traveller, kind: Kind) -> None:
    difference, _ = twins.twins(app, stopped_clock, kind, SEED, moves=10)
    assert difference is None, f"seed {SEED}: {difference}"


@in_turn("title", {title: title for title in OPEN_ACTS})
def test_an_open_act_changes_an_answer_to_the_partner(app: Flask, stopped_clock: Traveller, title: str) -> None:
    difference, _ = twins.twins(app, stopped_clock, Kind(OPEN_ACTS[title]), 1, moves=0)
    assert difference is not None
