"""Writes the OpenAPI document to a file, as the server serves it: python -m tests.clients.document FILE."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from api.app import create_app
from planner.settings import Settings


def write(file: Path) -> None:
    """Write the document with line breaks, so that a linter can name a line."""
    file.parent.mkdir(parents=True, exist_ok=True)
    document = create_app(Settings()).test_client().get("/openapi.json").get_json()
    file.write_text(json.dumps(document, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
