"""The frame around all screens: headings, the security policy, keyboard, motion, languages and narrow screens."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from time import monotonic

import pytest
from playwright.sync_api import Error as PlaywrightError

from api.app_files import FOLDER
from tests.browser.test_talks import begun
from tests.browser.test_today import propose

pytestmark = pytest.mark.real_time

REPORT = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) => {
    window.violations.push(`${event.violatedDirective}: ${event.blockedURI} in ${location.pathname}`);
});
"""
# What a person sees or hears: texts, and the attributes that screen readers read. Fields show what people typed.
TEXTS = """() => {
    const texts = [document.title];
    const walker = document.createTreeWalker(document.getElementById("app"), NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) texts.push(walker.currentNode.data);
    for (const name of ["aria-label", "title", "placeholder", "alt"]) {
        for (const element of document.querySelectorAll(`[${name}]`)) texts.push(element.getAttribute(name));
    }
    return texts.map((text) => text.trim()).filter(Boolean);
}"""
# How far the page is wider than the screen, and the parts that stick out. Parts that scroll in themselves may.
OVERFLOW = """() => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const out = [...document.querySelectorAll("main *, .top *, .tabs *")].filter((each) => {
        const box = each.getBoundingClientRect();
        return box.width > 1 && (box.right > root.clientWidth + 1 || box.left < -1);
    });
    const parts = out.slice(0, 4).map((each) => each.outerHTML.slice(0, 160));
    return [`${root.scrollWidth - root.clientWidth} px`, ...parts];
}"""
WHERE = "() => document.activeElement.innerText.trim() || document.activeElement.getAttribute('aria-label')"
# Dates and numbers come from the browser, in its language.
FROM_INTL = re.compile(
    r"\b((mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|wed|thu|fri|sat|sun"
    r"|january|february|march|april|may|june|july|august|september|october|november|december"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|am|pm|at|in|ago|and|min|h|hr|hrs|mins|days?|hours?|minutes?"
    r"|today|tomorrow|yesterday|now|this|noon|midnight)\b",
    re.IGNORECASE,
)
BRACKETED = re.compile(r"\u202e?\[[^\[\]]*~+\]\u202c?", re.DOTALL)
"""A text without others in it. One text may be the value of another."""

TITLED = """() => {
    const headings = document.querySelectorAll("main h1");
    return document.title === "Rekindle" || document.title === `${headings[0]?.innerText} – Rekindle`;
}"""
ELSEWHERE = ("/memories/:id", "/notes/reflections/:id")
"""Screens of things that need a past date or a password. Their own tests show them."""


def screens(table):
    """Return the paths of the screens in a file, with their values still as names."""
    text = (FOLDER / table).read_text()
    paths = re.findall(r'"(/[^"]*)": (?:withTexts\()?\(\) => import', text)
    assert len(paths) == text.count('import("./screens/')
    return paths


