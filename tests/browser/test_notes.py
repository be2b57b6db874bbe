"""Notes and the inbox in the browser: write, share, take out of view, the record, and what cannot be sent."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from tests.browser import phones
from tests.browser.phones import PASSWORD

pytestmark = pytest.mark.real_time


def write(person, body, kind="kindness", **more):
    return person.send("POST", "/notes", {"kind": kind, "body": body, **more})


def share(person, note):
    return person.send("POST", f"/notes/{note['id']}/share", None, **{"If-Match": f'"{note["version"]}"'})


def test_a_note_from_the_prompt_is_shared_read_and_taken_out_of_view(open_phone, couple):
    robin, kim = couple
    robin.send("PUT", "/me/profile", {"interests": [], "causes": [], "prompt_kinds": ["kindness", "memory"]})
    prompt = robin.send("GET", "/prompts/today")
    own, other = open_phone("Pixel 7"), open_phone("iPhone 15")
    own.sign_in(robin)
    own.link("Write a note").click()
    own.see(prompt["text"])
    words = own.page.get_by_label("Your words")
    words.fill("You made tea before I asked.")
    expect(own.page.locator("input[type=radio]:checked")).to_have_count(1)  # the prompt chooses the kind
    own.check_accessible()
    own.link("Notes").click()
    own.link("Unfinished").click()
    assert words.input_value() == "You made tea before I asked."
    own.see("You began this earlier.")
    own.button("Keep and share").click()
    own.see("Even then, a copy stays")
    own.see("You can share 70 more things")
    own.confirm("Share with Kim")
    own.see("Your note is shared with Kim.")
    (note,) = robin.send("GET", "/notes")["items"]
    assert (note["state"], note["prompt_id"], note["kind"]) == ("shared", prompt["id"], prompt["note_kind"])

    other.sign_in(kim)
    other.link("Your partner has shared a note with you.").click()
    other.heading("From Robin").wait_for()
    other.see("You made tea before I asked.")
    other.link("Today").click()
    other.link("Your partner has shared a note with you.").wait_for(state="detached")
    other.link("Notes").click()
    other.link("From Robin").click()
    other.link(prompt["note_kind"].capitalize()).first.wait_for()
    other.check_accessible()

    own.button("Take out of view").click()
    own.see("A copy stays in what Kim received")
    with own.page.expect_response("**/recall"):
        own.confirm("Take out of view")
    other.come_back()
    other.heading("No notes from Robin").wait_for()
    other.link("What you received").click()
    other.expect_refusal(403)
    password = other.page.get_by_label("Password", exact=True)
    password.fill("not the password")
    other.button("Show what I received").click()
    other.page.get_by_role("alert").get_by_text("password").wait_for()
    other.check_accessible()
    password.fill(PASSWORD)
    password.press("Enter")
    other.see("You made tea before I asked.")

    own.button("Delete").click()
    own.confirm("Delete")
    own.heading("Your notes live here").wait_for()


def test_a_note_is_answered_with_one_tap(open_phone, couple):
    robin, kim = couple
    thanks, news = write(robin, "You made tea before I asked."), write(robin, "I got the job.", "good_news")
    for note in (thanks, news):
        share(robin, note)
    own, other = open_phone("desktop"), open_phone("iPhone 15")
    other.sign_in(kim, f"/notes/{thanks['id']}")
    with other.page.expect_response("**/reaction"):
        other.button("Thank you.").click()
        expect(other.button("Thank you.")).to_have_attribute("aria-pressed", "true")
    other.check_accessible()
    with other.page.expect_response("**/reaction"):
        other.button("This touched me.").click()
    expect(other.button("This touched me.")).to_have_attribute("aria-pressed", "true")
    expect(other.button("Thank you.")).to_have_attribute("aria-pressed", "false")

    own.sign_in(robin)
    own.link("Your partner has responded to one of your notes.").click()
    own.see("This touched me.")
    own.check_accessible()
    own.link("Notes").click()
    own.link("Kindness").wait_for()
    own.see("This touched me.")
    own.check_accessible()

    with other.page.expect_response("**/reaction"):
        other.button("This touched me.").click()
    expect(other.button("This touched me.")).to_have_attribute("aria-pressed", "false")
    assert robin.send("GET", f"/notes/{thanks['id']}")["reaction"] is None
    other.go(f"/notes/{news['id']}")
    with other.page.expect_response("**/reaction"):
        other.button("Tell me all about it!").click()
    other.see("The rest is for the next time you two talk.")
    other.check_accessible()


def test_of_two_quick_taps_on_reactions_the_last_one_counts(open_phone, couple):
    robin, kim = couple
    note = write(robin, "You made tea before I asked.")
    share(robin, note)
    phone = open_phone("iPhone 15")
    phone.sign_in(kim, f"/notes/{note['id']}")
    first: list[Route] = []
    phone.page.route("**/reaction", lambda route: route.continue_() if first else first.append(route))
    phone.button("Thank you.").click()
    expect(phone.button("Thank you.")).to_have_attribute("aria-pressed", "true")
    phone.button("This touched me.").click()
    expect(phone.button("This touched me.")).to_have_attribute("aria-pressed", "true")
    expect(phone.button("Thank you.")).to_have_attribute("aria-pressed", "false")
    with phone.page.expect_response(lambda answer: "touched" in (answer.request.post_data or "")):
        first[0].continue_()
    expect(phone.button("This touched me.")).to_have_attribute("aria-pressed", "true")
    assert robin.send("GET", f"/notes/{note['id']}")["reaction"] == "touched"


def test_far_apart_a_long_note_is_kept(open_phone, couple):
    robin, _ = couple
    robin.send("PUT", "/me/pace", {"pace": 2})
    phone = open_phone("desktop")
    phone.sign_in(robin, "/notes/new")
    phone.page.get_by_label("Your words").fill("x" * 401)
    phone.button("Keep and share").click()
    phone.see("has at most 400 letters")
    phone.check_accessible()
    phone.confirm("Close")
    phone.button("Keep for me").click()
    phone.see("Your note is kept. Only you see it.")


def test_notes_are_filtered_paged_and_changed_without_losing_words(open_phone, couple):
    robin, _ = couple
    first = write(robin, "The bench by the river.", "memory")
    for number in range(20):
        write(robin, f"Thank you, time {number}.")
    phone = open_phone()
    phone.sign_in(robin, "/notes")
    phone.see("Thank you, time 19.")
    phone.button("Show more").press("Enter")
    phone.see("The bench by the river.")
    assert phone.page.evaluate("document.activeElement.innerText").startswith("Memory"), "the focus is on what appeared"
    phone.page.get_by_role("radio", name="Memory").check()
    phone.page.wait_for_url("**/notes?kind=memory")
    phone.see("The bench by the river.")
    expect(phone.page.locator(".note-card")).to_have_count(1)
    phone.check_accessible()

    phone.link("Memory").click()
    phone.link("Edit").click()
    words = phone.page.get_by_label("Your words")
    words.fill("The bench by the river, in rain.")
    robin.send("PATCH", f"/notes/{first['id']}", {"body": "The bench."}, **{"If-Match": '"1"'})
    phone.come_back()
    phone.expect_refusal(412)
    phone.button("Save").click()
    phone.page.get_by_role("alert").get_by_text("new version").wait_for()
    phone.heading("What this note says now").wait_for()
    assert words.input_value() == "The bench by the river, in rain."
    phone.button("Save").click()
    phone.button("Share with Kim").wait_for()
    assert robin.send("GET", f"/notes/{first['id']}")["body"] == "The bench by the river, in rain."


def test_a_note_that_cannot_be_shared_is_kept(open_phone, served):
    robin, kim = phones.sign_up(served, "Robin"), phones.sign_up(served, "Kim")
    phones.pair(robin, kim, "apart")
    for body in ("One.", "Two."):
        share(robin, write(robin, body))
    phone = open_phone()
    phone.sign_in(robin, "/notes/new")
    words = phone.page.get_by_label("Your words")
    words.fill("x" * 4001)
    phone.see("1 letter too many")
    assert phone.button("Keep for me").is_disabled()
    words.fill("Three.")
    phone.button("Keep and share").click()
    phone.see("You can share again from")
    phone.expect_refusal(409)
    phone.confirm("Share with Kim")
    phone.page.get_by_role("alert").get_by_text("You have reached your limit for now.").wait_for()
    phone.see("Your note is kept. It is not shared.")
    newest = robin.send("GET", "/notes")["items"][0]
    assert (newest["body"], newest["state"]) == ("Three.", "private")


def test_the_inbox_shows_what_is_new_first_and_marks_it_as_read(open_phone, couple):
    robin, kim = couple
    for body in ("One.", "Two.", "Three."):
        share(kim, write(kim, body))
    phone = open_phone("desktop")
    phone.sign_in(robin)
    unseen = robin.send("GET", "/today")["unseen"]
    phone.link("See all").click()
    rows = phone.page.locator(".inbox-row.new")
    rows.nth(unseen - 1).wait_for()
    expect(phone.heading("Earlier")).to_have_count(0)
    phone.check_accessible()
    phone.link("Your partner has shared a note with you.").first.press("Enter")
    phone.see("Three.")
    phone.page.go_back()
    phone.heading("Earlier").wait_for()
    expect(rows).to_have_count(unseen - 1)
    with phone.page.expect_response("**/v1/inbox/seen"):
        phone.button("Mark all as read").click()
    phone.heading("New for you").wait_for(state="detached")
    phone.page.locator(".inbox-row").nth(unseen - 1).wait_for()
    phone.go("/")
    phone.page.locator(".badge").wait_for(state="detached")
    assert robin.send("GET", "/today")["unseen"] == 0
