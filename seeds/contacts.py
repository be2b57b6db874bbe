"""An operator's own file of contacts: whom people of a country can turn to. None is hard-coded: numbers change.

One TOML file of [[contact]] tables. It is read when the server starts, and a fault anywhere refuses it, with the line:
a wrong number is worse than none, on the one page where somebody may have a single try.
"""

import re
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from seeds import checks as is_
from seeds import reader
from seeds.reader import Fault, InvalidCatalogue, SourceLocation

EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to turn to. `kind` is "emergency" or the slug of a kind of support; one of the ways is always there."""

    country: str
    kind: str
    name: str
    phone: str | None = None
    text: str | None = None
    web: str | None = None
    email: str | None = None
    address: str | None = None
    hours: str | None = None
    note: str | None = None


WAYS = ("phone", "text", "web", "email", "address")

_NUMBER = re.compile(r"[+*#]?[0-9][0-9 ()/.*#-]{1,30}", re.ASCII)
_WEB = re.compile(r"https://[^\s<>\"'@]{3,200}")
_EMAIL = re.compile(r"[^\s<>\"'@:/?]{1,64}@[^\s<>\"'@:/?]{3,120}")


def _kind(value: object) -> str:
    return is_.one_of((EMERGENCY, *(resource.slug for resource in reader.resources())))(value)


_CHECKS: dict[str, is_.Check] = {
    "country": is_.text(2, 60),
    "kind": _kind,
    "name": is_.text(2, 80),
    "phone": is_.matching(_NUMBER, "a number to call"),
    "text": is_.matching(_NUMBER, "a number to write to"),
    "web": is_.matching(_WEB, "an address that begins with https://"),
    "email": is_.matching(_EMAIL, "an e-mail address"),
    "address": is_.text(5, 200),
    "hours": is_.text(2, 80),
    "note": is_.text(2, 200),
}
_REQUIRED = [one.name for one in fields(Contact) if one.default is MISSING]


def read(file: Path) -> tuple[Contact, ...]:
    """The contacts in a file, in its order; raises Broken with every fault when anything in it cannot be read."""
    try:
        entries, faults = reader.tables_of(file, "contact", "name")
    except OSError as error:
        raise InvalidCatalogue((Fault(file, 0, f"cannot be read: {error.strerror}"),)) from None
    first: dict[tuple[Any, ...], SourceLocation] = {}
    for entry, place in entries:
        faults += _faults(entry, place)
        same = first.setdefault(tuple(str(entry.get(key)) for key in _REQUIRED), place)
        if same is not place:
            faults.append(Fault(file, place.line, f"{entry.get('name')}: stands already in line {same.line}"))
    if not entries and not faults:
        faults.append(Fault(file, 1, "holds no [[contact]]"))
    if faults:
        raise InvalidCatalogue(tuple(faults))
    return tuple(Contact(**entry) for entry, _ in entries)


def _faults(entry: dict[str, Any], place: SourceLocation) -> Iterator[Fault]:
    name = entry.get("name", "contact")
    yield from reader.faults_of(entry, place, name, _REQUIRED, _CHECKS)
    if not set(WAYS) & entry.keys():
        yield Fault(place.file, place.line, f"{name}: needs one of {', '.join(WAYS)}")
