"""Test guides, self-care plans and kinds of support: whole, for every signed-in person, and private."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from seeds import vocabulary
from tests.api.answers import contents
from tests.people import Person, shipped

SHIPPED = shipped()
PATHS = ("/guides", "/self-care-plans", "/support-kinds")


def plain(value: Any) -> Any:
    """Return a content as JSON has it."""
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def test_guides_are_served_whole_and_by_kind_and_audience(sam: Person, alice: Person) -> None:
    guides = sam.get("/guides")["items"]
    assert guides == alice.get("/guides")["items"]
    assert [guide["slug"] for guide in guides] == [guide.slug for guide in SHIPPED.guides]
    for shown, guide in zip(guides, SHIPPED.guides, strict=True):
        texts = {name: value for name, value in asdict(guide).items() if name not in ("party", "evidence")}
        expected = {name: plain(value) for name, value in texts.items()}
        assert shown == {**expected, "for": guide.party, "minutes": sum(step["minutes"] for step in shown["steps"])}
    for kind in vocabulary.GUIDE_KINDS:
        assert sam.get(f"/guides?kind={kind}")["items"] == [guide for guide in guides if guide["kind"] == kind]
    assert sam.get("/guides?for=one")["items"] == [guide for guide in guides if guide["for"] == "one"] != []
    assert sam.get("/guides?kind=gossip", 422)["errors"][0]["field"] == "kind"


def test_self_care_plans_are_served_whole(sam: Person) -> None:
    plans = sam.get("/self-care-plans")["items"]
    assert len(plans) == len(SHIPPED.plans)
    for shown, plan in zip(plans, SHIPPED.plans, strict=True):
        texts = {name: value for name, value in asdict(plan).items() if name != "evidence"}
        for action in texts["actions"]:
            del action["time_of_day"]  # it decides when the server suggests the action
        assert shown == {name: plain(value) for name, value in texts.items()}


def test_kinds_of_support_are_served_as_on_help_cards(sam: Person) -> None:
    kinds = sam.get("/support-kinds")["items"]
    assert {kind["kind"] for kind in kinds} == {resource.slug for resource in SHIPPED.resources}
    for_two = {resource.slug for resource in SHIPPED.resources if resource.audience == "couple"}
    assert {kind["kind"] for kind in sam.get("/support-kinds?for=two")["items"]} == for_two
    assert {kind["kind"] for kind in kinds if kind["for"] == "two"} == for_two
    sam.put("/me/help", {"stuck": True})
    cards = [kind for card in sam.get("/me/help")["cards"] for kind in card["kinds"]]
    assert cards
    assert all(kind in kinds for kind in cards)


@pytest.mark.parametrize("path", PATHS)
def test_reading_leaves_no_trace(alice: Person, path: str) -> None:
    alice.get("/me")  # the first request of a day notes that the sign-in was used
    before = contents()
    answer = alice.request("GET", path)
    assert answer.headers["Cache-Control"] == "no-store"
    assert contents() == before
