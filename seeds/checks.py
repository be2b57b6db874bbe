"""Checks of single values, from which the reader's tables are built.

A check takes the raw TOML value and returns a complaint, or "" if the value is fine. Checks never raise, so that one
reading of a folder can report every fault in it.
"""

import re
from collections.abc import Callable, Collection, Mapping

Check = Callable[[object], str]

_SLUG = re.compile(r"(?=.{1,60}\Z)[a-z0-9]+(-[a-z0-9]+)*")
_KEY = re.compile(r"(?=.{1,60}\Z)[a-z0-9]+(_[a-z0-9]+)*")


def _listed(allowed: Collection[object]) -> str:
    return ", ".join(str(value) for value in allowed)


def text(shortest: int, longest: int) -> Check:
    """Return a check for one line of text, with its length in characters."""

    def check(value: object) -> str:
        if not isinstance(value, str):
            return f"must be a text, not {type(value).__name__}"
        if value != " ".join(value.split()):
            return "must be one line without spare blanks"
        if not shortest <= len(value) <= longest:
            return f"must have {shortest} to {longest} characters, has {len(value)}"
        return ""

    return check


def texts(fewest: int, most: int, longest: int) -> Check:
    """Return a check for a list of one-line texts."""
    check_item = text(1, longest)

    def check(value: object) -> str:
        if not isinstance(value, list):
            return f"must be a list of texts, not {type(value).__name__}"
        if not fewest <= len(value) <= most:
            return f"must have {fewest} to {most} items, has {len(value)}"
        return next((f"item {n} {fault}" for n, item in enumerate(value, 1) if (fault := check_item(item))), "")

    return check


def whole(lowest: int, highest: int) -> Check:
    """Return a check for a whole number within bounds."""

    def check(value: object) -> str:
        # bool is a subclass of int: `pace = true` would otherwise pass as pace 1.
        if type(value) is not int:
            return f"must be a whole number, not {type(value).__name__}"
        if not lowest <= value <= highest:
            return f"must be {lowest} to {highest}, is {value}"
        return ""

    return check


def flag(value: object) -> str:
    """Refuse what is neither true nor false."""
    return "" if isinstance(value, bool) else "must be true or false"


def one_of(allowed: Collection[str]) -> Check:
    """Return a check for one value of a closed list."""

    def check(value: object) -> str:
        if not isinstance(value, str):
            return f"must be a text, not {type(value).__name__}"
        return "" if value in allowed else f"is unknown: {value!r}; known are {_listed(allowed)}"

    return check


def some_of(allowed: Collection[str], fewest: int, most: int) -> Check:
    """Return a check for several different values of a closed list."""
    check_item = one_of(allowed)

    def check(value: object) -> str:
        if not isinstance(value, list):
            return f"must be a list, not {type(value).__name__}"
        if fault := next((fault for item in value if (fault := check_item(item))), ""):
            return fault
        if len(set(value)) != len(value):
            return "names a value twice"
        if not fewest <= len(value) <= most:
            return f"must have {fewest} to {most} items, has {len(value)}"
        return ""

    return check


def table_of(keys: Collection[str], allowed: Collection[str]) -> Check:
    """Return a check for a table with exactly these keys, each with a value of a closed list."""
    check_item = one_of(allowed)

    def check(value: object) -> str:
        if not isinstance(value, dict):
            return f"must be a table, not {type(value).__name__}"
        if set(value) != set(keys):
            return f"must have exactly the keys {_listed(keys)}"
        return next((f"{key} {fault}" for key, item in value.items() if (fault := check_item(item))), "")

    return check


def tables(fewest: int, most: int, checks: Mapping[str, Check], optional: Collection[str] = ()) -> Check:
    """Return a check for a list of tables with exactly the keys of `checks`. They may lack the `optional` ones."""

    def fault_of(item: object) -> str:
        if not isinstance(item, dict):
            return f"must be a table, not {type(item).__name__}"
        if {*item, *optional} != set(checks):
            return f"must have exactly the keys {_listed(checks)}"
        return next((f"{key} {fault}" for key, value in item.items() if (fault := checks[key](value))), "")

    def check(value: object) -> str:
        if not isinstance(value, list):
            return f"must be a list of tables, not {type(value).__name__}"
        if not fewest <= len(value) <= most:
            return f"must have {fewest} to {most} items, has {len(value)}"
        return next((f"item {n} {fault}" for n, item in enumerate(value, 1) if (fault := fault_of(item))), "")

    return check


def matching(pattern: re.Pattern[str], expected: str) -> Check:
    """Return a check for a text that matches the whole pattern. The complaint names what is `expected`."""

    def check(value: object) -> str:
        if not isinstance(value, str):
            return f"must be a text, not {type(value).__name__}"
        return "" if pattern.fullmatch(value) else f"must be {expected}, is {value!r}"

    return check


slug: Check = matching(_SLUG, "kebab-case of at most 60 characters")
key: Check = matching(_KEY, "a key like name_2004")
