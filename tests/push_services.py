"""Devices of the tests: a push service on this machine that decrypts what the server sends, as a phone does."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any, NamedTuple
from uuid import uuid4

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from planner.notifications.push_encryption import encode, encoded

_CURVE = ec.SECP256R1()


class Received(NamedTuple):
    """One request to the push service: its headers in lower case, and its encrypted and decrypted body."""

    device: str
    headers: dict[str, str]
    body: bytes
    payload: dict[str, Any]


@dataclass
class Device:
    """A device: its name at the push service, and its keys."""

    service: PushService
    name: str = field(default_factory=lambda: uuid4().hex)
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(_CURVE))
    auth: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def endpoint(self) -> str:
        """The address to which the server sends."""
        return f"{self.service.origin}/push/{self.name}"

    @property
    def keys(self) -> dict[str, str]:
        """The keys, as a browser gives them."""
        return {"p256dh": encode(encoded(self.key.public_key())), "auth": encode(self.auth)}

    @property
    def subscription(self) -> dict[str, Any]:
        """The body of a request that registers this device."""
        return {"kind": "web_push", "endpoint": self.endpoint, "keys": self.keys}

    def decrypt(self, body: bytes) -> bytes:
        """Return the text of a message, without its padding (RFC 8188 and RFC 8291)."""
        salt, length = body[:16], body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, sender))
        info = b"WebPush: info\0" + encoded(self.key.public_key()) + sender
        material = _derived(self.auth, shared, info, 32)
        key = _derived(salt, material, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _derived(salt, material, b"Content-Encoding: nonce\0", 12)
        return AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0")[:-1]


def _derived(salt: bytes, material: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(material)


@dataclass
class PushService:
    """A push service. It answers 201, or what `answers` says for a device: a status, or an event to hang."""

    devices: dict[str, Device] = field(default_factory=dict)
    answers: dict[str, tuple[int, dict[str, str]] | Event] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)
    port: int = 0

    @property
    def origin(self) -> str:
        """Its origin, which the settings must allow: it is on this machine."""
        return f"http://{self.host}"

    @property
    def host(self) -> str:
        """Its host and port."""
        return f"127.0.0.1:{self.port}"

    def add_device(self) -> Device:
        """Return a new device of this service."""
        device = Device(self)
        self.devices[device.name] = device
        return device

    def texts(self, device: Device | None = None) -> list[str]:
        """Return the sentences that arrived, at one device or at all."""
        return [
            each.payload["notification"]["body"]
            for each in self.received
            if device is None or each.device == device.name
        ]

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request, after its message was decrypted."""
        name = request.path.removeprefix("/push/")
        body = request.rfile.read(int(request.headers["Content-Length"]))
        headers = {each.lower(): value for each, value in request.headers.items()}
        reply = self.answers.get(name, (201, {}))
        if isinstance(reply, Event):
            reply.wait(60)
            return
        with self.lock:
            self.received.append(Received(name, headers, body, json.loads(self.devices[name].decrypt(body))))
        status, more = reply
        request.send_response(status)
        for header, value in {"Content-Length": "0", **more}.items():
            request.send_header(header, value)
        request.end_headers()


@contextmanager
def running() -> Iterator[PushService]:
    """Serve a push service on this machine for the time of a block."""
    service = PushService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            service.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    service.port = server.server_port
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield service
    finally:
        for reply in service.answers.values():
            if isinstance(reply, Event):
                reply.set()
        server.shutdown()
        server.server_close()
