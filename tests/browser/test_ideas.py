"""Ideas in the browser: swiping, keys, undo, filters, search, one activity, and own ideas."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.real_time

CARD = ".swipe-card.on-top"
_END_ANIMATIONS = """Promise.all(document.getAnimations()
    .filter(each => each.effect.getTiming().iterations < 9).map(each => each.finished))"""
_WAITS_ON_THE_DEVICE = """() => new Promise(resolve => {
    const opened = indexedDB.open("rekindle", 1);
    opened.onsuccess = () => {
        const asked = opened.result.transaction("outbox").objectStore("outbox").count();
        asked.onsuccess = () => { opened.result.close(); resolve(asked.result > 0); };
    };
})"""
# After a swipe, the page goes on scrolling for a moment.
_SCROLL_BACK = """async () => {
    for (let before = -1; before !== scrollY; ) {
        before = scrollY;
        await new Promise(resolve => setTimeout(resolve, 100));
    }
    scrollTo(0, 0);
}"""
_TITLE_CHANGED = "before => document.querySelector('.swipe-card.on-top h2')?.innerText !== before"


def title(phone):
    return phone.page.locator(f"{CARD} h2").inner_text()


def id_of_card(phone):
    return phone.page.locator(f"{CARD} h2 a").get_attribute("href").rsplit("/", 1)[1]


def vote_of(account, activity):
    return account.send("GET", f"/activities/{activity}")["vote"]


def expect_vote(account, activity, vote):
    """Wait until the server has a vote: the screen does not wait for it."""
    deadline = monotonic() + 30
    while vote_of(account, activity) != vote and monotonic() < deadline:
        sleep(0.1)  # the browser needs the processor, too
    assert vote_of(account, activity) == vote


class Finger:
    """A finger on the top card: real touches, sent by the browser's own protocol."""

    def __init__(self, phone):
        self.cdp = phone.context.new_cdp_session(phone.page)
        box = phone.page.locator(CARD).bounding_box()
        self.width, self.y = box["width"], box["y"] + 60
        self.x = box["x"] + box["width"] / 2

    def touch(self, kind, x, y):
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        self.cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def swipe(self, part, down=0.0, steps=8):
        """Move by a part of the card's width, to the right or (if negative) to the left, and let go."""
        start = self.x - part * self.width / 2
        self.touch("touchStart", start, self.y)
        for step in range(1, steps + 1):
            self.touch("touchMove", start + part * self.width * step / steps, self.y + down * step / steps)
        self.touch("touchEnd", 0, 0)


def open_ideas(open_phone, account, path="/ideas", device="Pixel 7", **more):
    phone = open_phone(device, **more)
    phone.sign_in(account, path)
    phone.page.locator(CARD).wait_for()
    phone.page.evaluate(_END_ANIMATIONS)
    return phone


def test_a_finger_likes_passes_and_never(open_phone, couple):
    robin, _ = couple
    phone = open_ideas(open_phone, robin)
    expect(phone.page.locator(f"{CARD} .fits")).to_have_text(re.compile("^(From|Possible today)"))
    first, first_title = id_of_card(phone), title(phone)
    # A long scroll and a short way do nothing.
    Finger(phone).swipe(0.05, down=-200)
    phone.page.evaluate(_SCROLL_BACK)
    Finger(phone).swipe(-0.12, steps=40)
    assert title(phone) == first_title
    expect(phone.page.locator(CARD)).to_have_css("transform", "none")
    for part, vote, text in (
        (0.6, "like", "You like"),
        (-0.5, "pass", "You passed on"),
        (-0.9, "never", "has left your ideas"),
    ):
        activity, shown = id_of_card(phone), title(phone)
        Finger(phone).swipe(part, steps=20)
        phone.page.get_by_role("status").filter(has_text=text).filter(has_text=shown).wait_for()
        assert id_of_card(phone) != activity
        expect_vote(robin, activity, vote)
    # A card at the edge makes the page no wider, and a drag that begins on the link does not open it.
    finger = Finger(phone)
    finger.touch("touchStart", finger.x, finger.y)
    for part in (0.1, 0.2, 0.3):
        finger.touch("touchMove", finger.x + part * finger.width, finger.y)
    assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth && visualViewport.scale === 1")
    finger.touch("touchMove", finger.x, finger.y)
    finger.touch("touchEnd", 0, 0)
    assert phone.page.url.endswith("/ideas")
    for _ in range(3):
        phone.button("Undo the last vote").click()
    assert title(phone) == first_title
    expect_vote(robin, first, None)
    expect(phone.button("Undo the last vote")).to_have_count(0)


