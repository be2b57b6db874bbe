"""Safety in the browser: the safety screen, with and without a network, and the quick exit from everywhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import phones

pytestmark = pytest.mark.real_time

CONTACT = {
    "kind": "crisis-line", "role": "Crisis line", "phone": "000 000", "text": None, "web": "https://line.example",
    "email": None, "address": None, "hours": "day and night", "note": None,
}  # fmt: skip


def see_nothing(phone):
    phone.page.wait_for_url("about:blank")
    assert phone.page.evaluate("document.documentElement.textContent.trim()") == ""


def test_the_safety_screen_needs_no_sign_in_and_no_network(open_phone):
    phone = open_phone(worker=True)
    requests = []
    phone.page.on("request", lambda request: requests.append(request))
    phone.open()
    phone.page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    phone.link("Safety").first.click()
    phone.heading("If you are afraid, or not sure").wait_for()
    phone.see("Can I speak to you without giving my name?")  # from the server
    assert phone.page.title() == "Rekindle"
    phone.check_accessible()
    phone.open("/safety")
    phone.expect_offline()
    phone.context.set_offline(True)
    phone.open("/safety")
    phone.see("Call the emergency number of the country you are in.")
    phone.see("Tell one person you trust.")
    phone.see("There is no connection.")
    expect(phone.page.get_by_text("Can I speak to you without giving my name?")).to_have_count(0)
    phone.context.set_offline(False)
    phone.page.evaluate("dispatchEvent(new Event('online'))")
    phone.see("Can I speak to you without giving my name?")


def test_contacts_are_shown_by_country_and_the_request_names_no_person(open_phone, served):
    robin = phones.sign_up(served, "Robin")
    phone = open_phone("iPhone 15")
    phone.sign_in(robin)
    headers = []

    def answer(route):
        headers.append(route.request.headers)
        page = route.fetch().json()
        countries = ["Examplia", "Otherland"]
        contacts = [{**CONTACT, "country": country, "name": f"Line of {country}"} for country in countries]
        route.fulfill(json={**page, "contacts": contacts, "countries": countries})

    phone.context.route("**/v1/safety", answer)
    phone.link("Safety").first.click()
    phone.heading("Line of Otherland").wait_for()
    phone.page.get_by_label("Examplia", exact=True).check()
    phone.heading("Line of Otherland").wait_for(state="detached")
    assert phone.link("Call 000 000").get_attribute("href") == "tel:000000"
    assert "authorization" not in headers[0]
    phone.check_accessible()
    phone.link("Safety check").click()
    phone.see("Looking changed nothing")


def test_nothing_is_left_on_the_screen_after_a_quick_exit(open_phone, couple):
    robin, _ = couple
    phone = open_phone(worker=True)
    phone.sign_in(robin)
    phone.link("Ideas").first.click()
    phone.link("Notes").first.click()
    phone.button("Quick exit").click()
    see_nothing(phone)
    for _ in range(2):  # the screens before it stay empty, too
        phone.page.go_back(wait_until="commit")
        see_nothing(phone)
    phone.open()  # a new visit is the wish of the person
    phone.button("Quick exit").wait_for()

    phone.page.keyboard.press("Escape")
    phone.page.keyboard.press("Escape")
    phone.page.keyboard.press("Tab")  # two are not enough
    phone.page.keyboard.press("Escape")
    assert phone.page.url.startswith(phone.base)
    phone.page.keyboard.press("Escape")
    phone.page.keyboard.press("Escape")
    see_nothing(phone)


def test_the_quick_exit_works_without_a_sign_in_and_in_a_dialog(open_phone, couple):
    robin, _ = couple
    phone = open_phone()
    phone.open("/safety")
    phone.button("Leave this page now").click()
    see_nothing(phone)
    phone.sign_in(robin, "/me/safety-check")
    phone.button("Empty this device").click()
    phone.page.get_by_role("dialog").wait_for()
    for _ in range(3):
        phone.page.keyboard.press("Escape")
    see_nothing(phone)
