"""Phones for the browser tests: a real Chromium with the web client, which fails on any error in the console."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import resources
from random import randrange
from time import monotonic
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Playwright, Request

from tests.browser.contexts import NO_WORKER, Contexts
from tests.served import Served

PASSWORD = "a long enough password"
_AXE_SOURCE = (resources.files("axe_playwright_python") / "axe.min.js").read_text()
_AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
# A page lives for seconds: to optimise its code, in threads beside it, takes longer than to run it as it is.
_SHORT_LIVED = "--js-flags=--no-opt --single-threaded"
_SHELL = "chromium-headless-shell"
"""Chromium without windows, which takes less time for each new phone. It has no push notifications."""
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
INSECURE = "rekindle.test"
"""A host without a secure context: plain http, and not localhost."""
_SIGN_IN = """session => new Promise((resolve, reject) => {
    const opened = indexedDB.open("rekindle", 1);
    opened.onupgradeneeded = () => {
        opened.result.createObjectStore("kept");
        opened.result.createObjectStore("outbox", {keyPath: "id"});
    };
    opened.onerror = () => reject(opened.error);
    opened.onsuccess = () => {
        const change = opened.result.transaction("kept", "readwrite");
        change.objectStore("kept").put(session, "session");
        change.oncomplete = () => { opened.result.close(); resolve(null); };
    };
})"""
_GO = "path => { history.pushState(null, '', '/app' + path); dispatchEvent(new Event('popstate')) }"
_END_ANIMATIONS = "document.getAnimations().forEach(each => each.effect.getTiming().iterations < 9 && each.finish())"
_SEEN = re.compile(r"/v1/inbox/[^/]+/seen$")
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}


def launch(playwright: Playwright, push: bool = False) -> Browser:
    """Start the Chromium of this machine, or skip the test on a machine without one. CI must have one.

    With `push`, it can get push notifications.
    """
    path = next(filter(None, map(shutil.which, _BROWSERS if push else (_SHELL, *_BROWSERS))), None)
    if path is None:
        assert "CI" not in os.environ, "CI must test in a browser"
        pytest.skip("There is no Chromium on this machine.")
    hosts = f"--host-resolver-rules=MAP {INSECURE} 127.0.0.1"
    return playwright.chromium.launch(executable_path=path, args=[*_QUIET, "--no-sandbox", _SHORT_LIVED, hosts])


@dataclass
class Account:
    """A person who has signed up: what the API answered."""

    served: Served
    name: str
    answer: dict[str, Any]

    @property
    def token(self) -> str:
        """The bearer token."""
        return str(self.answer["session"]["token"])

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request as this person, and return the JSON of its answer. Fail on a refusal."""
        status, data = self.served.request(method, f"/v1{path}", self.token, body, **headers)
        assert status < 300, data
        return data


def _from_anywhere() -> dict[str, str]:
    """Return headers that name a random address: the limits of sign-ups count by address."""
    return {"X-Forwarded-For": ".".join(str(randrange(1, 255)) for _ in range(4))}


def sign_up(served: Served, name: str, zone: str = "Europe/Lisbon") -> Account:
    """Sign up a person by the API."""
    body = {"display_name": name, "password": PASSWORD, "zone": zone}
    status, answer = served.request("POST", "/v1/people", None, body, **_from_anywhere())
    assert status == 201, answer
    return Account(served, name, answer)


def pair(inviter: Account, invitee: Account, rhythm: str = "together") -> None:
    """Make two people a couple by the API."""
    invitation = inviter.send("POST", "/invitations", {})
    invitee.send("POST", "/invitations/accept", {"code": invitation["code"], "rhythm": rhythm})
    inviter.send("POST", "/invitations/confirm", {"invitation_id": invitation["id"], "rhythm": rhythm})


