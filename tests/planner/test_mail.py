"""Mail: what leaves, over which connection, what a refusal means, and when it gives up. The servers are real."""

from __future__ import annotations

import socket
import ssl
import time
import traceback
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from threading import Thread
from uuid import UUID

import pytest

from planner import mail, outbound
from planner.mail import AddressRefused, Mail, MailFault
from planner.settings import Settings
from tests import mailboxes
from tests.conftest import NOON
from tests.mailboxes import Mailboxes

pytestmark = [pytest.mark.real_time, pytest.mark.filterwarnings("ignore:Requiring AUTH")]

ID = UUID("5c2f2d0e-7b0a-4f5e-9f6e-0d6d1e8b9a10")
MAIL = Mail(ID, "kim@example.org", "Rekindle", "Etwas Neues für dich.\nhttps://home.example/app/inbox\n")


@pytest.fixture(autouse=True)
def forget_server() -> Iterator[None]:
    yield
    mail.use(Settings())


def fault_of(letter: Mail = MAIL, seconds: float = 5) -> str:
    """Return why a mail is not sent."""
    with pytest.raises(MailFault) as caught:
        mail.send(letter, NOON, seconds)
    assert letter.to not in "".join(traceback.format_exception(caught.value))
    return caught.value.reason


def test_a_mail_has_the_headers_of_one_that_a_program_sends(boxes: Mailboxes) -> None:
    unsubscribe = "https://home.example/unsubscribe/abc"
    mail.send(MAIL._replace(unsubscribe=unsubscribe), NOON)
    (sent,) = boxes.mails
    assert dict(sent.items()) | {"Content-Transfer-Encoding": "", "X-Peer": "", "X-MailFrom": "", "X-RcptTo": ""} == {
        "From": "Rekindle <rekindle@home.example>",
        "To": "kim@example.org",
        "Subject": "Rekindle",
        "Date": "Mon, 23 Nov 2026 12:00:00 +0000",
        "Message-ID": f"<{ID}@home.example>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "List-Unsubscribe": f"<{unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Content-Type": 'text/plain; charset="utf-8"',
        "MIME-Version": "1.0",
        "Content-Transfer-Encoding": "",
        "X-Peer": "",
        "X-MailFrom": "",
        "X-RcptTo": "",
    }
    assert boxes.to(MAIL.to) == [MAIL.text]


def test_one_click_needs_https_and_a_mail_without_it_has_no_such_header(boxes: Mailboxes) -> None:
    mail.send(MAIL._replace(unsubscribe="http://box.local/unsubscribe/abc"), NOON)
    mail.send(MAIL, NOON)
    first, second = boxes.mails
    assert (first["List-Unsubscribe"], first["List-Unsubscribe-Post"]) == ("<http://box.local/unsubscribe/abc>", None)
    assert (second["List-Unsubscribe"], second["List-Unsubscribe-Post"]) == (None, None)


@pytest.mark.parametrize("field", ["to", "subject", "unsubscribe"])
@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_no_value_can_add_a_header(boxes: Mailboxes, field: str, end: str) -> None:
    value = f"kim@example.org{end}Bcc: other@example.org"
    with pytest.raises(ValueError, match=r".*"):
        mail.send(MAIL._replace(**{field: value}), NOON)  # type: ignore[arg-type]
    assert boxes.mails == []


def test_a_line_of_the_text_cannot_end_the_mail(boxes: Mailboxes) -> None:
    text = "Before.\n.\nRCPT TO:<other@example.org>\n..\nFrom here on.\n"
    mail.send(MAIL._replace(text=text), NOON)
    assert boxes.to(MAIL.to) == [text]


@pytest.mark.parametrize(
    ("answer", "is_refused"),
    [
        ("550 5.1.1 No such user", True), ("550 No such user", True), ("553 5.1.3 Bad syntax", True),
        ("551 Not here", True), ("556 5.1.10 It takes no mail", True), ("550 5.2.1 Closed", True),
        ("450 4.1.1 Not now", False), ("552 5.2.2 Full", False), ("550 5.7.1 Relaying denied", False),
        ("554 5.7.1 Spam", False), ("550 5.1.8 Bad sender", False), ("554 No", False), ("421 Bye", False),
    ],
)  # fmt: skip
def test_only_the_refusal_of_a_mailbox_sets_an_address_aside(boxes: Mailboxes, answer: str, is_refused: bool) -> None:
    boxes.refused[MAIL.to] = answer
    with pytest.raises(MailFault) as caught:
        mail.send(MAIL, NOON)
    assert isinstance(caught.value, AddressRefused) == is_refused
    assert caught.value.reason == ("address_refused" if is_refused else "refused")


def test_a_refused_text_says_nothing_about_the_address(boxes: Mailboxes) -> None:
    boxes.refused_text[MAIL.to] = "550 5.1.1 kim@example.org: spam"
    assert fault_of() == "refused"
    boxes.refused_text.clear()
    mail.send(MAIL, NOON)


def test_a_server_that_hangs_is_given_up_and_rests(boxes: Mailboxes, monkeypatch: pytest.MonkeyPatch) -> None:
    boxes.seconds = 20
    began = time.monotonic()
    assert fault_of(seconds=0.5) == "no_answer"
    boxes.seconds = 0
    assert fault_of() == "no_answer"
    assert time.monotonic() - began < 2
    monkeypatch.setattr(mail, "_rests_until", 0.0)
    mail.send(MAIL, NOON)


def test_a_server_that_talks_one_letter_at_a_time_is_given_up() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def trickle() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                while connection.send(b"2"):
                    time.sleep(0.05)

        Thread(target=trickle, daemon=True).start()
        mail.use(replace(SETTINGS, smtp_url=f"smtp://127.0.0.1:{listener.getsockname()[1]}"))
        began = time.monotonic()
        assert fault_of(seconds=0.5) == "no_answer"
        assert time.monotonic() - began < 2


SETTINGS = Settings(mail_from="rekindle@home.example", public_url="https://home.example")


def test_a_server_that_is_not_there() -> None:
    mail.use(replace(SETTINGS, smtp_url="smtp://127.0.0.1:1"))
    assert fault_of() == "no_answer"
    mail.use(Settings())
    assert not mail.is_set_up()
    assert fault_of() == "not_set_up"


@pytest.fixture
def trusts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the names of the tests lead to this machine, and trust their certificate."""
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, port, **more: resolve("127.0.0.1", port, **more))
    trusting = ssl.create_default_context(cafile=str(mailboxes.CERTIFICATE))
    trusting.sslsocket_class = outbound._TlsSocket
    monkeypatch.setattr(outbound, "_tls", lambda: trusting)


@pytest.mark.parametrize("tls", ["starttls", "smtps"])
def test_a_sign_in_and_the_mail_are_encrypted(trusts: None, tls: str) -> None:
    scheme = "smtp" if tls == "starttls" else "smtps"
    with mailboxes.running(tls, sign_in=True) as boxes:
        mail.use(replace(SETTINGS, smtp_url=f"{scheme}://robin:p%40ss%2Fword@calendar.test:{boxes.port}"))
        mail.send(MAIL, NOON)
        assert (boxes.to(MAIL.to), boxes.users) == ([MAIL.text], [b"robin"])
        assert boxes.is_secure == [True]

        boxes.users.clear()
        mail.use(replace(SETTINGS, smtp_url=f"{scheme}://robin:p%40ss%2Fword@other.test:{boxes.port}"))
        assert fault_of() == "not_secure"
        assert boxes.users == []

        mail.use(replace(SETTINGS, smtp_url=f"{scheme}://robin:wrong@calendar.test:{boxes.port}"))
        assert fault_of() == "sign_in_refused"


def test_another_machine_gets_no_password_without_encryption(trusts: None) -> None:
    with mailboxes.running(sign_in=True) as boxes:
        mail.use(replace(SETTINGS, smtp_url=f"smtp://robin:p%40ss%2Fword@calendar.test:{boxes.port}"))
        assert fault_of() == "not_secure"
        assert (boxes.users, boxes.mails) == ([], [])
