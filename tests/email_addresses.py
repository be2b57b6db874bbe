"""Helpers of tests that give and confirm e-mail addresses and reset passwords over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Flask
from werkzeug.test import TestResponse

from planner import scheduler
from planner.accounts import email_addresses
from planner.storage import db
from tests.mailboxes import Mailboxes
from tests.people import PASSWORD, Person, expect

PATH, ADDRESS, OTHER = "/me/email-address", "alice@example.org", "new@example.org"
NEW_PASSWORD = "a password that no one knows"


def give(person: Person, address: str | None = ADDRESS, status: int = 200, **more: Any) -> Any:
    """Give an address, and return the answer."""
    return person.put(PATH, {"address": address, "password": PASSWORD, **more}, status)


def switch(person: Person, status: int = 200, **changes: bool) -> Any:
    """Change what an address is used for, and return the answer."""
    return expect(person.request("PATCH", PATH, changes), status)


def confirmed(person: Person, boxes: Mailboxes, address: str = ADDRESS, **more: Any) -> Any:
    """Give an address and confirm it with the code from its mail, and return the answer."""
    give(person, address, **more)
    scheduler.send_account_mails()
    return person.post(f"{PATH}/confirm", {"code": boxes.code(address)})


def ask(app: Flask, name: str) -> TestResponse:
    """Ask for a mail with a code for a new password."""
    return app.test_client().post("/v1/recovery/email", json={"sign_in_name": name})


def reset(app: Flask, name: str, code: str, password: str = NEW_PASSWORD) -> TestResponse:
    """Set a new password with a code from a mail."""
    body = {"sign_in_name": name, "code": code, "new_password": password, "device": "phone"}
    return app.test_client().post("/v1/recovery/email/confirm", json=body)


def subjects(boxes: Mailboxes, address: str = ADDRESS) -> list[str]:
    """Send what is due, and return the subjects of all mails to an address."""
    scheduler.send_account_mails()
    return [letter["Subject"] for letter in boxes.mails if letter["To"] == address]


def unsubscribe_token(person: str) -> str:
    """Return the token in the mails to a person."""
    with db.connection():
        ((_, address),) = email_addresses.list_notified([UUID(person)])
        mailbox = email_addresses.find_mailbox(address)
    assert mailbox
    return mailbox.unsubscribe
