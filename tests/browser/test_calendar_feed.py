"""The calendar address in the browser: make, copy, show titles, renew and end it, and a space that ends it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.real_time


def test_a_calendar_address_from_beginning_to_end(open_phone, couple):
    robin, _ = couple
    phone = open_phone()
    phone.sign_in(robin, "/us")
    phone.link("Calendar address").click()
    phone.button("Make an address").click()
    field = phone.page.get_by_role("textbox", name="Your calendar address")
    address = field.input_value()
    phone.see("it is shown only this once")
    link = phone.link("Open in my calendar").get_attribute("href")
    assert link == f"webcal://{address.partition('://')[2]}"
    assert phone.context.request.get(address).body().startswith(b"BEGIN:VCALENDAR\r\n")
    phone.check_accessible()

    phone.page.get_by_role("switch", name="Show titles").click()
    expect(phone.page.get_by_role("switch", name="Show titles")).to_be_checked()
    phone.open("/me/calendar-feed")
    phone.see("It is not shown again.")
    expect(phone.page.get_by_role("switch", name="Show titles")).to_be_checked()
    expect(field).to_have_count(0)

    phone.button("Make a new address").click()
    phone.button("Make a new one").click()
    expect(field).not_to_have_value(address)
    # An address that another device has replaced no longer shows.
    robin.send("POST", "/calendar-feed", {})
    phone.come_back()
    expect(field).to_have_count(0)
    phone.see("It is not shown again.")
    phone.button("End the address").click()
    phone.button("End it").click()
    phone.see("The address has ended.")
    expect(phone.button("Make an address")).to_be_visible()

    # In space, the refusal is shown.
    robin.send("PUT", "/me/space", {"kind": "quiet", "dates": []})
    phone.expect_refusal(409)
    phone.button("Make an address").click()
    phone.see("You can make a calendar address again when you have ended it.")
