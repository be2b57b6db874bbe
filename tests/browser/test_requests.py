"""Requests and promises in the browser: ask, answer, say yes, and promise oneself something."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import phones

pytestmark = pytest.mark.real_time


def test_a_request_is_answered_with_another_and_becomes_a_promise(open_phone, couple):
    robin, kim = couple
    own, other = open_phone("Pixel 7"), open_phone("desktop")
    own.sign_in(robin, "/notes")
    own.link("Requests").click()
    own.heading("Nothing is open").wait_for()
    own.link("Ask").click()
    own.page.get_by_label("What would help you?").fill("Could you take the children to school on Thursday?")
    own.check_accessible()
    own.button("Ask Kim").click()
    own.see("Waits for Kim")
    own.check_accessible()

    other.sign_in(kim)
    other.link("Your partner asks you for something.").click()
    other.heading("Robin asks").wait_for()
    other.see("A no needs no reason")
    other.check_accessible()
    other.link("Answer with another request").click()
    other.see("The first request is closed")
    other.see("Could you take the children to school on Thursday?")
    other.page.get_by_label("What would help you?").fill("Could you go on Thursday, and I go on Friday?")
    other.check_accessible()
    other.button("Ask Robin").click()
    other.see("Waits for Robin")
    other.heading("Earlier").wait_for()
    other.check_accessible()

    own.link("Today").click()
    own.come_back()
    own.link("Your partner answered your request with another one.").click()
    own.button("Yes").click()
    own.see("You said yes")
    own.check_accessible()
    own.link("Make it a promise").click()
    own.see("Could you go on Thursday, and I go on Friday?")
    own.page.get_by_label("What do you want to do?").fill("Get up early on Friday.")
    own.check_accessible()
    own.button("Keep for me").click()
    own.heading("Get up early on Friday.").wait_for()
    today = own.page.locator(".day-button").last
    with own.page.expect_response("**/days/*"):
        today.click()
    expect(today).to_have_attribute("aria-pressed", "true")
    own.check_accessible()
    (promise,) = robin.send("GET", "/commitments")["items"]
    assert (len(promise["days"]), bool(promise["request_id"])) == (1, True)
    with own.page.expect_response("**/days/*"):
        today.click()
    assert robin.send("GET", "/commitments")["items"][0]["days"] == []


def test_a_request_is_declined_or_withdrawn(open_phone, couple):
    robin, kim = couple
    first, second = (
        robin.send("POST", "/requests", {"body": body}) for body in ("Could you cook?", "Could you call Ann?")
    )
    phone = open_phone("iPhone 15")
    phone.sign_in(kim, f"/notes/requests/{first['id']}")
    phone.button("No", exact=True).click()
    phone.see("You said no")
    assert robin.send("GET", f"/requests/{first['id']}")["state"] == "declined"
    own = open_phone("desktop")
    own.sign_in(robin, f"/notes/requests/{second['id']}")
    own.button("Withdraw").click()
    own.confirm("Withdraw")
    own.see("Withdrawn")
    phone.expect_refusal(404)
    phone.go(f"/notes/requests/{second['id']}")
    phone.see("This does not exist")


def test_a_person_alone_keeps_promises(open_phone, served):
    phone = open_phone("desktop")
    phone.sign_in(phones.sign_up(served, "Sam"), "/notes")
    expect(phone.link("Requests")).to_have_count(0)
    phone.link("Promises").click()
    phone.page.get_by_label("What do you want to do?").fill("Put the phone away at dinner.")
    phone.button("Keep for me").click()
    phone.heading("Put the phone away at dinner.").wait_for()
    phone.check_accessible()
    phone.button("Edit").click()
    phone.page.get_by_role("dialog").get_by_label("What do you want to do?").fill("Read after dinner.")
    phone.confirm("Save")
    phone.heading("Read after dinner.").wait_for()
    phone.button("It is done").click()
    phone.page.get_by_text("Done", exact=True).click()
    phone.button("Take it up again").click()
    phone.page.locator(".week").wait_for()
    phone.button("Delete").click()
    phone.confirm("Delete")
    phone.heading("No promises").wait_for()
