"""Plain measures of English text: words, sentences, and the Flesch-Kincaid grade."""

import re

_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_SENTENCE_END = re.compile(r"[.?!…]+(?:\s+|$)")


def words(text: str) -> list[str]:
    """The words in lower case; a hyphenated word counts as one."""
    return [word.lower().replace("’", "'") for word in _WORD.findall(text)]


def sentences(text: str) -> list[str]:
    """The sentences that hold at least one word."""
    return [part for part in _SENTENCE_END.split(text) if _WORD.search(part)]


def syllables(word: str) -> int:
    """About how many syllables a word has: its vowel groups, without a silent e at the end."""
    total = 0
    for part in re.findall(r"[a-z]+", word.lower()):
        groups = len(re.findall(r"[aeiouy]+", part))
        silent = re.search(r"(?:[^aeiouyl]|[aeiouy]l)e$|[^aeioutd]ed$|[^aeiouyscgzxhl]es$", part)
        total += max(1, groups - bool(silent))
    return max(1, total)


def grade(text: str) -> float:
    """The school grade that reads this text with ease (Kincaid et al. 1975); 0 for a text without words."""
    found = words(text)
    if not found:
        return 0.0
    per_sentence = len(found) / max(1, len(sentences(text)))
    per_word = sum(map(syllables, found)) / len(found)
    return 0.39 * per_sentence + 11.8 * per_word - 15.59