def test_swiping_is_smooth(open_phone, couple):
    """A finger that moves changes no layout: then the browser can draw each of its frames in time."""
    phone = open_ideas(open_phone, couple[0])
    finger = Finger(phone)
    finger.touch("touchStart", finger.x, finger.y)
    finger.touch("touchMove", finger.x + 20, finger.y)  # from here on it is a drag

    def layouts():
        phone.page.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(() => drawn(1))))")
        metrics = finger.cdp.send("Performance.getMetrics")["metrics"]
        return next(each["value"] for each in metrics if each["name"] == "LayoutCount")

    finger.cdp.send("Performance.enable")
    before = layouts()
    for step in range(40):
        finger.touch("touchMove", finger.x + 20 + step, finger.y)
    assert layouts() - before < 10
    finger.touch("touchEnd", 0, 0)


def test_keys_buttons_and_focus(open_phone, couple):
    robin, _ = couple
    phone = open_ideas(open_phone, robin, device="desktop")
    first = id_of_card(phone)
    phone.page.keyboard.press("ArrowRight")
    expect(phone.page.locator(f"{CARD} h2 a")).not_to_have_attribute("href", re.compile(first))
    expect_vote(robin, first, "like")
    second = id_of_card(phone)
    phone.page.keyboard.press("n")  # the heading has the focus: a letter does nothing there
    assert id_of_card(phone) == second
    phone.page.locator(f"{CARD} h2 a").focus()
    phone.page.keyboard.press("n")
    expect_vote(robin, second, "never")
    expect(phone.page.get_by_role("group", name="Ideas, one at a time")).to_be_focused()
    third = id_of_card(phone)
    phone.page.keyboard.press("ArrowLeft")
    expect_vote(robin, third, "pass")
    for key, activity in (("u", third), ("Control+z", second)):
        phone.page.keyboard.press(key)
        expect_vote(robin, activity, None)
        assert id_of_card(phone) == activity
    phone.button("Never").click()
    expect_vote(robin, second, "never")
    # A later visit begins with cards that have no vote.
    phone.open("/ideas")
    phone.page.locator(CARD).wait_for()
    # At first, the screen may show the cards that it kept.
    expect(phone.page.locator(f"{CARD} h2 a")).not_to_have_attribute("href", re.compile(f"{first}|{second}"))
    expect(phone.page.locator(".up-next li")).to_have_count(5)
    phone.check_accessible()


