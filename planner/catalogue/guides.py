"""The guides for talks of two, as they come with Rekindle."""

from __future__ import annotations

from functools import cache

from seeds import reader
from seeds.guidance import Guide


@cache
def _for_two() -> dict[str, Guide]:
    return {guide.slug: guide for guide in reader.guides() if guide.party == "two"}


def find(slug: str | None) -> Guide | None:
    """Return the guide for two with this slug, or None. A later release may no longer have it."""
    return _for_two().get(slug) if slug else None


def pace_of(slug: str | None) -> int:
    """Return the pace of a guide, or 1 without one."""
    guide = find(slug)
    return guide.pace if guide else 1
