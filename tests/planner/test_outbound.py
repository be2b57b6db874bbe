"""The fence around calls to other hosts: what it refuses, and when it stops. The hosts are on this machine."""

from __future__ import annotations

import gzip
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from planner import outbound
from planner.outbound import OutboundFault
from planner.settings import Settings
from tests import calendars
from tests.calendars import Host

pytestmark = pytest.mark.real_time

CERTIFICATE = Path(__file__).with_name("certificates") / "calendar.test.pem"
PUBLIC = "93.184.216.34"


@pytest.fixture
def host() -> Iterator[Host]:
    """Return a host on this machine that the operator allows."""
    with calendars.running() as running:
        outbound.use(replace(Settings(), outbound_origins=(running.origin,)))
        yield running
        outbound.use(Settings())


def fault_of(address: str, **limits: float) -> str:
    """Return why a call fails."""
    with pytest.raises(OutboundFault) as caught:
        outbound.fetch(address, {}, **limits)  # type: ignore[arg-type]
    assert address not in str(caught.value)
    assert caught.value.__cause__ is None
    return caught.value.reason


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", "not_an_address"), ("calendar.example.org", "not_an_address"), ("https://", "not_an_address"),
        ("https://a b.example/", "not_an_address"), ("https://x.example:99999/", "not_an_address"),
        ("https://x.example:0/", "not_an_address"), ("ftp://x.example/", "not_an_address"),
        ("file:///etc/passwd", "not_an_address"), ("https://x.example/\r\nHost: y", "not_an_address"),
        ("https://[::1", "not_an_address"), ("https://x.example/\x00", "not_an_address"),
        ("https://" + "a" * 70 + ".example/", "not_an_address"), ("javascript:alert(1)", "not_an_address"),
        ("http://x.example/", "not_https"), ("http://127.0.0.1/", "not_https"),
        ("https://me:secret@x.example/", "address_with_password"), ("https://me@x.example/", "address_with_password"),
    ],
)  # fmt: skip
def test_a_wrong_address_is_refused_without_a_call(address: str, reason: str) -> None:
    with pytest.raises(OutboundFault) as caught:
        outbound.check(address)
    assert caught.value.reason == reason


def test_an_address_is_brought_into_one_form() -> None:
    assert outbound.check(" webcal://Calendar.Example.org/a%20b/ü?x=1&y=é ") == (
        "https://calendar.example.org/a%20b/%C3%BC?x=1&y=%C3%A9"
    )
    assert outbound.check("https://bücher.example:8443") == "https://xn--bcher-kva.example:8443/"
    assert outbound.host_of("https://calendar.example.org/private-1/basic.ics") == "calendar.example.org"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",  # noqa: S104
        "255.255.255.255", "198.18.0.1", "192.0.2.1", "240.0.0.1", "::1", "::", "fe80::1%1", "fc00::1", "fec0::1",
        "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:224.0.0.1", "2002:7f00:1::",
        "2002:a00:1::",
        "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2001:0:5ef5:79fd:0:0:f5ff:fffe", "::127.0.0.1", "4000::1",
    ],
)  # fmt: skip
def test_no_call_reaches_a_private_address_by_any_name(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found = [(family, socket.SOCK_STREAM, 6, "", (address, 443, 0, 0)[: 4 if ":" in address else 2])]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("it connected"))
    assert fault_of("https://calendar.test/") == "not_public"


@pytest.mark.parametrize("address", [PUBLIC, "2606:4700::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"])
def test_a_public_address_is_called(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(family, 1, 6, "", (address, 443))])
    monkeypatch.setattr(socket.socket, "connect", lambda _, to: calls.append(to) or _refuse())
    assert fault_of("https://calendar.test/") == "no_answer"
    assert calls == [(address, 443)]


def _refuse() -> None:
    raise ConnectionRefusedError


def test_the_address_of_the_connected_socket_is_checked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(socket.AF_INET, 1, 6, "", (PUBLIC, 443))])
    monkeypatch.setattr(socket.socket, "connect", lambda *_: None)
    monkeypatch.setattr(socket.socket, "getpeername", lambda _: ("10.0.0.1", 443))
    assert fault_of("https://calendar.test/") == "not_public"


def test_names_of_this_machine_are_refused_and_unknown_names_too() -> None:
    assert fault_of("https://localhost/") == "not_public"
    assert fault_of("https://127.0.0.1:8000/") == "not_public"
    assert fault_of("https://nothing.invalid/") == "unknown_host"


