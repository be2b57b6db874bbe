"""Hostile calendars: hosts and files made to take time and memory. Other people must not notice them.

    python -m tests.campaigns.hostile_calendars [SECONDS]

The served product reads all of them at once, again and again, and people upload such files. Meanwhile another person
asks for /health and /v1/today.
"""

from __future__ import annotations

import gzip
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from threading import Event, Thread
from typing import Any

from tests import calendars, served
from tests.calendars import Host, calendar, event
from tests.campaigns.stalls import Figures, ask, sign_up
from tests.served import Served

_MINUTE = ("20261201T100000Z", "20261201T100100Z")

FILES: dict[str, str] = {
    "each second": calendar(event("1", *_MINUTE, "RRULE:FREQ=SECONDLY")),
    "each minute": calendar(event("1", *_MINUTE, "RRULE:FREQ=MINUTELY")),
    "a billion times": calendar(event("1", *_MINUTE, "RRULE:FREQ=DAILY;COUNT=1000000000")),
    "since the year 1": calendar(event("1", "00010101T000000Z", "00010101T010000Z", "RRULE:FREQ=DAILY")),
    "never": calendar(event("1", *_MINUTE, "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")),
    "8,000 events": calendar(*(event(str(number), *_MINUTE) for number in range(8_000))),
    "8,000 series": calendar(*(event(str(number), *_MINUTE, "RRULE:FREQ=WEEKLY") for number in range(8_000))),
    "a byte order mark": "\ufeff" + calendar(event("1", *_MINUTE)),
    "5 MB": calendar("X-FILL:" + "x" * 5_000_000 + "\r\n"),
}


def drip(host: Host) -> Callable[[BaseHTTPRequestHandler], None]:
    """Return a reply that sends a byte now and then, without an end."""

    def reply(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not host.stopping.wait(0.5):
            try:
                request.wfile.write(b"x")
            except OSError:
                return

    return reply


def addresses(host: Host) -> dict[str, str]:
    """Return the address of each hostile calendar by its name."""
    served_files = {name: host.serve(f"/{name.replace(' ', '-')}", text) for name, text in FILES.items()}
    host.replies["/drip"] = drip(host)
    host.replies["/silent"] = lambda request: host.stopping.wait(60)
    bomb = gzip.compress(b"\0" * 200_000_000)
    return served_files | {
        "a slow drip": f"{host.origin}/drip",
        "a silent host": f"{host.origin}/silent",
        "a gzip bomb": host.serve("/bomb", bomb, Content_Encoding="gzip"),
        "a redirect to this machine": host.serve("/away", "", 302, Location="http://127.0.0.1:1/"),
        "a name of this machine": "https://localhost/",
    }


def upload(server: Served, token: str, stop: Event) -> None:
    """Upload hostile files in turn, until the limit of one person, or the end."""
    while not stop.is_set():
        for name, text in FILES.items():
            server.request("POST", "/v1/busy-calendars/files", token, {"name": name, "text": text})


def campaign(server: Served, host: Host, seconds: float) -> tuple[Figures, list[dict[str, Any]]]:
    """Return the figures of the other person, and the hostile calendars as their owner sees them."""
    owner, other, stop = sign_up(server), sign_up(server), Event()
    for name, address in addresses(host).items():
        status, answer = server.request("POST", "/v1/busy-calendars", owner, {"name": name, "address": address})
        assert status == 201, answer
    uploads = [Thread(target=upload, args=(server, sign_up(server), stop), daemon=True) for _ in range(3)]
    for thread in uploads:
        thread.start()
    figures, last = Figures(), time.monotonic() + seconds
    while time.monotonic() < last:
        ask(server, other, figures, 20)
        items: list[dict[str, Any]] = server.request("GET", "/v1/busy-calendars", owner)[1]["items"]
        for item in items:
            if item["state"] != "waiting":
                server.request("POST", f"/v1/busy-calendars/{item['id']}/refresh", owner)
    stop.set()
    for _ in range(90):  # what is read now comes to its end
        items = server.request("GET", "/v1/busy-calendars", owner)[1]["items"]
        if all(item["state"] != "waiting" for item in items):
            break
        time.sleep(1)
    return figures, items


def main() -> None:
    """Run the campaign, and print its figures. Fail if a person got no answer, or a calendar still waits."""
    seconds = float(sys.argv[1]) if sys.argv[1:] else 30.0
    with tempfile.TemporaryDirectory() as folder, calendars.running() as host:
        url = f"sqlite:///{folder}/rekindle.sqlite3"
        with served.running(url, trusted_proxies="1", outbound_origins=host.origin) as server:
            figures, items = campaign(server, host, seconds)
    for item in items:
        fault = (item["fault"] or {}).get("key", "")
        print(f"{item['name']}: {item['state']} {fault}, {item['busy_times']} busy, {item['skipped_events']} skipped")
    print(f"other people meanwhile: {figures}")
    megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"the largest process, a worker included: {megabytes:.0f} MB")
    if figures.failed or any(item["state"] == "waiting" for item in items):
        sys.exit("the hostile calendars delayed a person or each other")


if __name__ == "__main__":
    main()