def test_filters_stay_in_the_address(open_phone, couple):
    robin, _ = couple
    phone = open_ideas(open_phone, robin)
    phone.button("Weekend").click()
    phone.see("Fits ")  # on Saturday and Sunday, or today
    assert "?at=20" in (phone.link("Plan it").first.get_attribute("href") or "")
    assert "when=weekend" in phone.page.url
    phone.button("Home or out").click()
    phone.page.get_by_role("checkbox", name="At home").check()  # a card may be about home, too
    expect(phone.page.locator(f"{CARD} .facts")).to_contain_text("At home")
    phone.page.get_by_role("checkbox", name="Out, nearby").check()
    expect(phone.page).to_have_url(re.compile(r"setting=home%2Cout&when=weekend"))
    phone.page.go_back()
    expect(phone.page).to_have_url(re.compile(r"setting=home&when=weekend"))
    phone.open("/ideas?setting=away&children=present&cost_band=0&energy=1")
    phone.heading("Nothing fits all of this").wait_for()
    phone.check_accessible()
    phone.button("Any place: ").click()
    phone.page.locator(CARD).wait_for()
    assert "setting" not in phone.page.url
    # With too little time to prepare, the hint says so, and lets go of the day.
    phone.open(f"/ideas?category=getaway&setting=away&when={datetime.now(UTC).date()}")
    phone.button("With time to prepare: ").click()
    day = next(idea["first_day"] for idea in robin.send("GET", "/suggestions?category=getaway&setting=away")["items"])
    phone.page.locator(CARD).wait_for()
    assert "when" not in phone.page.url
    phone.see("From ")
    phone.link("Plan it").first.click()
    phone.page.locator(".slot-picker .chips").wait_for()
    first = robin.send("GET", f"/activities/{phone.page.url.rsplit('/', 1)[1]}/slots")["slots"][0]["local_time"]
    assert first.startswith(day)
    # A limit of the profile leads to the profile.
    robin.send("PUT", "/me/profile", {"interests": [], "causes": [], "settings": ["away"]})
    phone.open("/ideas?children=present&cost_band=0&energy=1&for=one")
    assert phone.link("Any place (in your profile)").get_attribute("href") == "/app/me/profile"
    phone.button("Clear").last.click()
    phone.page.locator(CARD).wait_for()


def test_the_pile_ends_and_begins_again(open_phone, couple):
    robin, _ = couple
    phone = open_ideas(
        open_phone, robin, "/ideas?category=getaway&minutes=240&setting=home,away", reduced_motion="reduce"
    )
    seen = []
    while phone.page.locator(CARD).count():
        seen.append(title(phone))
        phone.button("Like" if len(seen) == 1 else "Pass").click()
        phone.page.wait_for_function(_TITLE_CHANGED, arg=seen[-1])
        phone.settle()
    phone.see("You like one of them")
    expect(phone.link(seen[0])).to_have_count(1)
    phone.button("Look through them again").click()
    assert title(phone) in seen


def test_search(open_phone, couple):
    robin, _ = couple
    liked = robin.send("GET", "/activities?q=walk&limit=1")["items"][0]
    robin.send("PUT", f"/activities/{liked['id']}/vote", {"vote": "like"})
    phone = open_phone()
    phone.sign_in(robin, "/ideas/search")
    rows = phone.page.locator(".results .row")
    expect(rows).to_have_count(20)
    phone.button("Show more").click()
    expect(rows).to_have_count(40)
    place = rows.nth(30).inner_text()
    rows.nth(30).click()
    phone.heading("How it goes").wait_for()
    phone.page.go_back()
    assert rows.nth(30).inner_text() == place  # the second page is still open
    phone.page.get_by_role("searchbox").press_sequentially("wal", delay=20)
    expect(phone.page).to_have_url(re.compile("q=wal"))
    expect(rows.filter(has_text=liked["title"])).to_contain_text("You like this")
    phone.check_accessible()
    phone.button("My votes").click()
    phone.page.get_by_label("Like", exact=True).check()
    expect(rows).to_have_count(1)
    phone.see("1 idea")
    phone.page.get_by_role("searchbox").fill("zzz")
    phone.heading("No idea has these words").wait_for()


