"""Read the operator's contacts file: emergency numbers and support services of a country.

None is hard-coded, because numbers change. The file holds TOML [[contact]] tables and is read when the server starts. A
fault anywhere refuses the whole file, with its line: a wrong number is worse than none where a person may have only one
try.
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
    """One emergency number or support service, with at least one of WAYS.

    `kind` is "emergency" or the slug of a support resource.
    """

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
_REQUIRED = [field.name for field in fields(Contact) if field.default is MISSING]


def read(file: Path) -> tuple[Contact, ...]:
    """Return the contacts of a file, in its order. Raises InvalidCatalogue with every fault."""
    try:
        entries, faults = reader.tables_of(file, "contact", "name")
    except OSError as error:
        raise InvalidCatalogue((Fault(file, 0, f"cannot be read: {error.strerror}"),)) from None
    first: dict[tuple[Any, ...], SourceLocation] = {}
    for entry, place in entries:
        faults += _faults_of(entry, place)
        earlier = first.setdefault(tuple(str(entry.get(key)) for key in _REQUIRED), place)
        if earlier is not place:
            faults.append(Fault(file, place.line, f"{entry.get('name')}: is already in line {earlier.line}"))
    if not entries and not faults:
        faults.append(Fault(file, 1, "holds no [[contact]]"))
    if faults:
        raise InvalidCatalogue(tuple(faults))
    return tuple(Contact(**entry) for entry, _ in entries)


def _faults_of(entry: dict[str, Any], place: SourceLocation) -> Iterator[Fault]:
    name = entry.get("name", "contact")
    yield from reader.faults_of(entry, place, name, _REQUIRED, _CHECKS)
    if not set(WAYS) & entry.keys():
        yield Fault(place.file, place.line, f"{name}: needs one of {', '.join(WAYS)}")
