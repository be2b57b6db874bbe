"""Photos in the browser: those of memories, dates and ideas, on the phones of both, and their end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.photos import encoded, picture

pytestmark = pytest.mark.real_time


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file with a photo that is turned, and has a place."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded("JPEG", picture(1200, 800), orientation=6))
    return path


def add(phone, file, caption="", hint=""):
    phone.page.locator("input[type=file]").set_input_files(file)
    phone.heading("A new photo").wait_for()
    phone.page.get_by_alt_text("The photo that you chose").wait_for()
    if hint:
        phone.see(hint)
    phone.page.get_by_label("What it shows").fill(caption)
    phone.check_accessible()
    phone.confirm("Add")
    phone.heading("A new photo").wait_for(state="detached")  # the message of an earlier photo may still be there
    phone.see("The photo is added.")


def width_of(phone, alt):
    """Return the width of a picture that has been drawn."""
    picture_shown = phone.page.get_by_alt_text(alt)
    picture_shown.wait_for()
    return picture_shown.evaluate("image => image.naturalWidth")


def agree(sender, answerer, activity):
    start = (datetime.now(UTC) + timedelta(days=3)).strftime("%Y-%m-%dT19:00")
    body = {"activity_id": activity, "slots": [{"local_time": start, "zone": "UTC", "minutes": 90}]}
    date = sender.send("POST", "/dates", body)
    accepted = {"slot_id": date["slots"][0]["id"]}
    answerer.send("POST", f"/dates/{date['id']}/accept", accepted, **{"If-Match": '"1"'})
    return date


def test_a_memory_with_a_photo_is_written_shared_and_loses_it(open_phone, couple, file):
    robin, _ = couple
    own, other = open_phone("Pixel 7"), open_phone("iPhone 15")
    own.sign_in(robin, "/notes/new")
    own.page.get_by_label("Your words").fill("The bench by the river.")
    own.see("A note of the kind “Memory” can have photos.")
    own.page.get_by_role("radio", name="Memory").check()
    own.see("Once you keep it, you can add photos.")
    own.check_accessible()
    own.button("Keep for me").click()
    own.heading("Photos").wait_for()
    own.see("Kim sees the photos when you share the note.")
    add(own, file, "The bench")
    own.button("Show The bench").click()
    assert width_of(own, "The bench") == 800, "it is upright"
    own.check_accessible()
    own.button("Close").click()
    own.button("Share with Kim").click()
    own.confirm("Share with Kim")
    own.see("Your note is shared with Kim.")
    expect(own.page.locator("input[type=file]")).to_have_count(0)

    other.sign_in(couple[1], "/notes?from=partner")
    assert width_of(other, "The bench") == 320
    other.check_accessible()
    other.link("Memory").first.click()
    other.button("Show The bench").click()
    other.heading("A photo from Robin").wait_for()
    expect(other.page.get_by_role("dialog").get_by_role("button", name="Delete")).to_have_count(0)
    other.button("Close").click()

    own.button("Show The bench").click()
    width_of(own, "The bench")
    own.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    own.see("it leaves their view at once")
    own.confirm("Delete the photo")
    own.see("The photo is deleted.")
    other.come_back()
    expect(other.page.locator(".photo-button")).to_have_count(0)


def test_a_date_and_an_idea_have_photos_of_both(open_phone, couple, file):
    robin, kim = couple
    idea = {"title": "Row to the island", "category": "outdoors", "for": "either", "pace": 3}
    idea_id = robin.send("POST", "/activities", idea)["id"]
    own, other = open_phone("desktop"), open_phone("iPhone 15", color_scheme="dark")
    own.sign_in(robin, f"/activities/{idea_id}")
    own.see("Kim sees the photos when you propose the idea.")
    add(own, file, "The island")
    date = agree(robin, kim, idea_id)

    own.go(f"/dates/{date['id']}")
    own.heading("Photos").wait_for()
    add(own, file, hint="more things")
    other.sign_in(kim, "/inbox")
    other.link("Your partner added a photo to one of your dates.").click()
    other.button("Show photo 1").wait_for()
    add(other, file, "The boat", hint="Robin sees it at once.")
    other.check_accessible()
    other.go(f"/activities/{date['activity']['id']}")
    other.button("Show The island").wait_for()
    expect(other.page.locator("input[type=file]")).to_have_count(0)
    own.come_back()
    own.button("Show The boat").wait_for()
    own.check_accessible()
    other.go("/notes/received")
    other.page.get_by_label("Password", exact=True).fill("a long enough password")
    other.button("Show what I received").click()
    other.see("A photo: The island")

    own.go("/me/photos")
    own.link("To the idea").wait_for()
    own.check_accessible()
    own.button("Show The island").click()
    width_of(own, "The island")  # its file would be gone while it loads
    own.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    own.confirm("Delete the photo")
    expect(own.page.locator(".photo-row")).to_have_count(1)


def test_a_file_that_is_no_photo_says_why(open_phone, couple, tmp_path):
    robin, _ = couple
    note = robin.send("POST", "/notes", {"kind": "memory", "body": "The mill."})
    path = tmp_path / "photo.heic"
    path.write_bytes(b"not a photo at all")
    phone = open_phone()
    phone.expect_refusal(422)
    phone.sign_in(robin, f"/notes/{note['id']}")
    phone.page.locator("input[type=file]").set_input_files(path)
    phone.see("This browser cannot show this photo.")
    phone.confirm("Add")
    phone.see("This is not a photo that we can read.")
    phone.check_accessible()
    phone.confirm("Cancel")
    assert robin.send("GET", "/photos")["items"] == []


def test_leaving_can_delete_the_photos_of_both_in_the_same_step(open_phone, couple, file):
    robin, kim = couple
    date = agree(robin, kim, robin.send("GET", "/deck")["items"][0]["id"])
    phone = open_phone()
    phone.sign_in(robin, f"/dates/{date['id']}")
    phone.heading("Photos").wait_for()
    add(phone, file)
    phone.go("/us/leaving")
    phone.button("Leave").click()
    phone.page.get_by_role("switch", name="Also delete my photos of us").check()
    phone.check_accessible()
    phone.confirm("Leave now")
    phone.see("You two are no longer connected")
    assert robin.send("GET", "/photos")["items"] == []
