"""Planted words of reflections are nowhere: not in the rows, the files, a backup, or an export of the partner."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from uuid import UUID

import pytest

from planner.accounts import data_keys
from planner.accounts.data_keys import DataKey
from planner.accounts.sessions import Session
from planner.reflections.reflections import Reflection
from planner.storage import backups, db
from tests import postgresql
from tests.api.answers import contents, problem
from tests.conftest import is_postgresql
from tests.exports import export, texts_of
from tests.people import PASSWORD, Cast
from tests.reflections import bodies, unlock, write

# Long enough: four letters of base64 are in any large file by chance.
WORDS = ("marigold at the gate", "lighthouse in the fog", "Überfahrt im Winter")


def traces(content: bytes) -> list[str]:
    """Return the planted words in some bytes, as text and in the three forms of base64."""
    found = []
    for word in WORDS:
        plain = word.encode()
        forms = [plain, *(base64.b64encode(b"x" * shift + plain)[4:-4] for shift in range(3))]
        if any(form in content for form in forms):
            found.append(word)
    return found


@pytest.fixture(autouse=True)
def _with_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the product find pg_dump, also where only the wheel has it."""
    monkeypatch.setenv("PATH", f"{postgresql.programs()}:{os.environ['PATH']}")


def test_planted_words_are_nowhere_in_the_database(cast: Cast, database: str, tmp_path: Path) -> None:
    alice = cast.alice
    alice.post("/notes", {"kind": "effort", "body": "tell-tale"}, 201)
    made = write(alice, f"{WORDS[0]} and more", task="room")
    alice.patch(f"/reflections/{made['id']}", {"body": f"{WORDS[1]}, {WORDS[2]}"}, '"1"')
    alice.get("/reflections")
    deleted = write(alice, f"{WORDS[0]} that goes")
    alice.delete(f"/reflections/{deleted['id']}")

    rows = repr(contents()).encode()
    assert traces(rows) == []
    assert b"tell-tale" in rows, "the test finds what is not encrypted"
    if not is_postgresql(database):
        path = Path(database.removeprefix("sqlite:///"))
        files = [Path(f"{path}{end}") for end in ("", "-wal")]
        found = b"".join(file.read_bytes() for file in files if file.exists())
        assert (traces(found), b"tell-tale" in found) == ([], True)
    with db.connection():
        copy = backups.make(tmp_path / "copy").path
    assert traces(copy.read_bytes()) == []
    if not is_postgresql(database):  # a dump of PostgreSQL is compressed
        assert b"tell-tale" in copy.read_bytes()
    assert bodies(alice) == [f"{WORDS[1]}, {WORDS[2]}"]


def test_the_rows_do_not_hold_what_opens_them(cast: Cast) -> None:
    """Try every text of the database as a password, as a code and as a token."""
    write(cast.alice, WORDS[0])
    alice = UUID(cast.alice.id)
    rows_by_table = {name: rows for name, rows in contents().items() if name not in ("activities", "prompts")}
    texts = {str(value) for rows in rows_by_table.values() for row in rows for value in row}
    assert not texts & {cast.alice.token, cast.alice.recovery_code, cast.alice.recovery_code.replace("-", ""), PASSWORD}
    with db.connection():
        session = Session.get(Session.wrapped_key.is_null(False)).id
        assert data_keys.open_with_token(alice, session, cast.alice.token)
        for text in texts:
            assert data_keys.open_with_password(alice, text) is None
            assert data_keys.open_with_code(alice, text) is None
            assert data_keys.open_with_token(alice, session, text) is None


def test_the_own_export_has_them_and_that_of_the_partner_does_not(cast: Cast) -> None:
    write(cast.alice, WORDS[0], task="week")
    (exported,) = export(cast.alice, "private")["reflections"]
    assert (exported["text"], exported["locked"]) == (WORDS[0], False)
    assert exported["question"].startswith("Plan the coming week")
    assert WORDS[0] not in str(export(cast.alice, "ordinary"))
    assert WORDS[0] not in texts_of(cast.bob)


def test_a_locked_reflection_is_listed_in_the_export_without_its_words(cast: Cast) -> None:
    write(cast.alice, WORDS[0])
    cast.alice.post("/me/reflections/lock")
    assert export(cast.alice, "private")["reflections"][0]["text"] == WORDS[0], "the password of the export opens it"
    with db.connection(), db.write():
        DataKey.update(wrapped_by_password=None).execute()
    (exported,) = export(cast.alice, "private")["reflections"]
    assert (exported["text"], exported["question"], exported["locked"]) == (None, None, True)
    unlock(cast.alice, recovery_code=cast.alice.recovery_code, password=PASSWORD)
    assert export(cast.alice, "private")["reflections"][0]["text"] == WORDS[0]


def test_lengths_tell_a_line_from_a_page_no_more(cast: Cast) -> None:
    write(cast.alice, "x")
    write(cast.alice, "x" * 3000)
    with db.connection():
        lengths = {len(content) for (content,) in db.fetch_all(Reflection.select(Reflection.content))}
    assert len(lengths) == 1


def test_a_problem_names_no_words(cast: Cast) -> None:
    body = {"body": WORDS[0], "prompt_id": "none"}
    unlock(cast.alice)
    assert WORDS[0] not in str(problem(cast.alice.request("POST", "/reflections", body), 422))