def test_one_activity(open_phone, couple):
    robin, _ = couple
    activities = robin.send("GET", "/activities?limit=100&for=two")["items"]
    activity = next(each for each in activities if each["safety"] and each["variations"])
    phone = open_phone(worker=True, permissions=["clipboard-read", "clipboard-write"])
    phone.page.add_init_script("delete Navigator.prototype.share")
    phone.sign_in(robin, f"/activities/{activity['id']}")
    for text in [*activity["steps"], *activity["variations"], *activity["safety"], activity["starter"]]:
        phone.see(text)
    phone.heading("Good to know").wait_for()
    assert phone.link("Plan it").get_attribute("href") == f"/app/propose/{activity['id']}"
    phone.button("Like").click()
    expect(phone.button("Like")).to_have_attribute("aria-pressed", "true")
    expect_vote(robin, activity["id"], "like")
    phone.button("Like").click()
    expect_vote(robin, activity["id"], None)
    phone.page.get_by_text("What your votes do").click()
    phone.see("Kim could guess some of it over time")
    phone.button("Share as text").click()
    phone.see("Copied")
    assert activity["steps"][0] in phone.page.evaluate("navigator.clipboard.readText()")
    phone.check_accessible()
    # Offline, a vote waits, and shows after a new start.
    phone.page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    phone.page.reload()
    phone.button("Pass").wait_for()
    phone.expected += ("ERR_INTERNET_DISCONNECTED",)
    phone.context.set_offline(True)
    phone.button("Pass").click()
    expect(phone.button("Pass")).to_have_attribute("aria-pressed", "true")
    phone.wait_for(_WAITS_ON_THE_DEVICE)
    phone.page.reload()
    expect(phone.button("Pass")).to_have_attribute("aria-pressed", "true")
    phone.context.set_offline(False)
    expect_vote(robin, activity["id"], "pass")
    phone.expect_refusal(404)
    phone.go("/activities/00000000-0000-4000-8000-000000000000")
    phone.heading("This idea is gone").wait_for()


def test_own_ideas(open_phone, couple):
    robin, kim = couple
    phone = open_phone(worker=True)
    phone.sign_in(robin, "/ideas/own")
    phone.heading("No ideas of your own yet").wait_for()
    phone.link("New idea").click()
    phone.button("Save the idea").click()
    phone.see("Give it a title")
    phone.see("When you propose it, Kim gets a copy")
    phone.expected += ("ERR_INTERNET_DISCONNECTED",)
    phone.context.set_offline(True)
    phone.page.get_by_label("What is the idea?").fill("Feed the ducks")
    phone.page.get_by_text("More details").click()
    phone.page.get_by_role("textbox", name="Steps").fill("Bring oats.\n\nName the ducks.")
    phone.check_accessible()
    phone.button("Save the idea").click()
    phone.see("Waits for a connection")
    phone.context.set_offline(False)
    expect(phone.page.get_by_text("Waits for a connection")).to_have_count(0, timeout=20_000)
    phone.link("Feed the ducks").click()
    phone.see("You wrote this idea")
    idea = next(each for each in robin.send("GET", "/activities?q=ducks")["items"] if each["source"] == "me")
    assert idea["steps"] == ["Bring oats.", "Name the ducks."]

    phone.expect_refusal(412, 400, 422)
    phone.link("Edit").click()
    phone.settle()  # else it may read the change below
    phone.page.get_by_label("What is the idea?").fill("Feed all the ducks")
    robin.send("PATCH", f"/activities/{idea['id']}", {"summary": "Early."}, **{"If-Match": '"1"'})
    phone.page.get_by_text("More details").click()
    phone.page.get_by_label("Minutes, at least").fill("3")
    phone.button("Save the idea").click()
    phone.page.locator("p.fault").first.wait_for()
    phone.page.get_by_label("Minutes, at least").fill("30")
    phone.button("Save the idea").click()
    phone.see("changed on another device")
    phone.button("Save the idea").click()
    phone.heading("Feed all the ducks").wait_for()
    phone.see("Early.")

    day = (datetime.now(UTC) + timedelta(days=3)).date()
    slot = {"local_time": f"{day}T15:00", "zone": "Europe/Lisbon"}
    robin.send("POST", "/dates", {"activity_id": idea["id"], "slots": [slot]})
    copy = kim.send("GET", "/today")["waiting"][0]["activity"]
    other = open_phone("iPhone 15")
    other.sign_in(kim, f"/activities/{copy['id']}")
    other.see("Robin wrote this idea")
    expect(other.button("Remove this idea")).to_have_count(0)
    other.go("/ideas/own")
    other.heading("From Robin").wait_for()
    other.link("Feed all the ducks").wait_for()

    phone.button("Remove this idea").click()
    phone.see("the copies leave the lists of Kim")
    phone.button("Remove it").click()
    phone.heading("No ideas of your own yet").wait_for()
    phone.check_accessible()
