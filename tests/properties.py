"""Set how many examples the property tests of the model try: a few in the tests, many in `make campaign`.

Each run draws other examples.
"""

from __future__ import annotations

import os

from hypothesis import settings

_FACTOR = int(os.environ.get("PROPERTY_FACTOR", "1"))


def examples(number: int) -> settings:
    """Return the settings that try so many examples, or in the campaign a multiple of them."""
    return settings(deadline=None, max_examples=number * _FACTOR)
