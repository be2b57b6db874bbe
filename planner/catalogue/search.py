"""Search by beginnings of words, ignoring accents and case, for people who type on a phone. Pure functions.

The catalogue is in memory and small, so a search reads every text. Both databases give the same results, and no index
needs to be updated.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from seeds.reader import Activity
from seeds.vocabulary import CATEGORIES, TAGS

_NOT_WORDS = re.compile(r"[^\w]+|_")


def fold(text: str) -> str:
    """Return the text in lower case, without accents, words separated by one space: "Café, à deux" -> "cafe a deux"."""
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _NOT_WORDS.sub(" ", plain.casefold()).strip()


def text_of(activity: Activity) -> tuple[str, str]:
    """Return the folded search texts of an activity: the title; and title, summary, category and tags together.

    Each begins with a space, so that " bea" matches only at the beginning of a word.
    """
    labels = (TAGS.get(tag, tag) for tag in activity.tags)
    whole = " ".join((activity.title, activity.summary, CATEGORIES.get(activity.category, ""), *labels))
    return f" {fold(activity.title)}", f" {fold(whole)}"


def query_terms(typed: str) -> list[str]:
    """Return the search terms of a typed text: the beginnings of its words, each after a space."""
    return [f" {word}" for word in fold(typed).split()]


def match_rank(texts: tuple[str, str], terms: Sequence[str]) -> int | None:
    """Return 0 if all terms match in the title, 1 if they match anywhere, and None if one is missing."""
    title, whole = texts
    if all(term in title for term in terms):
        return 0
    return 1 if all(term in whole for term in terms) else None
