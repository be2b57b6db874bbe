"""The channel to mailboxes: plain text with one sentence and a link, and a way to end these mails.

The sentence says neither who nor what. A person can switch on details; then it is that of the inbox, with the idea and
the time of a date.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from uuid import UUID

from planner import inbox, mail, messages
from planner.accounts import email_addresses
from planner.accounts.email_addresses import Mailbox
from planner.mail import AddressRefused, Mail, MailFault
from planner.notifications.outgoing import Gone, Message, TryLater

Describe = Callable[[UUID, str, UUID], str | None]
"""A function of a person, a zone and a date. It returns a line about the date, or None if it is out of view."""

_WITHOUT_DETAILS = "/app/inbox"


class MailChannel:
    """The channel to the confirmed addresses of people who want to be told."""

    def __init__(self, describe: Describe) -> None:
        self._describe = describe

    def targets(self, persons: Collection[UUID]) -> Iterable[tuple[UUID, UUID]]:
        """Return the addresses of these persons."""
        return email_addresses.list_notified(persons) if mail.is_set_up() else ()

    def send(self, message: Message, now: datetime) -> None:
        """Send a mail. Raises Gone, also for a mailbox that does not exist, or TryLater."""
        mailbox = email_addresses.find_mailbox(message.target) if message.target else None
        if mailbox is None:
            raise Gone
        try:
            mail.send(self._compose(message, mailbox), now)
        except AddressRefused:
            email_addresses.set_aside(mailbox.person, mailbox.address, now)
            raise Gone from None
        except MailFault:
            raise TryLater from None

    def _compose(self, message: Message, mailbox: Mailbox) -> Mail:
        unsubscribe = mail.link(f"/unsubscribe/{mailbox.unsubscribe}")
        has_details = mailbox.shows_details and message.kind in inbox.KINDS
        text = self._details(message, mailbox) if has_details else message.text
        link = mail.link(message.screen if has_details else _WITHOUT_DETAILS)
        body = messages.text("mails", "news", text=text, link=link, unsubscribe=unsubscribe)
        return Mail(message.delivery, mailbox.address, messages.text("mail_subjects", "news"), body, unsubscribe)

    def _details(self, message: Message, mailbox: Mailbox) -> str:
        sentence = messages.text("inbox", message.kind)
        is_date = inbox.KINDS[message.kind].subject == "date"
        line = self._describe(mailbox.person, mailbox.zone, message.subject) if is_date else None
        return f"{sentence}\n\n{line}" if line else sentence
