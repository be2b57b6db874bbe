"""The first run in the browser: welcome, sign-up with its steps, sign-in, recovery, and the undo of a deletion."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import phones

pytestmark = pytest.mark.real_time


def sign_up_by_hand(phone, name):
    phone.page.get_by_label("Your name").fill(name)
    phone.page.get_by_label("Password", exact=True).fill(phones.PASSWORD)
    phone.button("Next").click()
    phone.heading("Keep your sign‑in name and code").wait_for()
    return [phone.page.locator("dt + dd").nth(index).inner_text() for index in (0, 1)]


def test_a_newcomer_gets_from_welcome_to_a_first_idea(open_phone):
    phone = open_phone(permissions=["clipboard-read", "clipboard-write"])
    phone.open()
    phone.see("can see or change almost everything")
    phone.check_accessible()
    phone.link("Start").click()
    phone.see("Step 1 of 5")
    assert phone.page.get_by_label("Time zone").input_value() == "Europe/Lisbon"
    phone.check_accessible()

    phone.expect_refusal(422)
    phone.page.get_by_label("Your name").fill("Robin")
    phone.page.get_by_label("Password", exact=True).fill("short")
    phone.button("Next").click()
    phone.see("At least 10 characters.")
    phone.page.get_by_label("Password", exact=True).fill("password123")
    phone.button("Next").click()
    phone.see("Strangers try this password early.")
    assert phone.page.get_by_label("Your name").input_value() == "Robin"

    name, code = sign_up_by_hand(phone, "Robin")
    phone.check_accessible()
    phone.button("Copy both").click()
    phone.button("Copied").wait_for()
    copied = phone.page.evaluate("navigator.clipboard.readText()")
    assert name in copied
    assert code in copied
    with phone.page.expect_download() as download:
        phone.button("Save as a file").click()
    assert code in download.value.path().read_text()

    phone.button("I have them").click()
    field = phone.page.get_by_label("The last 5 characters of your recovery code")
    field.fill("00000")
    phone.button("Check", exact=True).click()
    phone.see("These are other characters.")
    field.fill(code[-5:].lower())
    field.press("Enter")

    phone.page.get_by_role("radio", name="Together").check()
    phone.see("both of you say yes")
    phone.check_accessible()
    phone.link("Next").click()
    for role, choice in (("checkbox", "Walk"), ("radio", "Free"), ("radio", "Asleep"), ("checkbox", "Without steps")):
        phone.page.get_by_role(role, name=choice).check()
    phone.check_accessible()
    with phone.page.expect_response(lambda answer: answer.url.endswith("/v1/me/profile") and answer.ok) as saved:
        phone.button("Next").click()
    profile = saved.value.json()
    assert (profile["interests"], profile["cost_band"]) == (["walk"], 0)
    assert (profile["children"], profile["access"]) == ("asleep", ["step_free"])
    phone.heading("Two ideas to start with").wait_for()
    phone.link("Plan it").first.wait_for()
    phone.link("Connect with your partner").wait_for()
    phone.check_accessible()
    phone.link("Go to Today").click()
    phone.heading("Robin").wait_for()


def test_the_secrets_are_guarded_against_a_reload_and_every_step_can_be_skipped(open_phone):
    phone = open_phone("iPhone 15")
    phone.open("/sign-up")
    sign_up_by_hand(phone, "Kim")
    asked = []

    def stay(dialog):
        asked.append(dialog.type)
        dialog.dismiss()

    phone.page.once("dialog", stay)
    with phone.page.expect_event("dialog"):
        phone.page.evaluate("setTimeout(() => location.reload())")
    phone.heading("Keep your sign‑in name and code").wait_for()
    assert asked == ["beforeunload"]
    phone.button("I have them").click()
    phone.button("Go on without checking").click()
    phone.see("you lose this account")
    phone.button("Go on", exact=True).click()
    for heading in ("What fits you now?", "A little about you"):
        phone.heading(heading).wait_for()
        phone.link("Skip", exact=True).click()
    phone.heading("Two ideas to start with").wait_for()


def test_the_quick_exit_is_not_held_up_by_the_secrets(open_phone):
    phone = open_phone()
    phone.open("/sign-up")
    sign_up_by_hand(phone, "Kim")
    phone.button("Quick exit").click()
    phone.page.wait_for_url("about:blank")


def test_a_person_recovers_their_account_and_gets_a_new_code(open_phone, served):
    robin = phones.sign_up(served, "Robin")
    phone = open_phone()
    phone.open("/sign-in")
    phone.check_accessible()
    phone.expect_refusal(401, 403)
    phone.page.get_by_label("Sign-in name").fill(robin.answer["sign_in_name"])
    phone.page.get_by_label("Password", exact=True).fill("not the password")
    phone.button("Sign in").click()
    phone.see("The sign-in name or the password is wrong.")

    phone.link("I forgot my password").click()
    phone.page.get_by_label("Sign-in name").fill(robin.answer["sign_in_name"])
    phone.page.get_by_label("Recovery code").fill("AAAAA")
    phone.page.get_by_label("New password", exact=True).fill("another long password")
    phone.button("Set the new password").click()
    phone.see("The sign-in name or the recovery code is wrong.")
    phone.check_accessible()
    phone.page.get_by_label("Recovery code").fill(robin.answer["recovery_code"].lower())
    phone.button("Set the new password").click()
    phone.see("this is the new one")
    code = phone.page.locator("dt + dd").nth(1).inner_text()
    assert code != robin.answer["recovery_code"]
    phone.button("I have them").click()
    phone.page.get_by_label("The last 5").fill(code)
    phone.button("Check", exact=True).click()
    phone.page.get_by_role("heading", name=re.compile("Robin")).wait_for()

    again = open_phone()
    again.open("/sign-in")
    again.page.get_by_label("Sign-in name").fill(robin.answer["sign_in_name"].replace("-", " "))
    again.page.get_by_label("Password", exact=True).fill("another long password")
    again.page.keyboard.press("Enter")
    again.page.get_by_role("heading", name=re.compile("Robin")).wait_for()


def test_a_deleted_account_comes_back(open_phone, served):
    robin = phones.sign_up(served, "Robin")
    robin.send("DELETE", "/me", {"password": phones.PASSWORD})
    phone = open_phone()
    phone.open("/sign-in")
    phone.link("Bring back a deleted account").click()
    phone.page.get_by_label("Sign-in name").fill(robin.answer["sign_in_name"])
    phone.page.get_by_label("Password", exact=True).fill(phones.PASSWORD)
    phone.check_accessible()
    phone.button("Bring it back").click()
    phone.see("Your account is back.")
    phone.page.get_by_role("heading", name=re.compile("Robin")).wait_for()


def test_without_a_secure_context_copying_still_works(open_phone):
    phone = open_phone(host=phones.INSECURE)
    phone.open("/sign-up")
    sign_up_by_hand(phone, "Robin")
    assert not phone.page.evaluate("'clipboard' in navigator")
    phone.button("Copy both").click()
    phone.button("Copied").wait_for()


def test_a_reload_before_the_code_is_kept_leaves_a_way_to_a_new_one(open_phone):
    phone = open_phone()
    phone.open("/sign-up")
    sign_up_by_hand(phone, "Kim")
    phone.heading("Keep your sign‑in name and code").wait_for()
    phone.go("/")  # such as by the back button: the code is still there
    phone.link("You have not put your recovery code away yet").wait_for()
    phone.page.once("dialog", lambda dialog: dialog.accept())
    phone.page.reload()
    phone.link("Your recovery code went away").click()
    phone.page.get_by_label("Your password, for a new code").fill(phones.PASSWORD)
    phone.button("Make a new code").click()
    phone.button("I have them").click()
    phone.button("Go on without checking").click()
    phone.button("Go on", exact=True).click()
    phone.see("Your new code is in use.")
    phone.open("/")
    phone.heading("Kim").wait_for()
    expect(phone.page.get_by_text("recovery code")).to_have_count(0)
