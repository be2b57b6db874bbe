"""Two phones become a couple in the browser: by the link, by a typed code, or not at all."""

from __future__ import annotations

import re

import pytest

from tests.browser import phones

pytestmark = pytest.mark.real_time


def today_of(phone, name):
    phone.page.get_by_role("heading", name=re.compile(name)).first.wait_for()


def invite(phone):
    """Make an invitation on a phone, and return its link and its code."""
    phone.go("/us/invitation")
    phone.button("Make an invitation").click()
    phone.heading("Hand it over").wait_for()
    return phone.page.locator(".invitation-link").inner_text(), phone.page.locator(".invitation-code").inner_text()


def words_on(phone):
    return phone.page.locator(".check-words").inner_text()


def test_two_phones_connect_by_the_link(open_phone, served):
    robin, kim = open_phone(), open_phone("iPhone 15")
    robin.sign_in(phones.sign_up(served, "Robin"))
    robin.go("/us/invitation")
    robin.heading("Invite your partner").wait_for()
    robin.check_accessible()
    link, code = invite(robin)
    assert link.endswith(f"/join#{code}")
    robin.page.get_by_alt_text("QR code").wait_for()
    robin.check_accessible()

    kim.page.goto(link)
    kim.heading("You are invited").wait_for()
    assert code not in kim.page.url
    kim.check_accessible()
    kim.link("I am new here").click()
    kim.see("Your invitation is waiting.")
    kim.page.get_by_label("Your name").fill("Kim")
    kim.page.get_by_label("Password", exact=True).fill(phones.PASSWORD)
    kim.button("Next").click()
    kim.see("Step 2 of 3")
    kim.button("I have them").click()
    kim.button("Go on without checking").click()
    kim.button("Go on", exact=True).click()

    kim.heading("Robin invites you").wait_for()
    kim.see("Your partner sees your display name")
    kim.page.get_by_role("radio", name="Gentle").wait_for()
    kim.check_accessible()
    kim.button("Yes, connect with Robin").click()
    kim.see("Choose your rhythm first.")
    kim.page.reload()  # as a phone does after a call: the code is still there
    kim.page.get_by_role("radio", name="Gentle").check()
    kim.button("Yes, connect with Robin").click()
    kim.heading("Almost there").wait_for()
    assert kim.page.evaluate("sessionStorage.length") == 0
    kim.check_accessible()
    kim.go("/")
    kim.link("Robin still has to confirm that it is you.").click()
    kim.heading("Almost there").wait_for()

    robin.come_back()
    robin.heading("Kim said yes").wait_for()
    assert words_on(robin) == words_on(kim)
    robin.see("Either of you can take a break here at any time, without saying so.")
    robin.check_accessible()
    robin.page.get_by_role("radio", name="Together").check()
    kim.expect_refusal(404)  # the invitation of the waiting phone is gone
    robin.expect_refusal(404)
    robin.button("Yes, connect with Kim").click()
    kim.come_back()
    for phone, partner in ((robin, "Kim"), (kim, "Robin")):
        phone.see(f"You and {partner} are connected.")
        phone.heading("An idea for you two").wait_for()
        assert phone.page.url.endswith("/app/")


def test_a_code_is_typed_and_the_inviter_refuses_a_stranger(open_phone, served):
    robin, kim = open_phone(), open_phone("iPhone 15")
    kim_account = phones.sign_up(served, "Kim")
    robin.sign_in(phones.sign_up(served, "Robin"))
    _, code = invite(robin)
    kim.expect_refusal(404)
    kim.open()
    kim.link("I have an invitation code").click()
    kim.page.get_by_label("Invitation code").fill("WRONG-CODE-HERE")
    kim.button("Next").click()
    kim.link("I have an account").click()
    kim.page.get_by_label("Sign-in name").fill(kim_account.answer["sign_in_name"])
    kim.page.get_by_label("Password", exact=True).fill(phones.PASSWORD)
    kim.button("Sign in").click()
    kim.see("No invitation fits this code.")
    field = kim.page.get_by_label("Invitation code")
    assert field.input_value() == "WRONG-CODE-HERE"
    kim.check_accessible()
    field.fill(code.lower().replace("-", " "))
    field.press("Enter")
    kim.page.get_by_role("radio", name="Apart").check()
    kim.button("Yes, connect with Robin").click()
    kim.heading("Almost there").wait_for()

    robin.expect_refusal(404)
    robin.come_back()
    robin.button("This is someone else").click()
    robin.button("Refuse", exact=True).click()
    robin.see("You refused. They are not told.")
    robin.heading("Invite your partner").wait_for()

    kim.come_back()
    kim.heading("Almost there").wait_for()
    kim.button("Take back your yes").click()
    kim.page.get_by_role("dialog").get_by_role("button", name="Take back your yes").click()
    kim.heading("Invite your partner").wait_for()


def test_a_no_is_silent_and_a_withdrawn_code_is_void(open_phone, served):
    robin, kim = open_phone(), open_phone("iPhone 15")
    robin.expect_refusal(404)
    kim.expect_refusal(404)
    robin.sign_in(phones.sign_up(served, "Robin"))
    kim.sign_in(phones.sign_up(served, "Kim"))
    link, _ = invite(robin)
    kim.page.goto(link)
    kim.button("No, thank you").click()
    kim.button("Say no").click()
    kim.see("You said no. They are not told.")
    robin.come_back()
    robin.heading("Hand it over").wait_for()
    robin.button("Withdraw the invitation").click()
    robin.page.get_by_role("dialog").get_by_role("button", name="Withdraw the invitation").click()
    robin.heading("Invite your partner").wait_for()

    link, _ = invite(robin)
    kim.page.goto(link)
    kim.button("No, thank you").click()
    kim.button("Block Robin, too").click()
    kim.see("You said no. They are not told.")
    kim.page.goto(link)
    kim.see("No invitation fits this code.")


def test_a_couple_is_told_that_it_is_connected(open_phone, couple):
    phone = open_phone()
    phone.sign_in(couple[0], "/join")
    phone.heading("You and Kim").wait_for()
    phone.check_accessible()
