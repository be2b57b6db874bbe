"""E-mail in the browser: give, confirm and remove an address, set a new password by a code, and end mails."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from planner.storage import db
from tests import mailboxes
from tests import served as served_
from tests.browser.phones import PASSWORD, sign_up
from tests.browser.test_frame import OVERFLOW
from tests.email_addresses import NEW_PASSWORD, PATH, unsubscribe_token
from tests.mailboxes import Mailboxes
from tests.served import Served

pytestmark = pytest.mark.real_time


@pytest.fixture(scope="module")
def boxes() -> Iterator[Mailboxes]:
    with mailboxes.running() as running:
        yield running


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('mail') / 'rekindle.sqlite3'}"


@pytest.fixture(scope="module")
def served(database: str, boxes: Mailboxes) -> Iterator[Served]:
    with served_.running(database, trusted_proxies="1", **boxes.variables()) as running:
        yield running


def check(phone):
    """Check the screen with axe, and its width on the narrowest phone at double text size."""
    phone.check_accessible()
    check_width(phone)


def check_width(phone):
    """Check that the narrowest phone shows the screen at double text size."""
    size = phone.page.viewport_size
    phone.page.set_viewport_size({"width": 320, "height": 800})
    phone.page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert phone.page.evaluate(OVERFLOW) == []
    phone.page.evaluate("document.documentElement.style.fontSize = ''")
    phone.page.set_viewport_size(size)


def test_an_address_from_beginning_to_end(open_phone, served, boxes):
    robin, address = sign_up(served, "Robin"), "robin@example.org"
    phone = open_phone()
    phone.expect_refusal(403, 422)
    phone.sign_in(robin, "/us")
    phone.link("E-mail").click()
    phone.see("You do not need one.")
    phone.see("If your partner can read your mail, give another address, or none.")
    check(phone)
    field, resets = phone.page.get_by_label("E-mail address"), phone.page.get_by_role("switch")
    expect(resets).to_be_checked()
    resets.uncheck()
    field.fill("robin@example")
    phone.page.get_by_role("textbox", name="Your password").fill("not my password")
    phone.button("Send me a code").click()
    phone.see("This is not an e-mail address.")
    field.fill(address)
    phone.button("Send me a code").click()
    phone.see("The current password is wrong.")
    phone.page.get_by_role("textbox", name="Your password").fill(PASSWORD)
    phone.button("Send me a code").click()
    phone.see(f"A mail with a code is on its way to {address}.")
    check(phone)

    boxes.wait_for(1, address)
    code = phone.page.get_by_label("Code from the mail")
    code.fill("ABCDE-FGHIJ")
    phone.button("Confirm the address").click()
    phone.see("This code is wrong, or it has expired or been used.")
    code.fill(boxes.code(address).lower())
    phone.button("Confirm the address").click()
    phone.see(f"Your address is confirmed: {address}")
    phone.see("No mail can set a new password.")
    for name in ("Write to me when something waits", "Say what it is"):
        phone.page.get_by_role("switch", name=name).click()
        expect(phone.page.get_by_role("switch", name=name)).to_be_checked()
    check(phone)
    phone.open("/me/email")
    expect(phone.page.get_by_role("switch", name="Say what it is")).to_be_checked()

    phone.button("Change the address, or how it is used").click()
    phone.page.get_by_role("switch", name="A mail can set").check()
    phone.page.get_by_role("textbox", name="Your password").fill(PASSWORD)
    phone.button("Save").click()
    phone.see("A code from a mail can set a new password.")
    own = robin.send("GET", PATH)
    assert (own["notifies"], own["shows_details"], own["resets_password"]) == (True, True, True)
    phone.link("Choose what may reach you").click()
    phone.heading("What comes by mail").wait_for()
    by_mail = phone.page.locator("section", has=phone.heading("What comes by mail"))
    by_mail.get_by_role("switch", name="Notes").click()
    phone.check_accessible()
    phone.button("Save").click()
    phone.see("Saved")
    channels = robin.send("GET", "/me/preferences")["channels"]
    assert (channels["note"], channels["reminder"]) == (["push"], ["push", "mail"])
    phone.page.go_back()

    phone.go("/me/safety-check")
    line = phone.page.locator("li.card", has_text="they can set a new password")
    line.get_by_text("How to end it").click()
    line.get_by_text("Your partner may notice this").wait_for()
    phone.go("/me/email")
    phone.button("Remove the address").click()
    phone.button("Remove it").click()
    phone.see("The address is removed.")
    expect(field).to_have_value("")
    boxes.wait_for(2, address)
    assert boxes.mails[-1]["Subject"] == "Rekindle no longer uses this address"


def confirm(account, boxes, address):
    account.send("PUT", PATH, {"address": address, "password": PASSWORD})
    boxes.wait_for(1, address)
    account.send("POST", f"{PATH}/confirm", {"code": boxes.code(address)})


def test_a_forgotten_password_is_set_anew_by_mail(open_phone, served, boxes):
    kim, address = sign_up(served, "Kim"), "kim@example.org"
    confirm(kim, boxes, address)
    phone = open_phone("iPhone 15")
    phone.expect_refusal(401, 403)
    phone.open("/sign-in")
    phone.link("I forgot my password").click()
    phone.link("I have no recovery code: send me a mail").click()
    phone.check_accessible_at_both_sizes()
    check_width(phone)
    phone.page.get_by_label("Sign-in name").fill(kim.answer["sign_in_name"].replace("-", " "))
    phone.button("Send me a code").click()
    phone.see("If there is such an account")
    phone.check_accessible_at_both_sizes()
    check_width(phone)
    boxes.wait_for(2, address)
    phone.page.get_by_label("New password").fill(NEW_PASSWORD)
    phone.page.get_by_label("Code from the mail").fill("ABCDE-FGHIJ")
    phone.button("Set the new password").click()
    phone.see("This code is wrong")
    phone.page.get_by_label("Code from the mail").fill(boxes.code(address))
    phone.button("Set the new password").click()
    phone.page.locator("nav.tabs").wait_for()
    assert served.request("GET", "/v1/me", kim.token)[0] == 401
    boxes.wait_for(3, address)
    assert boxes.mails[-1]["Subject"] == "Your Rekindle password was changed"


def test_a_code_renewed_after_a_reset_says_which_code_opens_the_reflections(open_phone, served, boxes):
    kim, address = sign_up(served, "Kim"), "kim-locked@example.org"
    confirm(kim, boxes, address)
    kim.send("POST", "/me/reflections/unlock", {"password": PASSWORD})
    kim.send("POST", "/reflections", {"body": "What I wanted to say."})
    phone = open_phone("Pixel 7", color_scheme="dark")
    phone.open("/recovery/email")
    phone.page.get_by_label("Sign-in name").fill(kim.answer["sign_in_name"])
    phone.button("Send me a code").click()
    boxes.wait_for(2, address)
    phone.page.get_by_label("New password").fill(NEW_PASSWORD)
    phone.page.get_by_label("Code from the mail").fill(boxes.code(address))
    phone.button("Set the new password").click()
    phone.page.locator("nav.tabs").wait_for()
    phone.go("/me/account")
    phone.see("only your present code opens them")
    phone.page.get_by_label("Your password, for a new code").fill(NEW_PASSWORD)
    phone.button("Make a new code").click()
    phone.see("Keep your earlier code, too: only it opens your reflections.")
    check(phone)
    code = phone.page.locator("dt + dd").nth(1).inner_text()

    again = open_phone("desktop")
    again.open("/recovery")
    again.page.get_by_label("Sign-in name").fill(kim.answer["sign_in_name"])
    again.page.get_by_label("Recovery code").fill(code)
    again.page.get_by_label("New password", exact=True).fill(PASSWORD)
    again.button("Set the new password").click()
    again.see("this is the new one")
    again.see("Keep your earlier code, too: only it opens your reflections.")
    check(again)


def test_a_mailbox_that_does_not_exist_is_shown(open_phone, served, boxes):
    robin, address = sign_up(served, "Robin"), "nobody@example.org"
    boxes.refused[address] = "550 5.1.1 No such user"
    robin.send("PUT", PATH, {"address": address, "password": PASSWORD})
    ends_at = time.monotonic() + 20
    while robin.send("GET", PATH)["state"] != "refused":
        assert time.monotonic() < ends_at
        time.sleep(0.1)
    phone = open_phone()
    phone.sign_in(robin, "/me/email")
    phone.see(f"The mail server says that there is no mailbox {address}.")
    check(phone)


def test_a_page_without_sign_in_ends_mails(open_phone, served, boxes, database):
    robin = sign_up(served, "Robin")
    confirm(robin, boxes, "robin2@example.org")
    served.request("PATCH", f"/v1{PATH}", robin.token, {"notifies": True})
    db.open_database(database)
    token = unsubscribe_token(robin.answer["session"]["person_id"])
    db.dispose()
    phone = open_phone()
    phone.page.goto(f"http://127.0.0.1:{served.port}/unsubscribe/{token}")
    phone.see("It still sends the codes that you ask for")
    check(phone)
    phone.button("Send me no more").click()
    phone.see("You can switch them on again in Rekindle.")
    assert robin.send("GET", PATH)["notifies"] is False
    phone.expect_refusal(404)
    phone.page.goto(f"http://127.0.0.1:{served.port}/unsubscribe/wrong")
    phone.see("This link no longer works")


def test_a_server_without_mail_offers_none(open_phone, served):
    def without_mail(route):
        answer = route.fetch(headers={"Accept": "application/json"})  # without the tag: a 304 has no body
        route.fulfill(response=answer, json=answer.json() | {"mail": False})

    phone = open_phone()
    phone.context.route("**/v1/server", without_mail)
    phone.open("/recovery")
    phone.settle()
    expect(phone.link("I have no recovery code: send me a mail")).to_have_count(0)
    phone.sign_in(sign_up(served, "Robin"), "/us")
    phone.link("Where you are signed in", exact=True).wait_for()
    expect(phone.link("E-mail")).to_have_count(0)
    phone.context.unroute_all(behavior="ignoreErrors")  # the server may be asked again at this moment
