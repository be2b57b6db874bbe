"""How things are found: from Today, each is one or two taps away, on a phone and on a desktop."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import phones
from tests.browser.test_frame import OVERFLOW
from tests.browser.test_notes import write

pytestmark = pytest.mark.real_time

DOORS = {
    "Talks": "Guides",
    "Questions for two": "Questions for two",
    "Table cards": "Table cards",
    "Requests": "Requests",
    "Memories": "Memories",
    "Promises": "Promises",
    "Reflections": "Reflections",
    "Self-care": "Guides",
}
"""The doors on Today, and the heading behind each."""


def doors(phone):
    return phone.page.get_by_role("navigation", name="More for you")


@pytest.mark.parametrize("device", ["iPhone 15", "desktop"])
def test_one_tap_from_today_leads_to_each_thing(open_phone, couple, device):
    phone = open_phone(device)
    phone.sign_in(couple[0])
    doors(phone).wait_for()
    phone.check_accessible()
    expect(doors(phone).get_by_role("link")).to_have_count(len(DOORS))
    tops = {round(box["y"]) for box in (link.bounding_box() for link in doors(phone).get_by_role("link").all()) if box}
    assert len(tops) == (1 if device == "desktop" else 2)
    for door, heading in DOORS.items():
        doors(phone).get_by_role("link", name=door, exact=True).click()
        phone.page.locator("main h1", has_text=heading).wait_for()
        phone.page.go_back()
    doors(phone).get_by_role("link", name="Self-care", exact=True).click()
    expect(phone.link("Self-care")).to_have_attribute("aria-current", "page")


def test_alone_there_are_doors_to_what_is_for_one(open_phone, served):
    phone = open_phone("desktop", viewport={"width": 320, "height": 700}, color_scheme="dark")
    phone.sign_in(phones.sign_up(served, "Sam"))
    names = ["Guides", "Questions", "Memories", "Promises", "Reflections", "Self-care"]
    expect(doors(phone).get_by_role("link")).to_have_text(names)
    phone.page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert phone.page.evaluate(OVERFLOW) == []
    cut = "[...document.querySelectorAll('.doors a')].filter((each) => each.scrollWidth > each.clientWidth).length"
    assert phone.page.evaluate(cut) == 0
    phone.check_accessible()


def test_notes_come_first_and_other_things_after_or_beside_them(open_phone, couple):
    robin, _ = couple
    for body in ("You made tea.", "You called."):
        write(robin, body)
    boxes = {}
    for device in ("Pixel 7", "desktop"):
        phone = open_phone(device)
        phone.sign_in(robin, "/notes")
        note, more = phone.page.locator(".note-card").last, phone.heading("More to write and keep")
        note.wait_for()
        boxes[device] = note.bounding_box(), more.bounding_box()
        phone.check_accessible()
        phone.page.emulate_media(color_scheme="light")
        for name in ("Memories", "Questions for two", "Requests", "Promises", "Reflections", "Questions"):
            phone.page.locator("main .rows").get_by_role("link", name=name).first.wait_for()
    note, more = boxes["Pixel 7"]
    assert note["y"] + note["height"] < min(more["y"], 839), "the notes are on the first screen, before the links"
    note, more = boxes["desktop"]
    assert more["x"] > note["x"] + note["width"]
    assert more["y"] < note["y"]


def test_the_question_of_the_week_is_answered_from_today(open_phone, couple):
    robin, _ = couple
    (question,) = robin.send("GET", "/questions/current")["items"]
    phone = open_phone()
    phone.sign_in(robin)
    phone.see(question["prompt"]["text"])
    phone.check_accessible_at_both_sizes()
    phone.link("Answer it").click()
    phone.page.get_by_label("Your answer").fill("The bakery, at six.")
    phone.button("Seal my answer").click()
    phone.see("Your answer is sealed.")
    phone.link("Today").first.click()
    phone.link("See your answer").wait_for()
    expect(phone.link("Answer it")).to_have_count(0)
    phone.check_accessible_at_both_sizes()
    robin.send("PUT", "/me/space", {"kind": "quiet", "dates": []})
    phone.come_back()
    phone.heading("A question for two").wait_for(state="detached")
