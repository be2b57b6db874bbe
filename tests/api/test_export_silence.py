"""Test that an export holds and tells nothing private of the partner: quiet acts, silent declines, held things."""

from __future__ import annotations

import json
from typing import Any

import pytest

from planner.privacy.export_format import ORDINARY, PARTS, PRIVATE
from tests.dates import START, agreed, completed, offer, own
from tests.exports import export, private_life, texts_of
from tests.people import Cast
from tests.spaces import DAY, going, quieten, share, take

THEIRS = "their-word"


def test_neither_part_holds_private_things_of_the_partner(cast: Cast):
    private_life(cast.bob, THEIRS)
    assert THEIRS in texts_of(cast.bob)
    assert THEIRS not in texts_of(cast.alice)
    for outsider in (cast.charlie, cast.sam):
        texts = texts_of(outsider)
        assert THEIRS not in texts
        assert cast.alice.id not in texts
        assert "Bob" not in texts


def test_private_acts_change_nothing_in_the_export_of_the_partner(cast: Cast, stopped_clock: Any):
    alice, bob = cast.alice, cast.bob
    done = completed(alice, bob, stopped_clock)
    stopped_clock.move_to(START + DAY)
    before = {part: export(bob, part) for part in PARTS}
    alice.put(f"/dates/{done['id']}/feedback", {"feeling": "heavier", "rating": 1})
    alice.post("/notes", {"kind": "effort", "body": "private"}, 201)
    alice.post("/activities", {"title": "Feed the ducks", "category": "outdoors"}, 201)
    own(alice, start=START + 3 * DAY)
    alice.get("/prompts/today")
    for card, vote in zip(alice.get("/deck")["items"], ("like", "pass", "never"), strict=False):
        alice.put(f"/activities/{card['id']}/vote", {"vote": vote})
    alice.put("/me/help", {"stuck": True})
    assert {part: export(bob, part) for part in PARTS} == before


def test_held_things_are_left_out_and_their_words_are_in_the_record(cast: Cast):
    alice, bob = cast.alice, cast.bob
    take(alice)
    date = offer(bob, message="Shall we?")
    share(bob, "The river.")
    ordinary, private = export(alice, ORDINARY), export(alice, PRIVATE)
    assert ordinary["dates"] == []
    assert {text for copy in ordinary["received"] for text in copy["words"].values()} == {
        "Shall we?",
        "The river.",
        "effort",
    }
    assert date["id"] not in json.dumps(private["inbox"])
    assert [(pause["kind"], pause["ended_at"]) for pause in private["pauses"]] == [("quiet", None)]


@pytest.mark.parametrize("act", ["space", "pace", "rhythm"])
def test_quiet_acts_change_nothing_in_the_export_of_the_partner(cast: Cast, act: str):
    alice, bob = cast.alice, cast.bob
    date = agreed(alice, bob)
    offer(bob)
    before = {part: export(bob, part) for part in PARTS}
    if act == "space":
        take(alice, going(date))
    else:
        quieten(alice, **{"pace": {"pace": 1}, "rhythm": {"rhythm": "apart"}}[act])
    assert {part: export(bob, part) for part in PARTS} == before
    assert {"space": "quiet", "pace": '"quiet_pace": 1', "rhythm": '"quiet_rhythm": "apart"'}[act] in texts_of(alice)


def test_a_declined_invitation_looks_unanswered_in_the_export(cast: Cast):
    cast.alice.delete("/couple")
    invitation = cast.sam.post("/invitations", {}, 201)
    before = export(cast.sam, PRIVATE)
    cast.alice.post("/invitations/accept", {"code": invitation["code"], "rhythm": "gentle"})
    cast.alice.post("/invitations/decline", {"code": invitation["code"]}, 200)
    assert export(cast.sam, PRIVATE) == before


@pytest.mark.parametrize("act", ["refuse", "withdraw"])
def test_a_refusal_by_the_inviter_looks_unanswered_in_the_export(cast: Cast, act: str):
    cast.alice.delete("/couple")
    invitation = cast.sam.post("/invitations", {}, 201)
    cast.alice.post("/invitations/accept", {"code": invitation["code"], "rhythm": "gentle"})
    before = export(cast.alice, PRIVATE)
    if act == "refuse":
        cast.sam.post("/invitations/refuse", {"invitation_id": invitation["id"]}, 200)
    else:
        cast.sam.delete("/invitations/current")
    assert export(cast.alice, PRIVATE) == before
