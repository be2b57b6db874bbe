"""Match words and their beginnings typed on a phone, regardless of accents, case and alphabet. Pure.

The catalogue is in memory and small, so a search reads every text. Both databases give the same answers, and there is
no index to maintain.

Languages that write no spaces have no beginnings of words. There each character is a word of its own, so that a search
finds them anywhere, in their order.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import regex
from anyascii import anyascii

from seeds.reader import Activity
from seeds.synonyms import GROUPS
from seeds.vocabulary import CATEGORIES, TAGS

_APOSTROPHES = regex.compile(r"['’‘ʼʻ‛′`´＇՚׳]")
# Alphabets in which a mark is an accent or optional. In others, as in those of India, marks are the vowels.
_ACCENTED = r"[\p{Latin}\p{Greek}\p{Cyrillic}\p{Arabic}\p{Hebrew}]"
_ACCENTS = regex.compile(rf"(?<={_ACCENTED}\p{{M}}*)\p{{M}}")
_ALPHABETIC = regex.compile(r"[\p{Latin}\p{Greek}\p{Cyrillic}\p{Arabic}\p{Hebrew}\p{Armenian}\p{Georgian}]")
_UNSPACED = regex.compile(
    r"([\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}&&\p{L}]\p{M}*|\p{S})", regex.V1
)
_NOT_WORDS = regex.compile(r"[^\p{L}\p{M}\p{N}\p{S}]+|[\p{Emoji_Modifier}\u2044]")  # U+2044 comes of ½
_INVISIBLE = regex.compile(r"[\p{Cf}\p{Default_Ignorable_Code_Point}]")


def fold(text: str) -> str:
    """Return the compared form of a text, with one space between words: "Café, à deux!" -> "cafe a deux".

    Alphabets become Latin letters, which also makes one letter of its variants: "ø" and "o", "ك" and "ک".
    """
    plain = _APOSTROPHES.sub("", text.casefold()).replace("ى", "ي")  # in Egypt, the second has no points
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKD", plain))
    plain = unicodedata.normalize("NFC", _ACCENTS.sub("", plain))
    plain = _ALPHABETIC.sub(lambda letter: _latin(letter[0]), plain)
    return " ".join(_NOT_WORDS.sub(" ", _UNSPACED.sub(r" \1 ", plain)).split())


def _latin(letter: str) -> str:
    latin = anyascii(letter).casefold()
    return latin if latin.isalnum() else letter  # Latin has no letter for an ayin


def text_of(activity: Activity) -> tuple[str, str]:
    """Return the folded title, and the folded title, summary, category and tags together.

    Each begins with a space, so that " bea" matches the beginning of a word only.
    """
    labels = (TAGS.get(tag, tag) for tag in activity.tags)
    full_text = " ".join((activity.title, activity.summary, CATEGORIES.get(activity.category, ""), *labels))
    return searchable(activity.title), searchable(full_text)


def searchable(text: str) -> str:
    """Return a folded text with a space before each word. A word with an apostrophe counts as one and as two."""
    split = _APOSTROPHES.sub(" ", text)
    return f" {fold(text)}" if split == text else f" {fold(text)} {fold(split)}"


Term = tuple[str, ...]
"""The beginnings of words that match one typed word: the word itself, and its synonyms."""


def query_terms(typed: str) -> list[Term]:
    """Return a search term for each typed word or known phrase. The list is empty if only punctuation is typed."""
    words = [word for typed_word in typed.split() if (word := fold(typed_word))]
    terms = list[Term]()
    while words:
        phrase = " ".join(words[:2])
        length = 2 if phrase in _PHRASES else 1
        terms.append(_with_synonyms(phrase if length == 2 else words[0]))
        del words[:length]
    return terms


_PHRASES = {name for group in GROUPS for name in group if " " in name}
_LONG_ENOUGH = 4  # letters; a shorter beginning would mean too many words


def _with_synonyms(typed: str) -> Term:
    groups = (group for group in GROUPS if any(_means(typed, name) for name in group))
    return tuple(f" {name}" for name in dict.fromkeys((typed, *(name for group in groups for name in group))))


def _means(typed: str, name: str) -> bool:
    return typed == name or (len(typed) >= _LONG_ENOUGH and " " not in name and name.startswith(typed))


def match_rank(texts: tuple[str, str], terms: Sequence[Term]) -> int | None:
    """Return 0 if every term matches the title, 1 if every term matches the full text, and None otherwise."""
    for rank, text in enumerate(texts):
        if all(any(beginning in text for beginning in term) for term in terms):
            return rank
    return None
