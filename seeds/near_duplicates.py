"""Find texts that say nearly the same: pairs whose word sets overlap (Jaccard index).

Comparing all pairs would take minutes for a full catalogue. Two sets that share a part t of their words must share one
of their rarest words. So only texts with such a word in common are compared (prefix filtering; Bayardo, Ma and Srikant
2007).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from seeds.readability import words


def pairs(texts: Sequence[str], threshold: float) -> Iterator[tuple[int, int, float]]:
    """Yield the indexes and the overlap of each pair that overlaps by at least `threshold`; the later text is
    second.
    """
    sets = [set(words(text)) for text in texts]
    frequency = Counter(word for word_set in sets for word in word_set)
    texts_with: defaultdict[str, list[int]] = defaultdict(list)
    for index, word_set in enumerate(sets):
        rarest = sorted(word_set, key=lambda word: (frequency[word], word))
        prefix = rarest[: len(word_set) - math.ceil(threshold * len(word_set)) + 1]
        for other in sorted({other for word in prefix for other in texts_with[word]}):
            shorter, longer = sorted((len(word_set), len(sets[other])))
            if shorter < threshold * longer:
                continue
            common = len(word_set & sets[other])
            if (overlap := common / (shorter + longer - common)) >= threshold:
                yield other, index, overlap
        for word in prefix:
            texts_with[word].append(index)
