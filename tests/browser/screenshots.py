"""Take the pictures of the README from the demo couple: `make screenshots`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from planner import demo
from tests import served
from tests.browser import phones
from tests.browser.phones import Account
from tests.served import ROOT, Served

FOLDER = ROOT / "api/docs/screenshots"
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 1, "has_touch": True, "is_mobile": True}


def sign_in(server: Served, name: str) -> Account:
    """Return the sign-in of a demo person."""
    body = {"sign_in_name": name, "password": demo.PASSWORD, "device": "Phone"}
    status, answer = server.request("POST", "/v1/sign-ins", body=body)
    assert status == 201, answer
    return Account(server, name, answer)


def fill(url: str) -> dict[str, str]:
    """Fill a database with the demo couple, and return the sign-in name of each."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "demo"]
    environment = {"REKINDLE_DATABASE_URL": url, "REKINDLE_PASSWORD_COST": "cheapest", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    lines = [line.split(":") for line in done.stdout.splitlines()[-2:]]
    return {name.strip(): sign_in_name.strip() for name, sign_in_name in lines}


def main() -> None:
    """Write one picture for each screen that the README shows."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        url = f"sqlite:///{Path(folder)}/demo.sqlite3"
        names = fill(url)
        with served.running(url) as server:
            kim = sign_in(server, names["Kim"])
            waiting = kim.send("GET", "/today")["waiting"][0]
            browser = phones.launch(playwright)
            pages = {"today": "/", "ideas": "/ideas", "date": f"/dates/{waiting['id']}", "notes": "/notes"}
            for name, path in pages.items():
                with phones.phone(browser, server, PHONE, reduced_motion="reduce") as phone:
                    phone.sign_in(kim, path)
                    phone.page.wait_for_load_state("networkidle")
                    phone.page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
