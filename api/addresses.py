"""The addresses of this server: for its own computer, and for phones in the same network."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

_ALL_INTERFACES = ("0.0.0.0", "::")  # noqa: S104  # names, not a place to listen on
# Documentation addresses (RFC 5737, RFC 3849). Connecting a UDP socket sends nothing; it only chooses an interface.
_FAR_AWAY = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


def for_this_computer(host: str, port: int) -> str:
    """Return the URL for a browser on the computer of the server."""
    return _url("127.0.0.1" if host in _ALL_INTERFACES else host, port)


def for_phones(host: str, port: int) -> str | None:
    """Return the URL for phones in the same network, or None if the server listens on this computer only."""
    if host in _ALL_INTERFACES:
        address = _address_in_network()
        return _url(address, port) if address else None
    return None if is_loopback(host) else _url(host, port)


def is_loopback(host: str) -> bool:
    """Return whether only the computer itself reaches this host, which may have a port."""
    name = urlsplit(f"//{host}").hostname if "]" in host or host.count(":") < 2 else host
    try:
        return ip_address(name or "").is_loopback
    except ValueError:
        return name == "localhost"


def _address_in_network() -> str | None:
    for family, far_away in _FAR_AWAY:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((far_away, 9))
                address = str(probe.getsockname()[0])
        except OSError:
            continue
        if not is_loopback(address):
            return address
    return None


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
