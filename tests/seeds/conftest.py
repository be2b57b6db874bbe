"""The fixtures of the tests of the content."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from seeds import linter
from tests.people import shipped


@pytest.fixture(scope="session", autouse=True)
def shipped_once() -> Iterator[None]:
    """Read the shipped content once. The linter reads it for each check of a folder, which takes a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(linter, "shipped", shipped)
        yield
