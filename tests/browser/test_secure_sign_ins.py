"""What keeps a sign-in safe, in the browser: the password asked again, no lock-outs, and passkeys."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from uuid import UUID

import pytest

from tests.browser.phones import PASSWORD
from tests.browser.test_me import KEPT, sign_in_elsewhere

pytestmark = pytest.mark.real_time


def age(database_file, account):
    """Let all sign-ins of a person be some days old."""
    person = UUID(account.answer["session"]["person_id"]).hex
    with closing(sqlite3.connect(database_file, timeout=30)) as connection, connection:
        change = (
            "UPDATE sessions SET created_at = '2026-01-01T00:00:00.000000Z', confirmed_at = NULL WHERE person_id = ?"
        )
        assert connection.execute(change, [person]).rowcount


def enter(phone, password):
    phone.page.get_by_role("dialog", name="Enter your password").get_by_label("Password", exact=True).fill(password)
    phone.button("Continue").click()


def test_an_older_sign_in_asks_for_the_password_before_leaving(open_phone, couple, database_file):
    robin, kim = couple
    age(database_file, robin)
    phone = open_phone()
    phone.expect_refusal(403)
    phone.sign_in(robin, "/us/leaving")
    phone.button("Leave", exact=False).first.click()
    phone.button("Leave now").click()
    phone.heading("Enter your password").wait_for()
    phone.check_accessible_at_both_sizes()
    enter(phone, "not my password")
    phone.see("The current password is wrong.")
    phone.page.get_by_role("dialog", name="Enter your password").get_by_role("button", name="Cancel").click()
    phone.see("Confirm with your password or a passkey")
    assert kim.send("GET", "/couple")["partner"] == "Robin"
    phone.button("Leave now").click()
    enter(phone, PASSWORD)
    phone.heading("No longer connected").wait_for()
    assert robin.send("GET", "/me")["couple"] is None


def test_one_password_is_enough_to_end_several_sign_ins(open_phone, couple, served, database_file):
    robin, _ = couple
    tokens = [sign_in_elsewhere(served, robin, device) for device in ("tablet", "laptop")]
    age(database_file, robin)
    phone = open_phone()
    phone.expect_refusal(403)
    phone.sign_in(robin, "/me/sign-ins")
    phone.button("Sign out everywhere else").click()
    phone.button("Sign out", exact=True).last.click()
    enter(phone, PASSWORD)
    phone.see("You are signed in on this device only.")
    assert [served.request("GET", "/v1/me", token)[0] for token in tokens] == [401, 401]


def sign_in_by_hand(phone, account):
    phone.open("/sign-in")
    phone.page.get_by_label("Sign-in name").fill(account.answer["sign_in_name"])
    phone.page.get_by_label("Password", exact=True).fill(PASSWORD)
    phone.button("Sign in").click()


def lock_out(served, account):
    """Guess a person's password at so many addresses that the name is locked."""
    guess = {"sign_in_name": account.answer["sign_in_name"], "password": "wrong horse"}
    for number in range(61):
        served.request("POST", "/v1/sign-ins", None, guess, **{"X-Forwarded-For": f"192.0.2.{number}"})


WATCH = """() => {
    window.marks = [];
    const clear = IDBObjectStore.prototype.clear;
    IDBObjectStore.prototype.clear = function () {
        if (this.name === "kept") {
            const database = this.transaction.db;
            this.transaction.addEventListener("complete", () => {
                const asked = database.transaction("kept").objectStore("kept").count("device-mark");
                asked.onsuccess = () => window.marks.push(asked.result);
            });
        }
        return clear.call(this);
    };
}"""
"""Note how many marks the device has whenever it has just deleted what it keeps."""


