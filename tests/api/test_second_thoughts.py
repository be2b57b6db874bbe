"""Test changed decisions during an invitation: another rhythm, crossed invitations, a withdrawn accept."""

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


def test_in_crossed_invitations_each_sees_the_person_to_confirm(app: Flask) -> None:
    ann, ben = sign_up(app, "Ann", "UTC"), sign_up(app, "Ben", "UTC")
    codes = {person.name: person.post("/invitations", {}, 201)["code"] for person in (ann, ben)}
    ann.post("/invitations/accept", {"code": codes["Ben"], "rhythm": "together"})
    ben.post("/invitations/accept", {"code": codes["Ann"], "rhythm": "together"})
    current = ann.get("/invitations/current")
    assert (current["role"], current["partner_name"]) == ("inviter", "Ben")
    ann.post("/invitations/confirm", {"invitation_id": current["id"], "rhythm": "together"}, 200)
    assert ben.get("/me")["pairing"] == "paired"


def test_an_accept_is_withdrawn_without_the_code(app: Flask) -> None:
    ann, ben = sign_up(app, "Ann", "UTC"), sign_up(app, "Ben", "UTC")
    invitation = ann.post("/invitations", {}, 201)
    ben.post("/invitations/accept", {"code": invitation["code"], "rhythm": "together"})
    ben.delete("/invitations/current")
    assert ben.get("/me")["pairing"] == "alone"
    assert ann.get("/invitations/current")["state"] == "pending"
    ann.post("/invitations/confirm", {"invitation_id": invitation["id"], "rhythm": "together"}, 409)
