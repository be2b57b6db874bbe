"""Changes of agreed dates in the browser: another time, other words, and dates that the two agreed on already."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.test_dates import accept, choose_own_time, day, fill_time, idea, propose

pytestmark = pytest.mark.real_time


def move(person, date, *walls):
    slots = [{"local_time": wall, "minutes": 60} for wall in walls]
    return person.send("POST", f"/dates/{date['id']}/move", {"slots": slots}, **{"If-Match": f'"{date["version"]}"'})


def test_two_phones_move_a_date(open_phone, couple):
    robin, kim = couple
    chosen = idea(robin)
    date = accept(kim, propose(robin, f"{day(6)}T19:00", activity=chosen))
    accept(kim, propose(robin, f"{day(6)}T20:00", activity=chosen))
    # A date in another zone and on the next day there: instants tell that it overlaps.
    late = {"local_time": f"{day(9)}T20:30", "zone": "America/New_York", "minutes": 60}
    accept(kim, robin.send("POST", "/dates", {"activity_id": chosen["id"], "slots": [late]}))
    robin.send("POST", "/inbox/seen", {})
    phone = open_phone("Pixel 7")
    phone.sign_in(robin, f"/dates/{date['id']}")
    phone.button("Move it").click()
    dialog = phone.page.get_by_role("dialog")
    dialog.get_by_text("The date keeps its time until Kim says yes.").wait_for()
    phone.button("Offer these times").click()
    dialog.get_by_text("Choose a day and a time.").wait_for()
    overlap = f"You have “{chosen['title']}” at this time."
    row = fill_time(phone, 1, f"{day(10)}T01:00")
    row.get_by_text(overlap).wait_for()
    fill_time(phone, 1, f"{day(6)}T19:30")
    expect(row.get_by_text(overlap)).to_have_count(1)  # the date itself is no overlap
    phone.check_accessible()
    phone.button("Offer these times").click()
    phone.heading("You asked Kim to move it").wait_for()
    assert "19:00" in phone.page.locator(".when").inner_text()
    phone.button("Take it back").click()
    phone.button("Move it").click()
    fill_time(phone, 1, f"{day(6)}T20:30")
    phone.button("Offer these times").click()
    phone.heading("You asked Kim to move it").wait_for()

    other = open_phone("iPhone 15", timezone_id="America/New_York", color_scheme="dark")
    other.sign_in(kim)
    other.see("Robin asks to move it")
    other.go(f"/dates/{date['id']}")
    other.heading("Robin would like to move it").wait_for()
    other.page.locator(".date-question").get_by_role("link", name=overlap).wait_for()
    other.check_accessible()
    other.button("Yes to").click()
    other.see("Agreed. Robin gets your yes.")
    expect(other.heading("Robin would like to move it")).to_have_count(0)
    phone.come_back()
    expect(phone.page.locator(".when")).to_contain_text("20:30")


def test_a_move_is_declined_and_may_be_too_late(open_phone, couple):
    robin, kim = couple
    chosen = idea(robin)
    date = move(
        kim, accept(kim, propose(robin, f"{day(6)}T19:00", activity=chosen)), f"{day(6)}T10:00", f"{day(7)}T10:00"
    )
    robin.send("POST", "/inbox/seen", {})
    phone = open_phone("desktop")
    phone.sign_in(robin, f"/calendar?day={day(6)}")
    phone.page.locator(".chosen-day").get_by_text("Kim asks to move it").click()
    expect(phone.button("Yes to")).to_have_count(2)
    # Kim takes it back while it is on Robin's screen.
    withdrawn = kim.send("POST", f"/dates/{date['id']}/move/withdraw", None, **{"If-Match": f'"{date["version"]}"'})
    phone.expect_refusal(404, 409, 412)  # 404: an item that Robin has answered before it was marked as seen
    phone.button("Yes to").first.click()
    phone.page.get_by_role("alert").get_by_text("make your change again").wait_for()
    expect(phone.button("Yes to")).to_have_count(0)
    move(kim, withdrawn, f"{day(9)}T10:00")
    phone.come_back()
    phone.button("Keep the time").click()
    phone.see("The date keeps its time. Kim sees that.")
    phone.button("Move it").wait_for()
    kept = kim.send("GET", f"/dates/{date['id']}")
    assert (kept["move"], kept["slots"][0]["local_time"]) == (None, f"{day(6)}T19:00")


def test_a_date_that_was_agreed_already_is_denied_or_confirmed(open_phone, couple):
    robin, kim = couple
    chosen = idea(robin)
    accept(kim, propose(robin, f"{day(5)}T18:30", activity=chosen))
    phone = open_phone("Pixel 7")
    phone.sign_in(robin, f"/propose/{chosen['id']}")
    choose_own_time(phone)
    fill_time(phone, 1, f"{day(5)}T19:00")
    phone.see(f"You have “{chosen['title']}” at this time.")
    phone.button("Add another time").click()
    phone.page.get_by_role("radio", name="We have agreed already").check()
    expect(phone.page.get_by_label("Day", exact=True)).to_have_count(1)
    phone.see("Kim sees it and can say if that is not so.")
    phone.page.get_by_label("Place").fill("The bridge by the mill")
    phone.check_accessible()
    phone.expect_offline()
    phone.page.route("**/v1/dates", lambda route: route.abort())
    phone.button("Write it down").click()
    phone.see("This waits for a connection")
    phone.see("We have agreed already")
    phone.page.unroute("**/v1/dates")
    phone.see("Kim has not confirmed it yet.")
    phone.see("The bridge by the mill")
    date = next(each for each in kim.send("GET", "/dates")["items"] if each["recorded"])
    again = propose(robin, f"{day(9)}T19:00", activity=chosen, agreed=True)

    other = open_phone("iPhone 15", timezone_id="America/New_York")
    other.sign_in(kim)
    other.see("Robin noted this as agreed")
    other.go(f"/dates/{date['id']}")
    other.heading("Robin wrote this down as agreed. Is that right?").wait_for()
    other.check_accessible()
    other.button("That is not right").click()
    dialog = other.page.get_by_role("dialog")
    dialog.get_by_text("Robin reads that you two had not agreed on it").wait_for()
    dialog.get_by_role("button", name="That is not right").click()
    other.see("You said that this was not agreed")
    phone.come_back()
    phone.see("Kim said that this was not agreed")
    other.go(f"/dates/{again['id']}")
    other.button("That is right").click()
    other.see("Good. It is in your calendar.")
    assert not robin.send("GET", f"/dates/{again['id']}")["recorded"]


def test_the_note_and_the_place_change(open_phone, couple):
    robin, kim = couple
    date = accept(kim, propose(robin, f"{day(6)}T19:00", message="Shall we?", place="At home"))
    alone = propose(robin, f"{day(7)}T19:00", activity=idea(robin, "one"), **{"for": "one"})
    phone = open_phone("iPhone 15")
    phone.sign_in(robin, f"/dates/{date['id']}")
    phone.button("Change note or place").click()
    phone.see("Kim sees this.")
    phone.see("New words use one of the things that you can still share this week")
    # Kim changes the place while Robin writes: what Robin typed stays, and can be sent again.
    note = phone.page.get_by_role("textbox", name="Note")
    note.fill("Bring the blue blanket.")
    phone.check_accessible()
    edited = {"place": "The bridge by the mill"}
    kim.send("PATCH", f"/dates/{date['id']}", edited, **{"If-Match": f'"{date["version"]}"'})
    phone.expect_refusal(409, 412)
    phone.button("Save").click()
    phone.page.get_by_role("dialog").get_by_role("alert").get_by_text("make your change again").wait_for()
    assert note.input_value() == "Bring the blue blanket."
    phone.button("Save").click()
    phone.see("Bring the blue blanket.")
    phone.see("The bridge by the mill")
    seen = kim.send("GET", f"/dates/{date['id']}")
    assert (seen["message"], seen["place"]) == ("Bring the blue blanket.", "The bridge by the mill")
    phone.button("Share as text").click()
    assert "The bridge by the mill" in phone.page.get_by_role("textbox", name="Share as text").input_value()
    phone.page.keyboard.press("Escape")

    # A date for one moves at once.
    phone.go(f"/dates/{alone['id']}")
    phone.button("Move it").click()
    fill_time(phone, 1, f"{day(8)}T19:00")
    phone.button("Move it to this time").click()
    phone.see("It has a new time.")
    assert robin.send("GET", f"/dates/{alone['id']}")["slots"][0]["local_time"] == f"{day(8)}T19:00"
