"""Mailboxes of the tests: a real mail server on this machine, which refuses, waits or hangs as a test wants."""

from __future__ import annotations

import asyncio
import email
import re
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from threading import Event, Thread
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from planner.settings import Settings

CERTIFICATE = Path(__file__).parent / "planner/certificates/calendar.test.pem"
CODE = re.compile(r"[A-Z2-7]{5}-[A-Z2-7]{5}")


@dataclass
class Mailboxes:
    """A mail server. `refused` and `refused_text` hold the answers to recipients and texts, by address."""

    port: int
    mails: list[EmailMessage] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    refused_text: dict[str, str] = field(default_factory=dict)
    seconds: float = 0
    is_secure: list[bool] = field(default_factory=list)
    users: list[Any] = field(default_factory=list)
    stop: Callable[[], object] = bool

    async def handle_RCPT(  # noqa: N802  # aiosmtpd finds it by its name
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802  # as above
        await asyncio.sleep(self.seconds)
        (address,) = envelope.rcpt_tos
        if address in self.refused_text:
            return self.refused_text[address]
        message = email.message_from_bytes(envelope.content, policy=default)  # type: ignore[arg-type]
        assert isinstance(message, EmailMessage)
        assert message["To"] == address
        self.is_secure.append(server.transport.get_extra_info("ssl_object") is not None)
        self.mails.append(message)
        return "250 OK"

    def authenticate(self, server: Any, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        """Accept one name and password."""
        assert isinstance(given, LoginPassword)
        self.users.append(given.login)
        is_right = (given.login, given.password) == (b"robin", b"p@ss/word")
        return AuthResult(success=is_right, handled=False)

    def to(self, address: str) -> list[str]:
        """Return the texts of the mails to an address."""
        return [mail.get_content().replace("\r\n", "\n") for mail in self.mails if mail["To"] == address]

    def code(self, address: str) -> str:
        """Return the code in the last mail to an address that has one."""
        return self._codes(address)[-1]

    def wait_for_codes(self, count: int, address: str) -> None:
        """Wait until that many codes have arrived at an address. Notifications may come between them."""
        ends_at = time.monotonic() + 20
        while len(self._codes(address)) < count:
            assert time.monotonic() < ends_at, [letter["Subject"] for letter in self.mails]
            time.sleep(0.05)

    def _codes(self, address: str) -> list[str]:
        return [found[0] for text in self.to(address) if (found := CODE.search(text))]

    def wait_for(self, count: int, address: str = "") -> None:
        """Wait until that many mails have arrived, at one address or at all."""
        ends_at = time.monotonic() + 20
        while sum(letter["To"] == (address or letter["To"]) for letter in self.mails) < count:
            assert time.monotonic() < ends_at, [letter["Subject"] for letter in self.mails]
            time.sleep(0.05)

    def variables(self) -> dict[str, str]:
        """Return the settings that name this mail server, for a served product."""
        settings = self.settings(Settings())
        return {name: str(getattr(settings, name)) for name in ("smtp_url", "mail_from", "public_url")}

    def settings(self, base: Settings) -> Settings:
        """Return settings that name this mail server."""
        return replace(
            base,
            smtp_url=f"smtp://127.0.0.1:{self.port}",
            mail_from="Rekindle <rekindle@home.example>",
            public_url="https://home.example",
        )


@contextmanager
def running(tls: str = "", sign_in: bool = False) -> Iterator[Mailboxes]:
    """Run a mail server for the time of a block. `tls` is "" without encryption, "starttls" or "smtps"."""
    mailboxes, ready, stop = Mailboxes(0), Event(), asyncio.Event()
    context, more = None, dict[str, Any]()
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE, CERTIFICATE.with_suffix(".key"))
    if tls == "starttls":
        more |= {"tls_context": context, "require_starttls": True}
    if sign_in:
        more |= {"authenticator": mailboxes.authenticate, "auth_required": True, "auth_require_tls": False}

    async def serve() -> None:
        loop, connections = asyncio.get_running_loop(), list[SMTP]()

        def connect() -> SMTP:
            connections.append(SMTP(mailboxes, hostname="mail.test", **more))
            return connections[-1]

        server = await loop.create_server(connect, "127.0.0.1", 0, ssl=context if tls == "smtps" else None)
        mailboxes.port = server.sockets[0].getsockname()[1]
        mailboxes.stop = lambda: loop.call_soon_threadsafe(stop.set)
        ready.set()
        await stop.wait()
        server.close()
        for connection in connections:
            if connection.transport:
                connection.transport.abort()
        await asyncio.sleep(0)

    thread = Thread(target=asyncio.run, args=(serve(),), name="mailboxes", daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield mailboxes
    finally:
        mailboxes.stop()
        thread.join(10)