def test_strangers_cannot_lock_a_device_out_on_which_a_person_was_signed_in(open_phone, couple, served):
    robin, _ = couple
    phone, new = open_phone(), open_phone("desktop")
    for each in (phone, new):
        each.expect_refusal(401, 429)
    sign_in_by_hand(phone, robin)
    phone.page.locator(".tabs").wait_for()
    phone.page.evaluate(WATCH)
    robin.send(
        "PUT", "/me/password", {"current_password": PASSWORD, "new_password": PASSWORD}
    )  # ends the other sign-ins
    lock_out(served, robin)
    phone.come_back()
    phone.page.locator(".visitor").wait_for()
    phone.wait_for(f"async () => (await ({KEPT})()).join() === 'device-mark'")
    phone.wait_for("() => window.marks.length > 0")
    assert phone.page.evaluate("[...new Set(window.marks)]") == [1], (
        "a page that was closed in between would lose the mark"
    )
    sign_in_by_hand(new, robin)
    new.see("Wait a moment, then try again.")
    sign_in_by_hand(phone, robin)
    phone.page.locator(".tabs").wait_for()


def with_virtual_device(phone):
    """Give a browser a device that makes passkeys, and answers as if a finger unlocked it."""
    session = phone.context.new_cdp_session(phone.page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    return session, session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def test_a_passkey_is_made_used_and_removed(open_phone, couple, database_file):
    robin, kim = couple
    phone = open_phone(host="localhost")
    phone.expect_refusal(401, 403)
    session, authenticator = with_virtual_device(phone)
    age(database_file, robin)
    phone.sign_in(robin, "/me/sign-ins")
    phone.page.get_by_label("Name of the passkey").fill("My thumb")
    phone.check_accessible_at_both_sizes()
    phone.button("Add a passkey").click()
    phone.button("Use a passkey").wait_for()
    phone.check_accessible_at_both_sizes()
    enter(phone, PASSWORD)
    phone.see("Your passkey is added.")
    phone.see("My thumb")
    phone.check_accessible_at_both_sizes()
    assert len(session.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"]) == 1

    robin.send("DELETE", "/sign-ins/current")
    phone.open()
    phone.page.locator(".visitor").wait_for()
    phone.go("/sign-in")
    phone.button("Sign in with a passkey").wait_for()
    phone.check_accessible_at_both_sizes()
    phone.button("Sign in with a passkey").click()
    phone.page.locator(".tabs").wait_for()

    age(database_file, robin)
    phone.go("/us/leaving")
    phone.button("Leave", exact=False).first.click()
    phone.button("Leave now").click()
    session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    phone.button("Use a passkey").click()
    phone.see("Your device gave no passkey.")
    session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": True})
    phone.button("Use a passkey").click()
    phone.heading("No longer connected").wait_for()

    phone.go("/me/sign-ins")
    phone.button("Remove My thumb").click()
    phone.button("Remove", exact=True).last.click()
    phone.button("Remove My thumb").wait_for(state="detached")
    assert kim.send("GET", "/me")["couple"] is None


def test_an_address_without_passkeys_says_so_and_offers_none(open_phone, couple):
    robin, _ = couple
    phone = open_phone()
    phone.open("/sign-in")
    assert phone.button("Sign in with a passkey").count() == 0
    phone.sign_in(robin, "/me/sign-ins")
    phone.see("This address cannot use passkeys.")


def test_a_person_reads_what_happened_to_the_account(open_phone, couple, served):
    robin, _ = couple
    for _ in range(2):
        wrong = {"sign_in_name": robin.answer["sign_in_name"], "password": "not the password"}
        assert served.request("POST", "/v1/sign-ins", body=wrong)[0] == 403
    sign_in_elsewhere(served, robin, "tablet")
    phone = open_phone()
    phone.sign_in(robin, "/me/sign-ins")
    phone.heading("What happened").wait_for()
    phone.see("A sign-in with a wrong password was refused.")
    phone.see("2 times within an hour")
    happened = phone.page.locator("section", has=phone.page.get_by_role("heading", name="What happened"))
    assert happened.get_by_text("tablet").count() == 1
    phone.check_accessible_at_both_sizes()
