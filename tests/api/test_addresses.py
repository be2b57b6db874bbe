"""The addresses of the server: what `make run` prints, and what an invitation link names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from api import addresses
from api.app import create_app
from tests.conftest import SETTINGS
from tests.people import PASSWORD

IN_NETWORK = "192.168.1.20"
EVERYWHERE = "0.0.0.0"  # noqa: S104  # nothing listens here


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "_address_in_network", lambda: IN_NETWORK)


@pytest.mark.parametrize(
    ("host", "computer", "phones"),
    [
        ("127.0.0.1", "http://127.0.0.1:80", None),
        ("localhost", "http://localhost:80", None),
        ("::1", "http://[::1]:80", None),
        (EVERYWHERE, "http://127.0.0.1:80", "http://192.168.1.20:80"),
        ("::", "http://127.0.0.1:80", "http://192.168.1.20:80"),
        ("10.0.0.7", "http://10.0.0.7:80", "http://10.0.0.7:80"),
    ],
)
def test_which_address_a_browser_opens(network, host, computer, phones):
    assert (addresses.for_this_computer(host, 80), addresses.for_phones(host, 80)) == (computer, phones)


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [("127.0.0.1:8000", True), ("localhost:8000", True), ("[::1]:8000", True), ("::1", True), ("127.8.8.8", True),
     ("192.168.1.20:8000", False), ("rekindle.example.org", False), ("localhost.example.org", False), ("", False)],
)  # fmt: skip
def test_what_only_the_computer_itself_reaches(host, is_loopback):
    assert addresses.is_loopback(host) is is_loopback


def test_the_address_in_the_network_is_no_loopback():
    address = addresses._address_in_network()
    assert address is None or not addresses.is_loopback(address)


@pytest.mark.parametrize(
    ("listens_on", "asked", "link"),
    [
        (EVERYWHERE, "localhost:8000", "http://192.168.1.20:8000/join#"),
        (EVERYWHERE, "box.example:8000", "http://box.example:8000/join#"),
        ("127.0.0.1", "localhost:8000", "http://localhost:8000/join#"),
    ],
)
def test_a_link_made_at_the_server_works_on_a_phone(sqlite_url, network, app, listens_on, asked, link):
    client = create_app(replace(SETTINGS, host=listens_on)).test_client()
    body = {"display_name": "Kim", "password": PASSWORD, "zone": "UTC"}
    token = client.post("/v1/people", json=body).get_json()["session"]["token"]
    headers = {"Authorization": f"Bearer {token}", "Host": asked}
    assert client.post("/v1/invitations", json={}, headers=headers).get_json()["link"].startswith(link)
