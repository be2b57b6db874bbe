"""Help from outside: kinds of it, whom to turn to in a country, and what the safety page says.

The kinds come with Rekindle, the contacts from the operator's file alone. The page is for somebody who may be afraid,
may be watched and has little time: short sentences, no promise, and the truth about what a visit leaves behind.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from planner.settings import BadSetting
from seeds import contacts, reader
from seeds.contacts import Contact
from seeds.guidance import SupportResource
from seeds.reader import Broken

FOR_TWO, FOR_ONE, FOR_THE_AFRAID = "couples-counsellor", "counsellor-for-one", "service-for-people-afraid-at-home"
_FOR_COUPLES = frozenset(one.slug for one in reader.resources() if one.audience == "couple")

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
    "Rekindle tells nobody that you read it. Your browser may still remember the visit."
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
        "A private window leaves less behind. A device that the other cannot reach is safer: a friend's, a library's.",
    ),
)
OPERATED = Section(
    "Who runs this server",
    (
        "Whoever runs this server can see or change almost everything on it, and could capture passwords.",
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
    next(one.questions for one in reader.resources() if one.slug == FOR_THE_AFRAID),
)
HERE = Section(
    "What you can do in Rekindle",
    (
        "The safety check shows where you are signed in and what the other sees. Looking changes nothing.",
        "Space pauses everything at once, without a reason. No message is sent; silence may still be noticed.",
        "Leaving ends it from your side alone. The other will see that.",
        "Whatever you end may be noticed, and answered. Look first, speak to somebody, then choose your moment.",
        "Talks and counselling for two are not for couples where one is afraid of the other.",
    ),
)


class Support(NamedTuple):
    """Whom to turn to, as the operator's file lists it; empty without one."""

    contacts: tuple[Contact, ...] = ()

    @property
    def countries(self) -> list[str]:
        """The countries of the file, in its order."""
        return list(dict.fromkeys(one.country for one in self.contacts))

    def knows(self, country: str) -> bool:
        """Whether the file lists that country, in any case of letters."""
        return country.casefold() in (one.casefold() for one in self.countries)

    def for_one(self, country: str = "") -> dict[str, list[Contact]]:
        """By country, whom one person alone can turn to; of one country, where the file knows it, else of all.

        Help for two is left out: side by side with somebody one fears is no safe place to speak.
        """
        known = self.knows(country)
        found: dict[str, list[Contact]] = {}
        for one in self.contacts:
            if one.kind not in _FOR_COUPLES and (not known or one.country.casefold() == country.casefold()):
                found.setdefault(one.country, []).append(one)
        return found

    def of_kind(self, kind: str) -> list[Contact]:
        """Who offers that kind of help, in the order of the file."""
        return [one for one in self.contacts if one.kind == kind]


def read(file: Path | None) -> Support:
    """The operator's contacts. Raises BadSetting, which names every fault by file and line."""
    if file is None:
        return Support()
    try:
        return Support(contacts.read(file))
    except Broken as broken:
        raise BadSetting(f"REKINDLE_SUPPORT_FILE cannot be used:\n{broken}") from None


def resource(slug: str) -> SupportResource:
    """The kind of help of that slug, one of those that come with Rekindle."""
    return next(one for one in reader.resources() if one.slug == slug)


def dialled(number: str) -> str:
    """A number as a link dials it: without what is there for the eye."""
    return "".join(sign for sign in number if sign in "+*#0123456789").replace("#", "%23")


def role(kind: str) -> str:
    """What a kind of contact is called."""
    return "Emergency" if kind == contacts.EMERGENCY else resource(kind).role
