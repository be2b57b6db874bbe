"""Questions, cards for the table, and guides in the browser: choose, draw without a network, and read unseen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import phones

pytestmark = pytest.mark.real_time

# All texts that this device stores, in the store of answers and beside it.
STORED = """async () => {
  const texts = [JSON.stringify(localStorage), JSON.stringify(sessionStorage)];
  for (const { name } of await indexedDB.databases()) {
    const db = await new Promise((resolve) => {
      const opened = indexedDB.open(name);
      opened.onsuccess = () => resolve(opened.result);
    });
    for (const store of db.objectStoreNames) {
      for (const read of ["getAll", "getAllKeys"]) {
        const all = await new Promise((resolve) => {
          const asked = db.transaction(store).objectStore(store)[read]();
          asked.onsuccess = () => resolve(asked.result);
        });
        texts.push(JSON.stringify(all));
      }
    }
  }
  return texts.join();
}"""


def test_a_question_of_a_chosen_kind_begins_a_note(open_phone, couple):
    robin, _ = couple
    phone = open_phone("desktop")
    phone.sign_in(robin, "/notes")
    phone.link("Questions For a note").click()
    phone.heading("Questions").wait_for()
    phone.page.get_by_role("radio", name="Check-in").check()
    phone.page.wait_for_url("**/notes/questions?kind=check_in")
    phone.page.locator(".question-card").first.wait_for()
    expect(phone.page.locator(".question-card a")).to_have_count(0)  # no note answers a check-in
    phone.page.get_by_role("radio", name="Memory").check()
    question = phone.page.locator(".question-card a").first
    text = question.inner_text()
    assert text in {prompt["text"] for prompt in robin.send("GET", "/prompts?kind=memory&limit=100")["items"]}
    phone.check_accessible()
    question.click()
    phone.heading("A new note").wait_for()
    phone.see(text)
    phone.page.get_by_label("Your words").fill("The blue room.")
    phone.button("Keep for me").click()
    phone.see("Your note is kept.")
    (note,) = robin.send("GET", "/notes")["items"]
    assert note["kind"] == "memory"
    assert robin.send("GET", f"/prompts/{note['prompt_id']}")["text"] == text


def test_cards_go_on_without_a_network_and_none_repeats(open_phone, couple):
    robin, _ = couple
    phone = open_phone("iPhone 15", worker=True)
    phone.sign_in(robin, "/notes/questions")
    phone.link("Table cards").click()
    card = phone.page.locator(".big-question")
    card.wait_for()
    phone.check_accessible()
    phone.expect_offline()
    phone.context.set_offline(True)
    drawn = [card.inner_text()]
    assert phone.button("Previous").is_disabled()
    for _ in range(4):
        phone.button("Next card").click()
        drawn.append(card.inner_text())
    phone.button("Next card").click()
    phone.see("Five cards are enough for one evening.")
    phone.button("Draw five more").click()
    phone.page.get_by_text("Five cards are enough").wait_for(state="detached")
    drawn.append(card.inner_text())
    phone.button("Next card").click()
    drawn.append(card.inner_text())
    assert len(set(drawn)) == len(drawn)
    phone.page.keyboard.press("ArrowLeft")
    assert card.inner_text() == drawn[-2]
    # However fast keys come, each counts from the card before it.
    phone.page.evaluate(
        "['ArrowRight', 'ArrowLeft'].map(key => dispatchEvent(new KeyboardEvent('keydown', {key}))).length"
    )
    assert card.inner_text() == drawn[-2]
    phone.page.evaluate("history.replaceState(null, '', location.href.replace(/card=[0-9]+/, 'card=999'))")
    phone.context.set_offline(False)
    phone.page.reload()
    phone.see("That was the last card of this evening.")
    phone.button("Shuffle again").click()
    phone.button("Next card").wait_for()
    assert "card=1" in phone.page.url
    phone.page.get_by_role("radio", name="Calm").check()
    phone.page.get_by_role("radio", name="Easy").check()
    phone.page.wait_for_url("**tone=calm**pace=2**")
    query = "limit=100&tone=calm&pace=2"
    texts = {prompt["text"] for prompt in robin.send("GET", f"/prompts/cards?{query}")["items"]}
    expect(card).to_have_text(re.compile("|".join(map(re.escape, texts))))
    phone.check_accessible()


def test_a_person_alone_finds_no_cards_but_a_way_to_questions(open_phone, served):
    sam = phones.sign_up(served, "Sam")
    phone = open_phone()
    phone.sign_in(sam, "/notes/cards")
    phone.heading("No cards now").wait_for()
    phone.page.locator("main").get_by_role("link", name="Questions").click()
    phone.page.locator(".question-card").first.wait_for()
    expect(phone.link("Table cards")).to_have_count(0)
    phone.go("/me/profile")
    phone.page.locator("summary", has_text="Question of the day").click()
    phone.page.get_by_role("checkbox", name="Self-care").check()
    phone.button("Save").click()
    phone.see("Saved")
    assert sam.send("GET", "/me/profile")["prompt_kinds"] == ["self_care"]


def test_guides_are_read_unseen_and_leave_nothing_on_the_device(open_phone, couple):
    robin, kim = couple
    phone = open_phone("Pixel 7", worker=True)
    phone.sign_in(robin, "/us")
    before = kim.send("GET", "/inbox")
    asked = []
    phone.page.on("request", lambda request: asked.append(request.url.partition("/v1")[2]))
    phone.link("Guides").click()
    phone.see("Kim is not told")
    phone.link("Something was forgotten").wait_for()
    phone.check_accessible()
    phone.link("Something was forgotten").click()
    phone.heading("When it is not for you").wait_for()
    phone.see("Say what you forgot, and what it led to.")
    assert phone.page.title() == "Rekindle"
    phone.check_accessible()
    phone.button("Back", exact=True).click()
    phone.link("Self-care").click()
    phone.link("Two weeks of daylight").click()
    phone.heading("In a bad week").wait_for()
    phone.check_accessible()
    phone.button("Back", exact=True).click()
    phone.link("Help", exact=True).click()
    phone.page.get_by_text("Couples counsellor").click()
    phone.heading("What you can ask").wait_for()
    phone.check_accessible()
    phone.come_back()
    phone.settle()
    fixed = [path for path in asked if path in ("/guides", "/self-care-plans", "/support-kinds")]
    assert sorted(fixed) == ["/guides", "/self-care-plans", "/support-kinds"], "each is asked for once"
    stored = phone.page.evaluate(STORED)
    assert "answer:/today" in stored
    for text in ("Something was forgotten", "Two weeks of daylight", "Couples counsellor", "guides", "self-care"):
        assert text not in stored
    assert kim.send("GET", "/inbox") == before


def test_an_unknown_guide_leads_back_to_the_list(open_phone, couple):
    phone = open_phone()
    phone.sign_in(couple[0], "/me/guides/no-such-guide")
    phone.heading("There is nothing here").wait_for()
    phone.page.locator("main").get_by_role("link", name="Guides").click()
    phone.link("Heard both ways").wait_for()
