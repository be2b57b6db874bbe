"""Us and me in the browser: pace, rhythm, leaving, blocks and signing out, on the phones of both partners."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import phones

pytestmark = pytest.mark.real_time

_KEEP_REFUSED = """() => new Promise(resolve => {
    const opened = indexedDB.open("rekindle", 1);
    opened.onsuccess = () => {
        const change = opened.result.transaction("outbox", "readwrite");
        change.objectStore("outbox").put({id: "a", at: 1, kind: "note", method: "POST", path: "/notes", body: {},
            version: null, state: "refused", why: "No."});
        change.oncomplete = () => { opened.result.close(); resolve(null); };
    };
})"""
_COUNT_KEPT = """() => new Promise(resolve => {
    const opened = indexedDB.open("rekindle", 1);
    opened.onsuccess = () => {
        const stores = opened.result.transaction(["kept", "outbox"]);
        const kept = stores.objectStore("kept").count(), waiting = stores.objectStore("outbox").count();
        stores.oncomplete = () => { opened.result.close(); resolve(kept.result + waiting.result); };
    };
})"""


def focus(phone):
    """Look at a phone again: it asks the server for what it shows."""
    phone.come_back()


def in_dialog(phone, name):
    """Return a button of the open dialog."""
    return phone.page.get_by_role("dialog").get_by_role("button", name=name, exact=True)


def see_row(phone, *texts):
    """Wait until one row holds all of the texts."""
    row = phone.page.locator("main li")
    for text in texts:
        row = row.filter(has_text=text)
    row.first.wait_for()


def test_a_lower_pace_is_seen_only_when_it_is_open(open_phone, couple):
    robin, kim = couple
    first, second = open_phone(), open_phone("iPhone 15")
    first.sign_in(robin, "/us/pace")
    second.sign_in(kim, "/us")
    see_row(second, "Pace for you two", "Close")
    first.button("Shared").click()
    first.see("Kim sees no change.")
    first.check_accessible()
    first.button("Only for me").click()
    see_row(first, "Shared", "Quietly, for you")
    with second.page.expect_response("**/v1/today"):
        focus(second)
    see_row(second, "Pace for you two", "Close")
    first.button("Home").click()
    first.button("For both of us").click()
    see_row(first, "Home", "In effect")
    focus(second)
    see_row(second, "Pace for you two", "Home")
    second.check_accessible()


def test_more_begins_when_both_have_asked(open_phone, couple):
    robin, kim = couple
    kim.send("PUT", "/me/pace", {"pace": 2})
    phone = open_phone()
    phone.sign_in(robin, "/us/pace")
    phone.button("Close").click()
    phone.see("One step at a time. The next one is “Shared”.")
    phone.page.keyboard.press("Escape")
    phone.button("Shared").click()
    phone.see("Kim does not see your wish alone.")
    phone.button("I would like this").click()
    see_row(phone, "Shared", "You asked for this")
    assert kim.send("GET", "/couple")["pace"] == 2
    kim.send("PUT", "/me/pace", {"pace": 3})
    focus(phone)
    see_row(phone, "Shared", "In effect")


def test_a_refused_pace_says_why_and_shows_what_counts_now(open_phone, couple):
    robin, kim = couple
    phone = open_phone()
    phone.expect_refusal(422)
    phone.sign_in(robin, "/us/pace")
    phone.button("Home").click()
    kim.send("PUT", "/me/pace", {"pace": 2})
    phone.button("Only for me").click()
    phone.page.get_by_role("alert").get_by_text("must be lower than the one you two have now").wait_for()
    see_row(phone, "Light", "In effect")


def test_the_rhythm_changes_by_the_keyboard(open_phone, couple):
    robin, kim = couple
    phone = open_phone("desktop")
    phone.sign_in(robin, "/us/rhythm")
    gentle = phone.button("Gentle")
    gentle.focus()
    phone.page.keyboard.press("Enter")
    phone.see("Only what you send follows it.")
    phone.page.keyboard.press("Tab")
    phone.page.keyboard.press("Tab")
    phone.page.keyboard.press("Enter")
    see_row(phone, "Gentle", "Quietly, for you")
    assert kim.send("GET", "/couple")["rhythm"] == "together"
    assert robin.send("GET", "/me/rhythm")["quiet_rhythm"] == "gentle"
    phone.page.get_by_role("dialog").wait_for(state="detached")
    assert gentle.evaluate("each => each === document.activeElement")
    phone.check_accessible()
    phone.button("Together").click()
    phone.button("Go along with this").click()
    see_row(phone, "Together", "Your choice")


def test_leaving_is_beside_space_and_the_partner_finds_one_sentence(open_phone, couple):
    robin, kim = couple
    first, second = open_phone(), open_phone("iPhone 15")
    second.expect_refusal(404)
    second.sign_in(kim, "/us")
    second.heading("You and Robin").wait_for()
    first.sign_in(robin, "/us/leaving")
    first.heading("Space keeps everything").wait_for()
    leave, space = [card.bounding_box() for card in first.page.locator(".two-ways .card").all()]
    assert (leave["width"], leave["height"]) == pytest.approx((space["width"], space["height"]), abs=1)
    first.check_accessible()
    first.button("Leave", exact=True).click()
    first.button("Leave now").click()
    first.heading("No longer connected").wait_for()
    first.link("Your dates so far").wait_for()
    focus(second)
    second.see(
        "You two are no longer connected here. What you wrote is still yours. The dates you had planned are off."
    )
    second.link("What you received").first.wait_for()
    first.link("Blocks").click()
    first.button("Your last partner").click()
    in_dialog(first, "Block").click()
    see_row(first, "Kim", "Since")
    first.check_accessible()
    first.button("Lift").click()
    in_dialog(first, "Lift").click()
    first.see("You have not blocked anyone.")


def test_a_person_alone_has_their_own_side_and_can_block_by_a_code(open_phone, served):
    alex, ben = phones.sign_up(served, "Alex"), phones.sign_up(served, "Ben")
    phone = open_phone("desktop")
    phone.expect_refusal(404)
    phone.sign_in(alex, "/us")
    phone.link("Connect with your partner").wait_for()
    expect(phone.link("Leaving")).to_have_count(0)
    phone.see("Rekindle 0.")
    phone.check_accessible()
    phone.go("/us/pace")
    phone.heading("This is for two").wait_for()
    phone.go("/us/blocks")
    phone.page.get_by_label("Code").fill("AAAA-BBBB-CCCC")
    phone.button("Block", exact=True).click()
    phone.page.locator("[role=alert] .notice").wait_for()
    assert phone.page.get_by_label("Code").input_value() == "AAAA-BBBB-CCCC"
    phone.page.get_by_label("Code").fill(ben.send("POST", "/invitations", {})["code"])
    phone.button("Block", exact=True).click()
    see_row(phone, "Ben", "Since")
    phone.button("Everybody on this server").click()
    in_dialog(phone, "Block").click()
    see_row(phone, "Everybody on this server", "Since")


def test_signing_out_warns_about_what_was_not_sent_and_empties_the_device(open_phone, couple, served):
    robin, _ = couple
    phone = open_phone()
    phone.expected += ("Clear-Site-Data header",)  # the client sends no credentials, and empties the device itself
    phone.expect_refusal(401)  # what it asked for while it signed out
    phone.sign_in(robin)
    phone.page.evaluate(_KEEP_REFUSED)
    phone.open("/us")
    phone.button("Sign out").click()
    phone.see("1 change has not been sent. It will be lost.")
    in_dialog(phone, "Sign out").click()
    phone.page.wait_for_url("**/app/")
    phone.page.locator("nav.tabs").wait_for(state="detached")
    assert phone.page.evaluate(_COUNT_KEPT) == 0
    assert served.request("GET", "/v1/me", robin.token)[0] == 401