def test_an_allowed_place_is_asked(host: Host) -> None:
    address = host.serve("/a%20b?c=1", "text", ETag='"1"')
    answer = outbound.fetch(address, {"If-None-Match": '"0"'})
    assert (answer.status, answer.body, answer.headers["etag"]) == (200, b"text", '"1"')
    assert outbound.fetch(address, {"If-None-Match": '"1"'}).status == 304
    path, headers = host.asked[0]
    assert path == "/a%20b?c=1"
    assert headers["user-agent"] == "Rekindle"
    assert headers["host"] == f"127.0.0.1:{host.port}"
    assert "cookie" not in headers


def test_redirects_stay_at_the_same_place_and_end(host: Host) -> None:
    host.serve("/end", "text")
    host.serve("/1", b"", 302, Location="/2")
    host.serve("/2", b"", 308, Location=f"{host.origin}/end")
    host.serve("/round", b"", 301, Location="/round")
    assert outbound.fetch(f"{host.origin}/1", {}).body == b"text"
    assert fault_of(f"{host.origin}/round") == "moved"
    assert len([path for path, _ in host.asked if path == "/round"]) == 4
    for location in (
        "https://127.0.0.1/", f"http://127.0.0.1:{host.port + 1}/", f"http://localhost:{host.port}/end", "",
        "https://calendar.example.org/", "file:///etc/passwd", "//[::1]/", "https://me:you@127.0.0.1/", "http://[::1",
    ):  # fmt: skip
        host.serve("/away", b"", 307, Location=location)
        assert fault_of(f"{host.origin}/away") == "moved", location


def test_a_body_is_bounded_also_when_it_is_packed(host: Host) -> None:
    small = b"x" * 1000
    assert outbound.fetch(host.serve("/", gzip.compress(small), Content_Encoding="gzip"), {}).body == small
    assert outbound.fetch(host.serve("/", small), {}, most_bytes=1000).body == small
    assert fault_of(host.serve("/", small), most_bytes=999) == "too_large"
    assert fault_of(host.serve("/", b"x" * 5_000_000)) == "too_large"
    bomb = gzip.compress(b"\0" * 200_000_000)
    assert len(bomb) < 200_000
    started = time.process_time()
    assert fault_of(host.serve("/", bomb, Content_Encoding="gzip")) == "too_large"
    assert time.process_time() - started < 1
    assert fault_of(host.serve("/", b"not packed", Content_Encoding="gzip")) == "garbled"
    assert fault_of(host.serve("/", small, Content_Encoding="br")) == "garbled"
    assert fault_of(host.serve("/", gzip.compress(small)[:-9], Content_Encoding="gzip")) == "no_answer"
    assert fault_of(host.serve("/", small, Content_Length="1001"), seconds=5) == "no_answer"


def test_a_slow_drip_ends_in_time_wherever_it_drips(host: Host) -> None:
    def drip(first: bytes) -> None:
        def reply(request: BaseHTTPRequestHandler) -> None:
            request.wfile.write(first)
            while not host.stopping.wait(0.05):
                try:
                    request.wfile.write(b"1")
                except OSError:
                    return

        host.replies["/"] = reply

    for first in (
        b"",
        b"HTTP/1.1 200 OK\r\nX: ",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    ):
        drip(first)
        started = time.monotonic()
        assert fault_of(f"{host.origin}/", seconds=0.4) == "too_slow", first
        assert time.monotonic() - started < 2


def test_a_slow_look_up_ends_in_time(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: host.stopping.wait(20) and [])
    assert fault_of("https://calendar.test/", seconds=0.2) == "too_slow"


def test_a_host_that_talks_nonsense_or_hangs_up_has_a_fault(host: Host) -> None:
    for nonsense in (
        b"",
        b"hello\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
    ):
        host.replies["/"] = lambda request, nonsense=nonsense: request.wfile.write(nonsense)
        assert fault_of(f"{host.origin}/", seconds=5) == "no_answer", nonsense
    assert fault_of(f"http://127.0.0.1:{host.port}/".replace(str(host.port), "1")) == "not_https"


def test_the_certificate_must_be_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    with calendars.running(CERTIFICATE) as host:
        address = f"https://calendar.test:{host.port}/"
        host.serve("/", "over TLS")
        found = [(socket.AF_INET, 1, 6, "", ("127.0.0.1", host.port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        outbound.use(replace(Settings(), outbound_origins=(address[:-1], f"https://other.test:{host.port}")))
        assert fault_of(address) == "not_secure"
        trusting = ssl.create_default_context(cafile=str(CERTIFICATE))
        trusting.sslsocket_class = outbound._TlsSocket
        monkeypatch.setattr(outbound, "_tls", lambda: trusting)
        assert outbound.fetch(address, {}).body == b"over TLS"
        assert fault_of(f"https://other.test:{host.port}/") == "not_secure"
        host.replies["/"] = lambda request: host.stopping.wait(20)
        assert fault_of(address, seconds=0.5) == "too_slow"
    outbound.use(Settings())
