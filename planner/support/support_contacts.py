"""Support contacts: kinds of help from outside, and the operator's list of people to turn to by country."""

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


class Support(NamedTuple):
    """The contacts in the operator's file; empty without a file."""

    contacts: tuple[Contact, ...] = ()

    @property
    def countries(self) -> list[str]:
        """Return the countries of the file, in its order."""
        return list(dict.fromkeys(contact.country for contact in self.contacts))

    def knows(self, country: str) -> bool:
        """Return whether the file lists a country; case does not matter."""
        return country.casefold() in (known.casefold() for known in self.countries)

    def for_one(self, country: str = "") -> dict[str, list[Contact]]:
        """Return contacts for one person by country: of the given country if the file lists it, else of all.

        Help for couples is left out, because a person who fears their partner cannot speak safely next to them.
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
    except InvalidCatalogue as error:
        raise BadSetting(f"REKINDLE_SUPPORT_FILE cannot be used:\n{error}") from None


def resource(slug: str) -> SupportResource:
    """Return a kind of help that comes with Rekindle."""
    return next(kind for kind in reader.resources() if kind.slug == slug)


def dialled(number: str) -> str:
    """Return a number in the form for a link: without spaces and separators."""
    return "".join(character for character in number if character in "+*#0123456789").replace("#", "%23")


def role(kind: str) -> str:
    """Return the name of a kind of contact."""
    return "Emergency" if kind == contacts.EMERGENCY else resource(kind).role
