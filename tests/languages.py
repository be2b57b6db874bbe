"""A second language for tests: the English catalogue in brackets, without the texts that a test leaves out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from planner import messages

PSEUDO = "eo"


def pseudo(text: str) -> str:
    """The text as it reads in the second language."""
    return f"⟦{text}⟧"


@contextmanager
def second_language(folder: Path, missing: Collection[str] = ()) -> Iterator[None]:
    """Serve the second language beside English; `missing` are the keys of texts that it lacks."""
    english = (messages.FOLDER / "en.toml").read_text("utf-8")
    lines = [line for line in english.splitlines() if line.partition(" = ")[0] not in missing]
    (folder / "en.toml").write_text(english, "utf-8")
    (folder / f"{PSEUDO}.toml").write_text(re.sub(r'(?m) = "(?!"")(.*)"$', r' = "⟦\1⟧"', "\n".join(lines)), "utf-8")
    with mock.patch.object(messages, "FOLDER", folder):
        messages.catalogues.cache_clear()
        try:
            yield
        finally:
            messages.catalogues.cache_clear()
