"""Finds texts that say nearly the same: pairs whose word sets overlap (Jaccard).

Comparing each text with each would take minutes for a full catalogue. Two sets that share a part t of their
words must share one of their rarest words, so only texts with such a word in common are compared (prefix
filtering, Bayardo, Ma and Srikant 2007).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from seeds.readability import words


def pairs(texts: Sequence[str], least: float) -> Iterator[tuple[int, int, float]]:
    """The indexes of each two texts whose overlap is at least `least`, the later one second, with the
    overlap."""
    sets = [set(words(text)) for text in texts]
    frequency = Counter(word for found in sets for word in found)
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for index, found in enumerate(sets):
        rarest = sorted(found, key=lambda word: (frequency[word], word))
        prefix = rarest[: len(found) - math.ceil(least * len(found)) + 1]
        for other in sorted({other for word in prefix for other in holders[word]}):
            overlap = len(found & sets[other]) / len(found | sets[other])
            if overlap >= least:
                yield other, index, overlap
        for word in prefix:
            holders[word].append(index)
