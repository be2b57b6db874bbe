"""Search for somebody typing on a phone: words and their beginnings, whatever the accents and the case. Pure.

The catalogue is in memory and small, so a search looks at every text: the answers are the same on both databases, and
nothing has to be kept in step.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from seeds.reader import Activity
from seeds.vocabulary import CATEGORIES, TAGS

_NOT_WORDS = re.compile(r"[^\w]+|_")


def fold(text: str) -> str:
    """Lower case without accents, words parted by one space: "Café, à deux" -> "cafe a deux"."""
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _NOT_WORDS.sub(" ", plain.casefold()).strip()


def text_of(activity: Activity) -> tuple[str, str]:
    """What of an activity is searched, folded: its title; and title, summary, category and tags together.

    Each begins with a space, so that " bea" finds the beginning of a word and nothing inside one.
    """
    labels = (TAGS.get(tag, tag) for tag in activity.tags)
    whole = " ".join((activity.title, activity.summary, CATEGORIES.get(activity.category, ""), *labels))
    return f" {fold(activity.title)}", f" {fold(whole)}"


def query_terms(typed: str) -> list[str]:
    """What a typed text asks for: the beginning of each of its words."""
    return [f" {word}" for word in fold(typed).split()]


def match_rank(texts: tuple[str, str], asked: Sequence[str]) -> int | None:
    """0 when every word begins one in the title, 1 when it begins one anywhere, None when some word is missing."""
    title, whole = texts
    if all(word in title for word in asked):
        return 0
    return 1 if all(word in whole for word in asked) else None
