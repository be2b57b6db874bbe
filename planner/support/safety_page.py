"""Help from outside: its kinds, contacts by country, and the text of the safety page.

Rekindle brings the kinds; the operator's file brings the contacts. A reader of the page may be afraid, may be watched
and has little time. So its sentences are short, promise nothing, and tell what a visit leaves behind.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from planner.settings import BadSetting
from seeds import contacts, reader
from seeds.contacts import Contact
from seeds.guidance import SupportResource
from seeds.reader import InvalidCatalogue

FOR_TWO, FOR_ONE, FOR_THE_AFRAID = "couples-counsellor", "counsellor-for-one", "service-for-people-afraid-at-home"
_FOR_COUPLES = frozenset(kind.slug for kind in reader.resources() if kind.audience == "couple")

NOT_FOR_THE_AFRAID = (
    "Not for couples where one is afraid of the other. If that may be you, the safety page needs no sign-in."
)


class Section(NamedTuple):
    """A part of the safety page."""

    heading: str
    lines: tuple[str, ...]


TITLE = "If you are afraid, or not sure"
LEAD = (
    "You need no account for this page, and you need not be certain. "
    "Rekindle tells no one that you read it. Your browser may still remember the visit."
)
EXIT = "Leave this page now"

NOW = Section(
    "If you are in danger now",
    (
        "Call the emergency number of the country you are in.",
        "If you can, go where other people are: a neighbour, a shop, a station.",
    ),
)
VISIT = Section(
    "What this visit leaves behind",
    (
        "This page sets no cookie and runs no script. Rekindle does not write your visit into its log.",
        "Your browser's history may show it. So may a shared device, the network, or software on your phone.",
        "The link at the top takes you to another site. It does not take this page out of the history.",
        "A private window leaves less behind. A device of a friend or a library is safer.",
    ),
)
OPERATED = Section(
    "Who runs this server",
    (
        "The person who runs this server can see or change almost everything on it, and could capture passwords.",
        "They could also record visits to this page by other means. Often it is one of the two people.",
        "If you are afraid of that person, plan nothing here that has to stay unseen.",
    ),
)
NO_CONTACTS = "No contacts have been entered here. The ways below work in most places."
MORE = Section(
    "How to find more help",
    (
        "Ask a doctor, a nurse or a pharmacist for a word alone. They know who helps nearby.",
        "A library or a town hall keeps lists of local services, and has a computer you can use.",
        "Search for “help for people afraid at home” or “domestic abuse helpline”, with the name of your country.",
        "Tell one person you trust. You decide what happens next, and how fast.",
    ),
)
ASK = Section(
    "What you can ask there",
    next(kind.questions for kind in reader.resources() if kind.slug == FOR_THE_AFRAID),
)
HERE = Section(
    "What you can do in Rekindle",
    (
        "The safety check shows where you are signed in and what your partner sees. Looking changes nothing.",
        "Space pauses everything at once, without a reason. No message is sent; silence may still be noticed.",
        "Leaving ends it from your side alone. Your partner will see that.",
        "Each end may be noticed, and answered. Look first, speak to a person you trust, then choose your moment.",
        "Talks and counselling for two are not for couples where one is afraid of the other.",
    ),
)


class Support(NamedTuple):
    """The contacts in the operator's file; empty without a file."""

    contacts: tuple[Contact, ...] = ()

    @property
    def countries(self) -> list[str]:
        """Return the countries of the file, in its order."""
        return list(dict.fromkeys(contact.country for contact in self.contacts))

    def knows(self, country: str) -> bool:
        """Return whether the file lists a country; upper and lower case are the same."""
        return country.casefold() in (known.casefold() for known in self.countries)

    def for_one(self, country: str = "") -> dict[str, list[Contact]]:
        """Return contacts for one person by country: of the given country if the file lists it, else of all.

        Help for couples is left out: beside a partner whom one fears it is not safe to speak.
        """
        is_known = self.knows(country)
        by_country: dict[str, list[Contact]] = {}
        for contact in self.contacts:
            if contact.kind not in _FOR_COUPLES and (not is_known or contact.country.casefold() == country.casefold()):
                by_country.setdefault(contact.country, []).append(contact)
        return by_country

    def of_kind(self, kind: str) -> list[Contact]:
        """Return the contacts for one kind of help, in the order of the file."""
        return [contact for contact in self.contacts if contact.kind == kind]


def read(file: Path | None) -> Support:
    """Return the operator's contacts. Raise BadSetting, which names each error by file and line."""
    if file is None:
        return Support()
    try:
        return Support(contacts.read(file))
    except InvalidCatalogue as broken:
        raise BadSetting(f"REKINDLE_SUPPORT_FILE cannot be used:\n{broken}") from None


def resource(slug: str) -> SupportResource:
    """Return a kind of help that comes with Rekindle."""
    return next(kind for kind in reader.resources() if kind.slug == slug)


def dialled(number: str) -> str:
    """Return a number in the form for a link: without spaces and separators."""
    return "".join(character for character in number if character in "+*#0123456789").replace("#", "%23")


def role(kind: str) -> str:
    """Return the name of a kind of contact."""
    return "Emergency" if kind == contacts.EMERGENCY else resource(kind).role
