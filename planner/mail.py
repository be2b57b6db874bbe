"""Mail: it hands plain text to the operator's mail server, over TLS and within ten seconds.

The settings name the server. Addresses and texts are in no log and in no exception: a fault has a fixed reason.
"""

from __future__ import annotations

import ipaddress
import re
import smtplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from uuid import UUID

from planner import outbound
from planner.settings import Settings

MOST_SECONDS = outbound.MOST_SECONDS
"""Seconds for one mail, from the look-up of the server to its last answer."""
_REST = 30.0
"""Seconds in which a server that did not answer is left alone. Each mail would wait for it again."""
_PORTS = {"smtp": 587, "smtps": 465}


class MailFault(Exception):
    """A mail that was not sent now. Its `reason` is a word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AddressRefused(MailFault):
    """A mail whose address does not exist, as the mail server says. Another try would end in the same way."""


class Mail(NamedTuple):
    """A mail of one person. A repeat with the same id has the same Message-ID, so that a mailbox can merge the two.

    `unsubscribe` is an address at which a POST ends all mails of this kind.
    """

    id: UUID
    to: str
    subject: str
    text: str
    unsubscribe: str | None = None


class _Server(NamedTuple):
    """The operator's mail server."""

    scheme: str
    host: str
    port: int
    user: str | None
    password: str
    sender: str
    public_url: str

    @property
    def is_here(self) -> bool:
        """Return whether it runs on this machine: then it may do without encryption."""
        with suppress(ValueError):
            return ipaddress.ip_address(self.host).is_loopback
        return self.host == "localhost"


_server: _Server | None = None
_rests_until = 0.0


def use(settings: Settings) -> None:
    """Use the mail server of these settings in this process."""
    global _server, _rests_until
    _server, _rests_until = None, 0.0
    if settings.smtp_url and settings.mail_from:
        parts = urlsplit(settings.smtp_url)
        port = parts.port or _PORTS[parts.scheme]
        user = None if parts.username is None else unquote(parts.username)
        password = unquote(parts.password or "")
        host, public_url = parts.hostname or "", settings.public_url or ""
        _server = _Server(parts.scheme, host, port, user, password, settings.mail_from, public_url)


def is_set_up() -> bool:
    """Return whether the operator has set up mail."""
    return _server is not None


def link(path: str) -> str:
    """Return the address of a page of this server, for the text of a mail."""
    return f"{_server.public_url if _server else ''}{path}"


def send(mail: Mail, now: datetime, seconds: float = MOST_SECONDS) -> None:
    """Send a mail. Raises AddressRefused, or MailFault if it can be tried again."""
    server = _server
    if server is None:
        raise MailFault("not_set_up")
    _check_rest()
    message = _message(mail, server, now)
    with _faults(), _session(server, seconds) as session:
        session.sendmail(parseaddr(server.sender)[1], [mail.to], message)


def check(seconds: float = MOST_SECONDS) -> None:
    """Sign in at the mail server, and send nothing. Raises MailFault."""
    if _server is None:
        raise MailFault("not_set_up")
    with _faults(), _session(_server, seconds) as session:
        session.noop()


def _check_rest() -> None:
    if time.monotonic() < _rests_until:
        raise MailFault("no_answer")


def _message(mail: Mail, server: _Server, now: datetime) -> bytes:
    """Return the mail with its headers. The email package refuses a line end in any of them."""
    name, address = parseaddr(server.sender)
    message = EmailMessage(SMTP)
    message["From"] = Address(name, addr_spec=address)
    message["To"] = Address(addr_spec=mail.to)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{mail.id}@{address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"  # a notice of absence would go to the operator, and tell who is away
    if mail.unsubscribe:
        message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        if mail.unsubscribe.startswith("https:"):  # RFC 8058 allows nothing else
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text)
    return message.as_bytes()


class _Session(smtplib.SMTP):
    """A session with the mail server that ends after a fixed time, however slowly the server talks."""

    def __init__(self, server: _Server, seconds: float) -> None:
        # With a name, so that smtplib does not ask the network for the name of this machine.
        super().__init__(local_hostname=parseaddr(server.sender)[1].rpartition("@")[2])
        self._server, self._seconds = server, seconds
        self._host = server.host

    def _get_socket(self, host: str, port: int, timeout: float) -> outbound.TimedSocket:
        plain = outbound.connect(host, port, self._seconds)
        return outbound.encrypt(plain, host) if self._server.scheme == "smtps" else plain

    def encrypt(self) -> None:
        """Encrypt the session. Raises MailFault if the server cannot, unless it runs on this machine."""
        self.ehlo_or_helo_if_needed()
        if not self.has_extn("starttls"):
            if self._server.is_here:
                return
            raise MailFault("not_secure")
        self.starttls(context=_Handshake(self._server.host))  # type: ignore[call-overload]


class _Handshake:
    """What smtplib takes for an SSLContext: it encrypts within the time that is left."""

    def __init__(self, host: str) -> None:
        self._host = host

    def wrap_socket(self, plain: outbound.TimedSocket, server_hostname: str) -> outbound.TimedSocket:
        """Return an encrypted socket in place of a plain one."""
        return outbound.encrypt(plain, self._host)


@contextmanager
def _session(server: _Server, seconds: float) -> Iterator[_Session]:
    session = _Session(server, seconds)
    try:
        session.connect(server.host, server.port)
        if server.scheme == "smtp":
            session.encrypt()
        if server.user is not None:
            session.login(server.user, server.password)
        yield session
        # The mail has been sent: nothing that follows may make it look as if it was not.
        with suppress(smtplib.SMTPException, OSError):
            session.quit()
    finally:
        session.close()


@contextmanager
def _faults() -> Iterator[None]:
    """Turn every fault into ours, without what it tells: the texts of a server repeat the address."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        ((code, text),) = error.recipients.values()
        raise AddressRefused("address_refused") if is_unknown(code, text) else MailFault("refused") from None
    except smtplib.SMTPAuthenticationError:
        raise MailFault("sign_in_refused") from None
    except smtplib.SMTPServerDisconnected:
        _rest()
        raise MailFault("no_answer") from None
    except smtplib.SMTPException:
        raise MailFault("refused") from None
    except ssl.SSLError:
        raise MailFault("not_secure") from None
    except OSError:
        _rest()
        raise MailFault("no_answer") from None


def _rest() -> None:
    global _rests_until
    _rests_until = time.monotonic() + _REST


def is_unknown(code: int, text: bytes) -> bool:
    """Return whether the refusal of a recipient says that there is no such mailbox, or that it is closed.

    A server also refuses by its own rules, a full mailbox or the sender's address. A wrong setting of the operator must
    not set all addresses aside. RFC 3463 tells these apart, if the server uses its codes.
    """
    if enhanced := re.match(rb"5\.(\d{1,3})\.(\d{1,3})\b", text):
        subject, detail = int(enhanced[1]), int(enhanced[2])
        return (subject == 1 and detail not in (7, 8)) or (subject == 2 and detail != 2)
    return code in (550, 551, 553)
