"""Busy calendars in the browser: add one by address or as a file, see faults, change and remove."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.calendars import calendar, event

pytestmark = pytest.mark.real_time


def evening() -> tuple[str, str]:
    """Return the evening of the day after tomorrow, in UTC."""
    day = datetime.now() + timedelta(days=2)  # noqa: DTZ005  # only its day counts
    return f"{day:%Y%m%d}T180000Z", f"{day:%Y%m%d}T220000Z"


def add(phone, name, address):
    phone.page.get_by_label("Name", exact=True).fill(name)
    phone.page.get_by_label("Secret address").fill(address)
    phone.button("Add the calendar").click()


def card(phone, name):
    return phone.page.locator(".calendar-card", has_text=name)


def test_a_calendar_by_address_is_read_within_seconds_and_says_what_is_wrong(open_phone, couple, calendar_host):
    robin, kim = couple
    phone = open_phone()
    phone.sign_in(robin, "/us")
    phone.link("Your calendars").click()
    phone.see("Kim sees none of this.")
    phone.expect_refusal(422)
    add(phone, "Work", "http://calendar.example.org/")
    phone.see("This address is not encrypted.")
    assert phone.page.get_by_label("Name", exact=True).input_value() == "Work", "nothing typed is lost"
    phone.page.locator("summary", has_text="Where do I find the address?").click()
    phone.see("Secret address in iCal format")
    phone.check_accessible()

    add(phone, "Work", calendar_host.serve("/robin/secret.ics", calendar(event("1", *evening()), event("2", "noon"))))
    phone.see("It is being read.")
    phone.see("1 busy time ahead.")
    phone.see("1 event could not be read.")
    assert "secret" not in phone.page.locator("main").inner_text()
    calendar_host.serve("/robin/secret.ics", "", 404)
    card(phone, "Work").get_by_role("button", name="Read again").click()
    phone.see("There is no calendar at this address.")
    phone.see("the 1 busy time from then still counts")
    phone.check_accessible()

    phone.button("Change the name of Work").click()
    phone.page.get_by_role("dialog").get_by_label("Name", exact=True).fill("Office")
    phone.button("Save").click()
    expect(phone.page.get_by_role("dialog")).to_have_count(0)
    card(phone, "Office").get_by_role("button", name="Remove").click()
    phone.page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    phone.see("“Office” is removed.")
    expect(phone.page.locator(".calendar-card")).to_have_count(0)
    assert kim.send("GET", "/busy-calendars")["items"] == []


def test_a_file_is_read_at_once_on_a_desktop(open_phone, couple):
    robin, _ = couple
    phone = open_phone("desktop", color_scheme="dark")
    phone.sign_in(robin, "/me/busy-calendars")
    phone.expect_refusal(422)
    phone.page.get_by_label("Name", exact=True).fill("Holidays")
    phone.page.get_by_label("From a file", exact=True).check()
    assert phone.page.get_by_label("Name", exact=True).input_value() == "Holidays"
    chooser = phone.page.get_by_label("Calendar file")

    def choose(text: str) -> None:
        chooser.set_input_files({"name": "holidays.ics", "mimeType": "text/calendar", "buffer": text.encode()})

    choose("x" * 2_000_001)
    phone.see("This file is larger than 2 MB.")
    phone.page.get_by_label("By address", exact=True).check()
    phone.page.get_by_label("From a file", exact=True).check()
    expect(chooser).to_have_value("")
    expect(phone.page.get_by_text("This file is larger than 2 MB.")).to_have_count(0)
    choose("<html>")
    phone.button("Read the file").click()
    phone.see("This is not a calendar file.")
    # Another name leaves the file chosen, and the form can be sent.
    phone.page.get_by_label("Name", exact=True).fill("Free days")
    with phone.page.expect_response("**/v1/busy-calendars/files") as answer:
        phone.button("Read the file").click()
    assert answer.value.status == 422
    phone.page.get_by_label("Name", exact=True).fill("Holidays")
    day, after = (datetime.now() + timedelta(days=days) for days in (3, 6))  # noqa: DTZ005
    choose(calendar(event("1", f";VALUE=DATE:{day:%Y%m%d}", f";VALUE=DATE:{after:%Y%m%d}")))
    phone.button("Read the file").click()
    holidays = card(phone, "Holidays")
    expect(holidays).to_contain_text("0 busy times ahead.")
    whole_days = holidays.get_by_role("switch", name="Whole days count as busy")
    phone.expect_offline()
    phone.context.set_offline(True)
    whole_days.click()
    expect(holidays.get_by_role("alert")).not_to_be_empty()
    expect(whole_days).not_to_be_checked()
    phone.context.set_offline(False)
    whole_days.check()
    expect(holidays).to_contain_text("3 busy times ahead.")
    phone.check_accessible()
    (item,) = robin.send("GET", "/busy-calendars")["items"]
    assert (item["all_day"], item["kind"]) == (True, "file")


def test_a_hidden_page_does_not_ask_for_a_calendar_that_is_being_read(open_phone, couple):
    robin, _ = couple
    waiting = robin.send("POST", "/busy-calendars/files", {"name": "Work", "text": calendar()}) | {"state": "waiting"}
    asked = []

    def answer(route):
        asked.append(route.request.url)
        route.fulfill(json={"items": [waiting]})

    phone = open_phone("iPhone 15", fresh=True)
    phone.page.route("**/v1/busy-calendars", answer)
    phone.page.clock.install()
    phone.sign_in(robin, "/me/busy-calendars")
    phone.see("It is being read.")
    with phone.page.expect_response("**/v1/busy-calendars"):
        phone.page.clock.run_for(2500)
    phone.page.evaluate("Object.defineProperty(document, 'visibilityState', {value: 'hidden'})")
    before = len(asked)
    phone.page.clock.run_for(10_000)
    phone.page.evaluate("fetch('/health').then(() => 1)")  # a request before it would be here by now
    assert len(asked) == before
