"""The one fence around calls to addresses that a person gave.

Such an address could lead into the operator's own network, hang, or send without end. So a call uses https, connects to
public addresses only, follows no redirect to another place, and ends after a fixed time and size. The operator can
allow single places at home by `REKINDLE_OUTBOUND_ORIGINS`.

Addresses can be secret: they are never in a log, in an exception, or in a message.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from planner.settings import Settings

MOST_BYTES = 2_000_000
"""The largest answer, decoded."""
MOST_SECONDS = 10.0
"""Seconds for a call with all its redirects, from the first look-up to the last byte."""
RETRY_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))
"""The wait after each failed try to send something. After the last try it is given up."""
_MOST_REDIRECTS = 3
_MOST_SECONDS_TO_CONNECT = 3.0
"""Seconds for one of the host's addresses. Many homes have an IPv6 that leads nowhere; then the next one is tried."""
_REDIRECTS = (301, 302, 303, 307, 308)
_CHUNK = 64 * 1024
_PORTS = {"https": 443, "http": 80}
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")
_SAFE = "/%:@!$&'()*+,;=~"
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

_settings = Settings()


class OutboundFault(Exception):
    """A call that failed. Its `reason` is a word; it never holds the address."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Answer(NamedTuple):
    """The answer of a host. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Place(NamedTuple):
    """A parsed address."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _PORTS[self.scheme] else f":{self.port}")

    @property
    def is_allowed_at_home(self) -> bool:
        """Return whether the operator trusts this place, so that it may be private or without encryption."""
        return self.origin in _settings.outbound_origins


def use(settings: Settings) -> None:
    """Use the allowed places of these settings in this process."""
    global _settings
    _settings = settings


def check(address: str) -> str:
    """Return an address in the form in which it can be called. Raises OutboundFault. It makes no call."""
    place = _parse(address)
    return place.origin + place.path


def host_of(address: str) -> str:
    """Return the host of a checked address, also of one that is no longer allowed. The rest can be a secret."""
    return urlsplit(address).hostname or ""


def origin_of(address: str) -> str:
    """Return the scheme, host and port of an address, such as https://push.example.org. Raises OutboundFault."""
    return _parse(address).origin


def fetch(
    address: str, headers: Mapping[str, str], most_bytes: int = MOST_BYTES, seconds: float = MOST_SECONDS
) -> Answer:
    """Return the answer to a GET. Raises OutboundFault, also for an answer that is too long or too slow."""
    ends_at = time.monotonic() + seconds
    place = first = _parse(address)
    for _ in range(_MOST_REDIRECTS + 1):
        answer = _get(place, headers, most_bytes, ends_at)
        if answer.status not in _REDIRECTS:
            return answer
        place = _redirected(place, answer)
        if place.origin != first.origin:
            raise OutboundFault("moved")
    raise OutboundFault("moved")


def post(address: str, headers: Mapping[str, str], body: bytes, seconds: float = MOST_SECONDS) -> Answer:
    """Return the answer to a POST, without its body. It follows no redirect. Raises OutboundFault."""
    ends_at = time.monotonic() + seconds
    return _ask("POST", _parse(address), headers, ends_at, lambda response, received: b"", body)


def connect(host: str, port: int, seconds: float = MOST_SECONDS) -> TimedSocket:
    """Return a connection to a host that the operator named, so it may be private. Raises OSError.

    All that it receives has to arrive within `seconds`, together with the look-up.
    """
    ends_at = time.monotonic() + seconds
    fault = OSError("unknown host")
    for family, address in _resolve(_Place("tcp", host, port, ""), ends_at):
        try:
            return _connected(family, address, ends_at)
        except OSError as error:
            fault = error
    raise fault


def encrypt(plain: TimedSocket, host: str) -> TimedSocket:
    """Return an encrypted connection in place of a plain one, after a check of the certificate. Raises OSError."""
    plain.settimeout(_seconds_until(plain.ends_at))
    try:
        # It also shakes hands, within the time that the plain socket has left.
        encrypted = _tls().wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise
    assert isinstance(encrypted, _TlsSocket)
    encrypted.ends_at = plain.ends_at
    return encrypted


def _redirected(place: _Place, answer: Answer) -> _Place:
    try:
        return _parse(urljoin(place.origin + place.path, answer.headers.get("location", "")))
    except (OutboundFault, ValueError):
        raise OutboundFault("moved") from None


def _parse(address: str) -> _Place:
    try:
        parts = urlsplit(address.strip())
        host, port = parts.hostname or "", parts.port
        host = host if ":" in host else host.encode("idna").decode()
    except ValueError:  # also a name that IDNA forbids
        raise OutboundFault("not_an_address") from None
    scheme = {"webcal": "https", "webcals": "https"}.get(parts.scheme, parts.scheme)
    if scheme not in _PORTS or not _HOST.fullmatch(host) or not address.isprintable() or port == 0:
        raise OutboundFault("not_an_address")
    if parts.username is not None or parts.password is not None:
        raise OutboundFault("address_with_password")
    query = "?" + quote(parts.query, _SAFE + "?") if parts.query else ""
    path = quote(parts.path or "/", _SAFE) + query
    place = _Place(scheme, host, port or _PORTS[scheme], path)
    if scheme != "https" and not place.is_allowed_at_home:
        raise OutboundFault("not_https")
    return place


