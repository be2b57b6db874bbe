"""Measures of English text: words, sentences, and the Flesch-Kincaid grade."""

import re
from functools import cache

_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_SENTENCE_END = re.compile(r"[.?!…]+(?:\s+|$)")


def words(text: str) -> list[str]:
    """Return the words in lower case; a hyphenated word counts as one."""
    return [word.lower().replace("’", "'") for word in _WORD.findall(text)]


def sentences(text: str) -> list[str]:
    """Return the sentences that contain at least one word."""
    return [part for part in _SENTENCE_END.split(text) if _WORD.search(part)]


@cache
def syllables(word: str) -> int:
    """Estimate the syllables of a word: its vowel groups, without a silent e at the end."""
    total = 0
    for part in re.findall(r"[a-z]+", word.lower()):
        groups = len(re.findall(r"[aeiouy]+", part))
        silent = re.search(r"(?:[^aeiouyl]|[aeiouy]l)e$|[^aeioutd]ed$|[^aeiouyscgzxhl]es$", part)
        total += max(1, groups - bool(silent))
    return max(1, total)


def grade(text: str) -> float:
    """Return the Flesch-Kincaid school grade of the text (Kincaid et al. 1975); 0 for a text without words."""
    all_words = words(text)
    if not all_words:
        return 0.0
    per_sentence = len(all_words) / max(1, len(sentences(text)))
    per_word = sum(map(syllables, all_words)) / len(all_words)
    return 0.39 * per_sentence + 11.8 * per_word - 15.59