@pytest.fixture
def paths(couple):
    """Return Robin, and the path of every screen with things to show."""
    robin, kim = couple
    waiting, date = propose(kim), propose(robin, 5)
    kim.send("POST", f"/dates/{date['id']}/accept", {"slot_id": date["slots"][0]["id"]}, **{"If-Match": '"1"'})
    note = robin.send("POST", "/notes", {"kind": "kindness", "body": "You made tea."})
    idea = robin.send("GET", "/suggestions")["items"][0]["activity"]
    ritual = propose(robin, 9, repeat={"every": "week"})["ritual"]
    ids = {"dates": waiting["id"], "notes": note["id"], "activities": idea["id"], "propose": idea["id"]}
    ids |= {"rituals": ritual["id"], "talks": begun(robin, kim)["id"]}
    fill = lambda path: re.sub(r"^/(\w+)/:\w+", lambda at: f"/{at[1]}/{ids[at[1]]}", path)  # noqa: E731
    robin.send("PUT", "/me/help", {"stuck": True})
    day = robin.send("POST", "/important-days", {"kind": "birthday", "birthday_of": "me", "month": 5, "day": 2})["id"]
    plan = robin.send("GET", "/self-care-plans")["items"][0]
    first = f"{datetime.now() + timedelta(days=2):%Y-%m-%d}"  # noqa: DTZ005  # only its day counts
    times = [{"action": 0, "local_time": f"{first}T18:00"}]
    chosen = robin.send("POST", "/me/self-care-plans", {"slug": plan["slug"], "starts_on": first, "times": times})
    asked = robin.send("POST", "/requests", {"body": "Call me on Sunday."})
    question = robin.send("GET", "/questions/current")["items"][0]
    slugs = {
        "/notes/requests/:id": f"/notes/requests/{asked['id']}",
        "/notes/for-two/:id": f"/notes/for-two/{question['id']}",
        "/me/self-care/:slug/times": f"/me/self-care/{plan['slug']}/times",
        "/me/plans/:id": f"/me/plans/{chosen['id']}",
        "/calendar/days/:id": f"/calendar/days/{day}",
        "/me/guides/:slug": f"/me/guides/{robin.send('GET', '/guides')['items'][0]['slug']}",
        "/me/guides/:slug/alone": "/me/guides/fair-outsider/alone",
        "/me/self-care/:slug": f"/me/self-care/{plan['slug']}",
    }
    return robin, [slugs.get(path) or fill(path) for path in screens("frame.js") if not path.startswith(ELSEWHERE)]


def walk(phone, paths):
    """Show one screen after the other, and yield each path when its screen is complete."""
    phone.expect_refusal(404)  # no invitation is open
    for path in paths:
        phone.go(path)
        phone.page.locator("main h1").first.wait_for()
        phone.page.locator("main .skeleton").first.wait_for(state="detached")
        phone.page.wait_for_function(TITLED)
        assert ":" not in path
        assert phone.page.url.endswith(f"/app{path}")
        yield path


def test_every_screen_has_a_heading_and_fits_at_double_text_size(open_phone, paths):
    """The narrowest phone, texts of double size, and the security policy."""
    robin, signed_in = paths
    phone = open_phone("desktop", worker=True, viewport={"width": 320, "height": 800})
    phone.context.add_init_script(REPORT)
    assert len(signed_in) > 30
    too_wide = {}
    for person, person_paths in ((None, screens("main.js")), (robin, signed_in)):
        phone.sign_in(person) if person else phone.open()
        phone.page.evaluate("document.documentElement.style.fontSize = '200%'")
        for path in walk(phone, person_paths):
            headings = phone.page.locator("main h1").all_inner_texts()
            assert [bool(heading) and heading != "Loading" for heading in headings] == [True], path
            assert phone.page.title() in ("Rekindle", f"{headings[0]} – Rekindle"), path
            too_wide[path] = phone.page.evaluate(OVERFLOW)
        assert phone.page.evaluate("violations") == []
    faults = {path: parts for path, parts in too_wide.items() if parts}
    assert faults == {}, "\n".join(f"{path}: {parts}" for path, parts in faults.items())


def test_every_screen_is_translated_and_mirrored(open_phone, paths):
    """All texts come from the language file or the server. The longer texts fit a phone from right to left."""
    robin, signed_in = paths
    phone = open_phone("desktop", viewport={"width": 390, "height": 844})
    from_server = {"Rekindle", "Robin", "Kim"}
    phone.page.on("response", lambda answer: "/v1/" in answer.url and from_server.update(strings(json_of(answer))))
    phone.page.goto(f"{phone.base}/?language=ar-XB")
    phone.sign_in(robin)
    assert phone.page.evaluate("getComputedStyle(document.querySelector('main')).direction") == "rtl"
    faults = {}
    for path in walk(phone, signed_in):
        deadline = monotonic() + 5  # the answer with the texts may be read after they are on the screen
        while (texts := untranslated_texts(phone, from_server)) and monotonic() < deadline:
            phone.page.wait_for_timeout(50)
        faults[path] = texts + phone.page.evaluate(OVERFLOW)
    faults = {path: texts for path, texts in faults.items() if texts}
    assert faults == {}, "\n".join(f"{path}: {texts}" for path, texts in faults.items())