def _get(place: _Place, headers: Mapping[str, str], most_bytes: int, ends_at: float) -> Answer:
    return _ask(
        "GET", place, headers, ends_at, lambda response, received: b"".join(_body(response, received, most_bytes))
    )


def _ask(
    method: str,
    place: _Place,
    headers: Mapping[str, str],
    ends_at: float,
    read: Callable[[HTTPResponse, Mapping[str, str]], bytes],
    body: bytes | None = None,
) -> Answer:
    connection = _Connection(place, ends_at)
    sent = {"User-Agent": "Rekindle", "Accept-Encoding": "gzip", "Connection": "close", **headers}
    try:
        connection.request(method, place.path, body, sent)
        with closing(connection.getresponse()) as response:
            received = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, received, read(response, received))
    except ssl.SSLError:
        raise OutboundFault("not_secure") from None
    except TimeoutError:
        raise OutboundFault("too_slow") from None
    except (OSError, HTTPException, UnicodeError):
        raise OutboundFault("no_answer") from None
    finally:
        connection.close()


def _body(response: HTTPResponse, headers: Mapping[str, str], most_bytes: int) -> Iterator[bytes]:
    """Yield the decoded body. A small body that unpacks to a huge one is stopped at the limit, too."""
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", ""):
        raise OutboundFault("garbled")
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16) if "gzip" in encoding else None
    left = packed_left = most_bytes
    while packed := response.read1(_CHUNK):
        packed_left -= len(packed)
        try:
            chunk = inflate.decompress(packed, left + 1) if inflate else packed
        except zlib.error:
            raise OutboundFault("garbled") from None
        left -= len(chunk)
        if left < 0 or packed_left < 0:
            raise OutboundFault("too_large")
        yield chunk
    if response.length or (inflate and not inflate.eof and packed_left < most_bytes):
        raise OutboundFault("no_answer")  # it broke off


class _Connection(HTTPConnection):
    """A connection to one place, by our own rules."""

    def __init__(self, place: _Place, ends_at: float) -> None:
        super().__init__(place.host, place.port)
        self.default_port = _PORTS[place.scheme]  # else a Host would contain the port
        self._place, self._ends_at = place, ends_at

    def connect(self) -> None:
        """Connect to the first address of the host that answers. Raises OutboundFault for a private one."""
        fault: Exception = OutboundFault("unknown_host")
        for family, address in _resolve(self._place, self._ends_at):
            try:
                plain = _open(family, address, self._place, self._ends_at)
            except OSError as error:
                fault = error
                continue
            self.sock = self._encrypted(plain)
            return
        raise fault

    def _encrypted(self, plain: _PlainSocket) -> TimedSocket:
        return plain if self._place.scheme == "http" else encrypt(plain, self._place.host)


class _PlainSocket(socket.socket):
    """A socket with one time limit for all that it receives: else each new byte would begin it anew."""

    ends_at: float

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        """Receive within the time that is left. Raises TimeoutError."""
        self.settimeout(_seconds_until(self.ends_at))
        return super().recv_into(*args, **kwargs)


class _TlsSocket(ssl.SSLSocket):
    """The same for an encrypted connection."""

    ends_at: float

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        """Receive within the time that is left. Raises TimeoutError."""
        self.settimeout(_seconds_until(self.ends_at))
        return super().recv_into(*args, **kwargs)


TimedSocket = _PlainSocket | _TlsSocket
"""A socket with one time limit for all that it receives."""


@cache
def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.sslsocket_class = _TlsSocket
    return context


def _seconds_until(ends_at: float) -> float:
    seconds = ends_at - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def _resolve(place: _Place, ends_at: float) -> list[tuple[int, Any]]:
    """Return the families and addresses of a host. The look-up has no time limit of its own, so a thread makes it."""
    answers: SimpleQueue[list[tuple[int, Any]]] = SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            found = []
        answers.put([(family, address) for family, _, _, _, address in found])

    Thread(target=look_up, name="look-up", daemon=True).start()
    try:
        return answers.get(timeout=_seconds_until(ends_at))
    except Empty:
        raise TimeoutError from None


def _open(family: int, address: Any, place: _Place, ends_at: float) -> _PlainSocket:
    """Return a connected socket. The address was looked up once, so no later answer of the DNS can replace it."""
    if not place.is_allowed_at_home and not _is_public(address[0]):
        raise OutboundFault("not_public")
    plain = _connected(family, address, ends_at)
    try:
        if not place.is_allowed_at_home and not _is_public(plain.getpeername()[0]):
            raise OutboundFault("not_public")
    except BaseException:
        plain.close()
        raise
    return plain


def _connected(family: int, address: Any, ends_at: float) -> _PlainSocket:
    plain = _PlainSocket(family, socket.SOCK_STREAM)
    try:
        plain.ends_at = ends_at
        plain.settimeout(min(_MOST_SECONDS_TO_CONNECT, _seconds_until(ends_at)))
        plain.connect(address)
    except BaseException:
        plain.close()
        raise
    return plain


def _is_public(text: str) -> bool:
    """Return whether an address belongs to the public internet, also one of IPv4 that is written as IPv6."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner or address.is_site_local:
            return inner is not None and inner.is_global and not inner.is_multicast
    return address.is_global and not address.is_multicast and not (address.version == 6 and address.is_reserved)
