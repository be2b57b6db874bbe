"""Reflections on a phone: the first time, ten minutes and a stop, the lock, and beginning afresh."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import expect

from tests.browser import phones
from tests.browser.phones import PASSWORD, Phone

WORDS = "It was about being heard."
_STORED = """async () => {
    const opened = await new Promise((resolve) => {
        const request = indexedDB.open("rekindle", 1);
        request.onsuccess = () => resolve(request.result);
    });
    const all = (name) => new Promise((resolve) => {
        const asked = opened.transaction(name).objectStore(name).getAll();
        asked.onsuccess = () => resolve(asked.result);
    });
    const kept = [await all("kept"), await all("outbox"), {...localStorage}, {...sessionStorage}];
    opened.close();
    return JSON.stringify(kept);
}"""


def look(phone: Phone, name: str) -> None:
    """Take pictures in light and dark, if a folder for them is named."""
    folder = os.environ.get("PICTURES")
    for scheme in ("light", "dark") if folder else ():
        phone.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        phone.page.screenshot(path=Path(str(folder)) / f"{name}-{scheme}.png", full_page=True)


def test_ten_minutes_for_oneself(open_phone, couple):
    robin, _ = couple
    phone = open_phone(fresh=True)
    phone.page.clock.install()
    phone.sign_in(robin, "/notes")
    phone.link("Reflections").click()
    phone.see("The person who runs the server could change the software")
    phone.check_accessible()
    look(phone, "first")
    phone.page.get_by_label("Password", exact=True).fill("wrong")
    phone.expect_refusal(403)
    phone.button("Begin").click()
    phone.see("The current password is wrong.")
    phone.page.get_by_label("Password", exact=True).fill(PASSWORD)
    phone.button("Begin").click()
    phone.see("Or something neutral")
    phone.see("Nothing yet")
    phone.check_accessible()
    look(phone, "open")

    question = phone.page.locator(".question").first.inner_text()
    phone.link("Write about it").click()
    phone.see(question)
    phone.see("10:00 left")
    words = phone.page.get_by_label("Your words")
    words.fill("It was")
    phone.page.clock.fast_forward("04:00")
    phone.see("6:00 left")
    phone.check_accessible()
    look(phone, "writing")
    phone.go("/notes/reflections")
    phone.see("You began something")
    phone.link("Go on writing").click()
    phone.see(question)
    assert words.input_value() == "It was"
    words.fill(WORDS)
    phone.page.clock.fast_forward("07:00")
    phone.see("Ten minutes are over.")
    phone.button("Stop").click()
    phone.check_accessible()
    look(phone, "stop")
    phone.confirm("Go on writing")
    phone.button("Stop").click()
    phone.confirm("Keep for me")
    phone.link(question).click()
    phone.see(WORDS)
    phone.check_accessible()
    look(phone, "one")
    expect(phone.button("Share")).to_have_count(0)
    assert WORDS not in phone.page.evaluate(_STORED), "nothing stays on the device"
    phone.link("Edit").click()
    words.fill("Other words.")
    phone.button("Save").click()
    phone.see("Other words.")
    phone.button("Delete").click()
    phone.confirm("Delete")
    phone.see("Nothing yet")
    assert robin.send("GET", "/me/reflections")["reflections"] == 0


def test_what_is_stopped_can_be_discarded(open_phone, couple):
    robin, _ = couple
    robin.send("POST", "/me/reflections/unlock", {"password": PASSWORD})
    phone = open_phone("desktop")
    phone.sign_in(robin, "/notes/reflections")
    task = phone.page.locator(".question").last.inner_text()
    phone.link("Write this instead").click()
    phone.see(task)
    phone.page.get_by_label("Your words").fill(WORDS)
    phone.check_accessible()
    look(phone, "desktop")
    phone.button("Stop").click()
    phone.confirm("Discard")
    phone.see("Your words are discarded.")
    phone.see("Nothing yet")
    phone.link("Write freely").click()
    phone.see("10:00 left")
    assert phone.page.get_by_label("Your words").input_value() == ""
    phone.button("Stop").click()
    phone.see("Nothing yet")


def test_a_locked_device_is_unlocked_with_the_code_or_begins_afresh(open_phone, couple):
    robin, _ = couple
    robin.send("POST", "/me/reflections/unlock", {"password": PASSWORD})
    robin.send("POST", "/reflections", {"body": WORDS})
    phone = open_phone(color_scheme="dark")
    phone.expect_refusal(409)  # of a read that was on its way at the lock
    phone.sign_in(robin, "/notes/reflections")
    phone.see(WORDS)
    phone.button("Lock on this device").click()
    phone.see("Your reflections are locked on this device.")
    expect(phone.page.get_by_text(WORDS)).to_have_count(0)
    phone.check_accessible()
    look(phone, "locked")
    phone.button("Use your recovery code").click()
    phone.page.get_by_label("Recovery code").fill(robin.answer["recovery_code"].lower())
    phone.button("Unlock").click()
    phone.see(WORDS)
    phone.button("Lock on this device").click()
    phone.page.get_by_text("You have no code and no password that fits?").click()
    phone.button("Begin afresh").click()
    phone.confirm("Go on")
    phone.see("Really delete them?")
    phone.confirm("Cancel")
    assert robin.send("GET", "/me/reflections")["reflections"] == 1, "it asks twice"
    phone.button("Begin afresh").click()
    phone.confirm("Go on")
    phone.confirm("Delete for good")
    phone.see("Enter your password once")
    assert robin.send("GET", "/me/reflections") == {"state": "new", "needs": ["password"], "reflections": 0}


def test_the_question_of_the_day_leads_to_a_reflection(open_phone, served):
    sam = phones.sign_up(served, "Sam")
    profile = sam.send("GET", "/me/profile")
    version = profile.pop("version", None)
    headers = {"If-Match": f'"{version}"'} if version is not None else {}
    sam.send("PUT", "/me/profile", {**profile, "prompt_kinds": ["reflection"]}, **headers)
    sam.send("POST", "/me/reflections/unlock", {"password": PASSWORD})
    phone = open_phone()
    phone.sign_in(sam)
    phone.see("Or something neutral")
    question = phone.page.locator(".prompt .question").inner_text()
    look(phone, "today")
    phone.link("Write for yourself").click()
    phone.see(question)
    phone.see("10:00 left")
    phone.go("/notes/questions?kind=reflection")
    phone.page.locator(".question-card a").first.click()
    phone.see("10:00 left")
