"""Browser contexts that serve one phone after another, because a new one takes half a second of the processor.

Each has a page that stays open. The pages that it opens share its process, which has loaded the client before. They are
new pages all the same, and find an empty store.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.served import Served

NO_WORKER = "delete Navigator.prototype.serviceWorker"
_OPEN = "() => { window.open('about:blank') }"
_CLEAR = """async () => {
    localStorage.clear();
    for (const {name} of await indexedDB.databases()) {
        await new Promise((resolve, reject) => {
            const deleted = indexedDB.deleteDatabase(name);
            deleted.onsuccess = resolve;
            deleted.onerror = () => reject(deleted.error);
            // A page that has just been closed may still hold it for a moment.
            deleted.onblocked = () => setTimeout(reject, 5000, new Error(`${name} is in use`));
        });
    }
}"""
# Playwright cannot remove a clock from a context, nor tell whether there is one.
_HAS_CLOCK = "'__pwClock' in window"


@dataclass
class KeptContext:
    """A context, and the page that stays open in it."""

    context: BrowserContext
    keeper: Page

    def open_page(self) -> Page:
        """Open a page in the process of the keeper."""
        with self.context.expect_page() as opened:
            self.keeper.evaluate(_OPEN)
        return opened.value

    def clear(self) -> None:
        """Remove all that a phone left: pages, stores, routes, and the state of the network."""
        assert not self.keeper.evaluate(_HAS_CLOCK), "its clock would stay: open it with fresh=True"
        for page in self.context.pages:
            if page is not self.keeper:
                page.close()
        self.context.unroute_all(behavior="ignoreErrors")
        self.context.set_offline(False)
        self.keeper.evaluate(_CLEAR)


@dataclass
class Contexts:
    """The contexts of one browser for one product. Those that no phone uses wait for one with the same options."""

    browser: Browser
    served: Served
    _idle: dict[str, list[KeptContext]] = field(default_factory=lambda: defaultdict(list))

    @contextmanager
    def lend(self, headers: dict[str, str], **options: Any) -> Iterator[KeptContext]:
        """Lend a context that sends these headers. After a failure it is closed, because nobody knows its state."""
        idle = self._idle[repr(sorted(options.items()))]
        kept = idle.pop() if idle else self._new(**options)
        kept.context.set_extra_http_headers(headers)
        try:
            yield kept
            kept.clear()
        except BaseException:
            kept.context.close()
            raise
        idle.append(kept)

    def _new(self, **options: Any) -> KeptContext:
        context = self.browser.new_context(**options)
        context.add_init_script(NO_WORKER)
        keeper = context.new_page()
        keeper.goto(f"http://127.0.0.1:{self.served.port}/health")  # a small page
        return KeptContext(context, keeper)
