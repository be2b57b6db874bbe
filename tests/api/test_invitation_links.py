"""Invitation links: the code with the address of this server, as text and as a QR code."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
import segno

from tests.api.answers import ON_SQLITE, problem
from tests.conftest import SETTINGS
from tests.people import sign_up

pytestmark = ON_SQLITE
PATH = "/invitations/current/qr.svg"


def test_the_link_holds_the_code_where_no_log_sees_it(sam):
    made = sam.post("/invitations", {}, 201)
    assert made["link"] == f"http://localhost/join#{made['code']}"
    assert sam.get("/invitations/current")["link"] == made["link"]


class TestPublicUrl:
    @pytest.fixture
    def settings(self):
        return replace(SETTINGS, public_url="https://rekindle.example.org")

    def test_the_setting_decides_about_the_address(self, app):
        made = sign_up(app, "Sam", "UTC").post("/invitations", {}, 201)
        assert made["link"] == f"https://rekindle.example.org/join#{made['code']}"


def test_the_qr_code_is_that_of_the_link(sam):
    made = sam.post("/invitations", {}, 201)
    answer = sam.request("GET", PATH)
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert answer.headers["Cache-Control"] == "no-store"
    root = ET.fromstring(answer.data)  # noqa: S314  # our own
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    drawn = [path.get("d") for path in root.iter("{http://www.w3.org/2000/svg}path")]
    expected = ET.fromstring(segno.make(made["link"], micro=False).svg_inline(scale=8, border=4))  # noqa: S314
    assert expected.find("path").get("d") in drawn


def test_only_an_inviter_with_a_code_has_a_qr_code(app, sam):
    assert problem(sam.request("GET", PATH), 404)
    kim = sign_up(app, "Kim", "UTC")
    code = sam.post("/invitations", {}, 201)["code"]
    assert kim.post("/invitations/accept", {"code": code, "rhythm": "gentle"})["link"] is None
    assert problem(kim.request("GET", PATH), 404)
    assert problem(sam.request("GET", PATH), 404), "the code is used"


def test_the_link_leads_to_the_client_with_its_code(app):
    answer = app.test_client().get("/join")
    # A browser takes what follows the # along.
    assert (answer.status_code, answer.headers["Location"]) == (302, "/app/join")
    assert "Set-Cookie" not in answer.headers


def test_each_move_answers_where_both_are_then(app, sam):
    kim = sign_up(app, "Kim", "UTC")
    nowhere = {"pairing": "alone", "couple": None, "invitation": None}
    sam.post("/invitations", {}, 201)
    assert sam.delete("/invitations/current", 200) == nowhere
    made = sam.post("/invitations", {}, 201)
    assert kim.post("/invitations/decline", {"code": made["code"]}) == nowhere
    sam.delete("/invitations/current")
    made = sam.post("/invitations", {}, 201)
    kim.post("/invitations/accept", {"code": made["code"], "rhythm": "gentle"})
    own = kim.get("/invitations/current")
    assert sam.post("/invitations/refuse", {"invitation_id": made["id"]}) == nowhere
    assert kim.get("/invitations/current") == own, "a refusal is silent"
    assert kim.post("/invitations/decline", {"code": made["code"]}) == nowhere


def test_a_confirmation_answers_with_the_couple_and_leaving_with_its_end(app, sam):
    kim = sign_up(app, "Kim", "UTC")
    made = kim.post("/invitations", {}, 201)
    sam.post("/invitations/accept", {"code": made["code"], "rhythm": "gentle"})
    answer = kim.post("/invitations/confirm", {"invitation_id": made["id"], "rhythm": "together"})
    assert answer == {"pairing": "paired", "couple": kim.get("/couple"), "invitation": None}
    assert answer["couple"]["partner"] == "Sam"
    assert kim.delete("/couple", 200) == {"pairing": "left"}
    assert sam.delete("/couple", 200) == {"pairing": sam.get("/me")["pairing"]}


@pytest.mark.parametrize("host", ["x." * 200 + "example", "a_b c"])
def test_a_host_that_cannot_be_an_address_makes_no_link(sam, host):
    sam.post("/invitations", {}, 201)
    for path in ("/invitations/current", "/invitations/current/qr.svg"):
        assert problem(sam.request("GET", path, Host=host), 400)