@dataclass
class Phone:
    """One browser with its own storage, and the page that it shows."""

    context: BrowserContext
    page: Page
    served: Served
    host: str = "127.0.0.1"
    faults: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()
    unanswered: list[Request] = field(default_factory=list)
    keeper: Page | None = None
    """Another page with the same store."""

    @property
    def base(self) -> str:
        """The address of the client."""
        return f"http://{self.host}:{self.served.port}/app"

    def open(self, path: str = "/") -> None:
        """Load the client at a path, and wait until its screen is drawn."""
        self.page.goto(self.base + path)
        self.page.locator("main h1").wait_for()

    def sign_in(self, account: Account, path: str = "/") -> None:
        """Put a person's sign-in on this phone, and open the client."""
        if self.keeper:
            self.keeper.evaluate(_SIGN_IN, account.answer["session"])
        else:
            self.page.goto(f"http://{self.host}:{self.served.port}/health")  # a small page that may use the same store
            self.keep_session(account.answer["session"])
        self.open(path)

    def keep_session(self, session: dict[str, Any]) -> None:
        """Put a sign-in into the store of this phone, behind the back of the open page."""
        self.page.evaluate(_SIGN_IN, session)

    def go(self, path: str) -> None:
        """Show another screen without loading the page, as a tap on a link does."""
        self.page.evaluate(_GO, path)

    def button(self, name: str, **more: Any) -> Locator:
        """Return the button with this name."""
        return self.page.get_by_role("button", name=name, **more)

    def come_back(self) -> None:
        """Let the page ask the server again, as when a person comes back to it. It would ask within 22 seconds."""
        self.page.evaluate("dispatchEvent(new Event('focus'))")

    def confirm(self, name: str) -> None:
        """Press a button of the open dialog. The button that opened it may have the same name."""
        self.page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()

    def link(self, name: str, **more: Any) -> Locator:
        """Return the link with this name."""
        return self.page.get_by_role("link", name=name, **more)

    def heading(self, name: str) -> Locator:
        """Return the heading with this text."""
        return self.page.get_by_role("heading", name=name)

    def settle(self) -> None:
        """Wait until the page waits for no answer. `networkidle` is true for ever once it was."""
        until, quiet = monotonic() + 20, 0
        while quiet < 3:  # an answer may lead to the next request
            self.page.evaluate("new Promise(done => setTimeout(done, 20))")
            quiet = 0 if self.unanswered else quiet + 1
            assert monotonic() < until, f"no answer: {[request.url for request in self.unanswered]}"

    def wait_for(self, promise: str) -> None:
        """Wait until a function of the page returns true. It may be async; `wait_for_function` takes any promise."""
        until = monotonic() + 20
        while not self.page.evaluate(promise):
            assert monotonic() < until, f"it did not become true: {promise}"
            self.page.wait_for_timeout(50)

    def see(self, text: str) -> None:
        """Wait until a text is visible."""
        self.page.get_by_text(text).first.wait_for()

    def expect_refusal(self, *statuses: int) -> None:
        """Let requests with these statuses pass from now on. The browser writes them into the console."""
        self.expected += tuple(f"status of {status}" for status in statuses)

    def expect_offline(self) -> None:
        """Let requests that reach no server pass from now on. The browser writes them into the console."""
        self.expected += ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED")

    def check_accessible(self) -> None:
        """Fail if axe finds a fault by WCAG 2.2 AA in light colours, or little contrast in dark ones."""
        self._check_accessible("light", _AXE_RULES)
        self._check_accessible("dark", ["color-contrast"])

    def check_accessible_at_both_sizes(self) -> None:
        """Fail if axe finds a fault on this phone, or on the same screen as wide as a desktop.

        The phone shows light colours, and the desktop dark ones.
        """
        self._check_accessible("light", _AXE_RULES)
        size = self.page.viewport_size
        assert size
        self.page.set_viewport_size(DESKTOP["viewport"])
        self._check_accessible("dark", _AXE_RULES)
        self.page.set_viewport_size(size)

    def _check_accessible(self, scheme: Literal["light", "dark"], rules: list[str]) -> None:
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(_AXE_SOURCE)
        self.page.emulate_media(color_scheme=scheme)
        faults = self._axe_faults(rules)
        if faults:  # on a busy machine, a button may have changed after the animations were ended
            self.page.wait_for_timeout(500)
            faults = self._axe_faults(rules)
        assert not faults, f"{self.page.url} in {scheme}:\n" + "\n".join(faults)

    def _axe_faults(self, rules: list[str]) -> list[str]:
        self.page.evaluate(_END_ANIMATIONS)
        found = self.page.evaluate("rules => axe.run({runOnly: rules, resultTypes: ['violations']})", rules)
        return [
            f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]

    def check_console(self) -> None:
        """Fail if the console had an error, or a request went to another host."""
        assert not self.faults, self.faults

    def _keep_message(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning") or any(each in message.text for each in self.expected):
            return
        if "status of 404" in message.text and _SEEN.search(message.location["url"]):
            return  # the item went while the phone marked it as seen: the person answered it
        self.faults.append(f"{message.type}: {message.text} at {message.location}")

    def _keep_request(self, request: Request) -> None:
        self.unanswered.append(request)
        if not request.url.startswith((f"http://{self.host}:{self.served.port}/", "blob:", "data:", "about:")):
            self.faults.append(f"a request to another host: {request.url}")

    def _forget_request(self, request: Request) -> None:
        if request in self.unanswered:
            self.unanswered.remove(request)


@contextmanager
def phone(
    browser: Browser,
    served: Served,
    device: dict[str, Any],
    host: str = "127.0.0.1",
    worker: bool = False,
    **more: Any,
) -> Iterator[Phone]:
    """Open a phone with a new browser context for the time of a block. At its end, fail on errors in its console.

    Without `worker` it has no service worker, which would load all files of the client for each phone.
    """
    context = browser.new_context(**_options(device, more), extra_http_headers=_from_anywhere())
    if not worker:
        context.add_init_script(NO_WORKER)
    try:
        made = _watched(Phone(context, context.new_page(), served, host))
        yield made
        made.check_console()
    finally:
        context.close()


@contextmanager
def borrowed_phone(contexts: Contexts, device: dict[str, Any], **more: Any) -> Iterator[Phone]:
    """Open a phone without a service worker in a context that another phone may have used before.

    It asks for less motion, because to draw what moves takes a tenth of the time of the tests.
    """
    with contexts.lend(_from_anywhere(), **_options(device, {"reduced_motion": "reduce", **more})) as kept:
        made = _watched(Phone(kept.context, kept.open_page(), contexts.served, keeper=kept.keeper))
        yield made
        made.check_console()


def _options(device: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    options = {name: value for name, value in device.items() if name != "default_browser_type"}
    # A pixel of the page is one of the screen: those of real phones are up to nine, which take longer to draw.
    return {"locale": "en-GB", "timezone_id": "Europe/Lisbon", **options, "device_scale_factor": 1, **more}


def _watched(made: Phone) -> Phone:
    made.context.set_default_timeout(20_000)
    if made.host == INSECURE:  # a header that only a secure context obeys
        made.expected = ("Cross-Origin-Opener-Policy header has been ignored",)
    page = made.page
    page.on("console", made._keep_message)
    page.on("pageerror", lambda error: made.faults.append(f"uncaught: {error}"))
    page.on("request", made._keep_request)
    page.on("requestfinished", made._forget_request)
    page.on("requestfailed", made._forget_request)
    return made
