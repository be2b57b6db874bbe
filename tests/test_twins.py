"""Twin worlds, with a private act and without it, a few times. `make campaign` runs many more."""

from __future__ import annotations

import random
from itertools import zip_longest

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
# Each run plays one kind of each three, which the seed draws.
FIRST = next(iter(twins.KINDS))
THREES = {" or ".join(three): three for three in zip_longest(*[iter(twins.KINDS)] * 3, fillvalue=FIRST)}
TWICE = (twins.LATER[0], twins.LATER[2])


@in_turn("three", THREES)
def test_a_private_act_changes_no_answer_to_the_partner(
    app: Flask, stopped_clock: Traveller, three: tuple[str, str, str]
) -> None:
    title = three[SEED % 3]
    difference, _ = twins.twins(app, stopped_clock, twins.KINDS[title], SEED, moves=6, pauses=TWICE)
    assert difference is None, f"{title}, seed {SEED}: {difference}"


@in_turn("title", {title: title for title in OPEN_ACTS})
def test_an_open_act_changes_an_answer_to_the_partner(app: Flask, stopped_clock: Traveller, title: str) -> None:
    difference, _ = twins.twins(app, stopped_clock, Kind(OPEN_ACTS[title]), 1, moves=0)
    assert difference is not None
