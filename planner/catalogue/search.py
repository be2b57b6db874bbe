"""Match words and prefixes typed on a phone, regardless of accents and case. Pure.

The catalogue is in memory and small, so a search reads every text. Both databases give the same answers, and there is
no index to maintain.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from seeds.reader import Activity
from seeds.vocabulary import CATEGORIES, TAGS

_NOT_WORDS = re.compile(r"[^\w]+|_")


def fold(text: str) -> str:
    """Return the text in lower case without accents, with one space between words: "Café, à deux" -> "cafe a deux"."""
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _NOT_WORDS.sub(" ", plain.casefold()).strip()


def text_of(activity: Activity) -> tuple[str, str]:
    """Return the folded title, and the folded title, summary, category and tags together.

    Each begins with a space, so that " bea" matches the beginning of a word only.
    """
    labels = (TAGS.get(tag, tag) for tag in activity.tags)
    full_text = " ".join((activity.title, activity.summary, CATEGORIES.get(activity.category, ""), *labels))
    return f" {fold(activity.title)}", f" {fold(full_text)}"


def query_terms(typed: str) -> list[str]:
    """Return a search term for each typed word, which matches words that begin with it."""
    return [f" {term}" for term in fold(typed).split()]


def match_rank(texts: tuple[str, str], terms: Sequence[str]) -> int | None:
    """Return 0 if every term matches the title, 1 if every term matches the full text, and None otherwise."""
    title, full_text = texts
    if all(term in title for term in terms):
        return 0
    return 1 if all(term in full_text for term in terms) else None