def untranslated_texts(phone, from_server):
    """Return the texts on a screen that are neither translated, nor from the server, nor dates and numbers."""
    texts = []
    for text in phone.page.evaluate(TEXTS):
        rest = BRACKETED.sub(" ", text)
        while BRACKETED.search(rest):
            rest = BRACKETED.sub(" ", rest)
        for sent in sorted((sent for sent in from_server if sent.casefold() in rest.casefold()), key=len, reverse=True):
            rest = re.sub(rf"(?<!\w){re.escape(sent)}(?!\w)", " ", rest, flags=re.IGNORECASE)
        rest = re.sub(r"\w+(/[\w +-]+)+|UTC", " ", rest)  # time zones
        if re.search(r"[^\W\d_]{2}", FROM_INTL.sub(" ", rest)):
            texts.append(text)
    return texts


def json_of(answer):
    is_json = answer.status == 200 and "json" in answer.headers.get("content-type", "")
    try:
        return answer.json() if is_json else None
    except PlaywrightError:  # the page went on to another before its answer was read
        return None


def strings(data):
    """Yield all texts in an answer that have letters, without their spaces at the ends."""
    if isinstance(data, dict):
        data = list(data.values())
    if isinstance(data, list):
        for each in data:
            yield from strings(each)
    elif isinstance(data, str) and len(data.strip()) > 1:
        yield data.strip()
        # A screen may show the parts of a text apart: its lines, and a name and what it means.
        yield from (part.strip() for part in re.split(r"\n|: ", data) if len(part.strip()) > 1)


def test_the_keyboard_reaches_everything_in_order(open_phone, couple):
    robin, _ = couple
    phone = open_phone("desktop", reduced_motion="reduce")
    phone.sign_in(robin, "/me/help")
    # As on a fresh page: the next Tab begins at the top.
    phone.page.evaluate("document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')")
    press = phone.page.keyboard.press

    def tab():
        press("Tab")
        return phone.page.evaluate(WHERE)

    assert tab() == "Skip to the content"
    box = phone.page.locator(".skip").bounding_box()
    assert box["width"] > 100
    assert box["x"] >= 0
    stops = [tab().splitlines()[-1] for _ in range(8)]
    assert stops == ["Today", "Ideas", "Calendar", "Notes", "Us", "Safety", "Quick exit", "Back"]
    phone.link("Us").focus()
    press("Shift+Tab")
    assert phone.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    phone.page.locator(".skip").focus()
    press("Enter")
    assert phone.page.evaluate("document.activeElement.id") == "content"
    assert tab() == "Back"
    phone.link("Notes", exact=True).focus()
    press("Enter")
    phone.page.wait_for_url("**/app/notes")
    phone.page.locator("h1:focus").wait_for()
    assert phone.link("Notes", exact=True).get_attribute("aria-current") == "page"
    durations = phone.page.evaluate("document.getAnimations().map((each) => each.effect.getTiming().duration)")
    assert all(duration <= 1 for duration in durations)


def test_a_broken_screen_says_so_and_the_others_work(open_phone, couple):
    phone = open_phone()
    phone.expected += ("broken on purpose",)
    broken = "export default () => { throw new Error('broken on purpose'); };"
    phone.page.route("**/screens/calendar.js", lambda route: route.fulfill(body=broken, content_type="text/javascript"))
    phone.page.route("**/screens/notes.js", lambda route: route.abort())
    phone.expected += ("ERR_FAILED", "dynamically imported module")
    phone.sign_in(couple[0])
    phone.link("Calendar").first.click()
    phone.heading("This did not work").wait_for()
    phone.button("Load again").wait_for()
    phone.link("Ideas").first.click()
    phone.heading("Ideas").wait_for()
    phone.link("Notes").first.click()  # its file cannot be loaded, not even after a reload
    phone.heading("This did not work").wait_for()
    phone.link("Today").first.click()
    phone.heading("Robin").wait_for()
