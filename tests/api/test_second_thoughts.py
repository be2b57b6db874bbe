"""Test changed decisions during an invitation: another rhythm, crossed invitations, a withdrawn accept."""

import pytest
from flask import Flask

from tests.people import sign_up


def test_a_changed_rhythm_is_saved_or_refused(app: Flask) -> None:
    ann, ben = sign_up(app, "Ann", "UTC"), sign_up(app, "Ben", "UTC")
    invitation = ann.post("/invitations", {}, 201)
    accept_body = {"code": invitation["code"], "rhythm": "together"}
    assert ben.post("/invitations/accept", accept_body)["rhythm"] == "together"
    assert ben.post("/invitations/accept", {**accept_body, "rhythm": "apart"})["rhythm"] == "apart"
    assert ann.get("/invitations/current")["rhythm"] is None
    confirm_body = {"invitation_id": invitation["id"], "rhythm": "together"}
    ann.post("/invitations/confirm", confirm_body, 200)
    assert ann.get("/couple")["rhythm"] == "apart"
    ann.post("/invitations/confirm", confirm_body, 200)
    ann.post("/invitations/confirm", {**confirm_body, "rhythm": "gentle"}, 409)
    ben.post("/invitations/accept", accept_body, 409)


@pytest.mark.parametrize("first_to_confirm", [0, 1])
def test_crossed_invitations_have_one_set_of_words_and_make_one_couple(app: Flask, first_to_confirm: int) -> None:
    both = ann, ben = sign_up(app, "Ann", "UTC"), sign_up(app, "Ben", "UTC")
    codes = {person.name: person.post("/invitations", {}, 201)["code"] for person in both}
    words = {str(person.post("/invitations/look-up", {"code": codes[other.name]})["check_words"])
             for person, other in ((ann, ben), (ben, ann))}  # fmt: skip
    ann.post("/invitations/accept", {"code": codes["Ben"], "rhythm": "together"})
    ben.post("/invitations/accept", {"code": codes["Ann"], "rhythm": "gentle"})
    current = [person.get("/invitations/current") for person in both]
    assert [(each["role"], each["partner_name"]) for each in current] == [("inviter", "Ben"), ("inviter", "Ann")]
    assert words | {str(each["check_words"]) for each in current} == {str(current[0]["check_words"])}

    for at in (first_to_confirm, 1 - first_to_confirm):  # the second one finds the couple of the first
        rhythm = ["together", "gentle"][at]
        body = {"invitation_id": current[at]["id"], "rhythm": rhythm}
        assert both[at].post("/invitations/confirm", body)["pairing"] == "paired"
    assert ann.get("/couple")["id"] == ben.get("/couple")["id"]
    for person in both:
        person.get("/invitations/current", 404)
    assert [person.inbox() for person in both] == [[["couple_begun"], []][at == first_to_confirm] for at in (0, 1)]
    last = both[1 - first_to_confirm]
    other_rhythm = {"invitation_id": current[1 - first_to_confirm]["id"], "rhythm": "apart"}
    assert last.post("/invitations/confirm", other_rhythm, 409)["reason"] == "connected_with_rhythm"


def test_an_accept_is_withdrawn_without_the_code(app: Flask) -> None:
    ann, ben = sign_up(app, "Ann", "UTC"), sign_up(app, "Ben", "UTC")
    invitation = ann.post("/invitations", {}, 201)
    ben.post("/invitations/accept", {"code": invitation["code"], "rhythm": "together"})
    ben.delete("/invitations/current")
    assert ben.get("/me")["pairing"] == "alone"
    assert ann.get("/invitations/current")["state"] == "pending"
    ann.post("/invitations/confirm", {"invitation_id": invitation["id"], "rhythm": "together"}, 409)
