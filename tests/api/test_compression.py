"""Compression: who gets gzip, for which answers, and what that means for tags."""

from __future__ import annotations

import gzip
from uuid import UUID

from tests.api.answers import ON_SQLITE
from tests.people import PASSWORD


@ON_SQLITE
def test_a_long_answer_is_compressed_and_says_so(sam):
    plain = sam.request("GET", "/activities?limit=20")
    small = sam.request("GET", "/activities?limit=20", Accept_Encoding="br, gzip;q=0.5")
    assert gzip.decompress(small.data) == plain.data
    assert small.headers["Content-Encoding"] == "gzip"
    assert int(small.headers["Content-Length"]) == len(small.data) < len(plain.data) / 2
    assert "Content-Encoding" not in plain.headers
    for answer in (plain, small):
        assert "Accept-Encoding" in answer.headers["Vary"]
    assert small.data == sam.request("GET", "/activities?limit=20", Accept_Encoding="gzip").data


@ON_SQLITE
def test_a_client_that_refuses_gzip_or_asks_little_gets_plain_text(sam):
    for accepted in ("identity", "br", "gzip;q=0", "*;q=0", ""):
        answer = sam.request("GET", "/activities?limit=20", Accept_Encoding=accepted)
        assert "Content-Encoding" not in answer.headers, accepted
        assert answer.get_json()["items"]
    short = sam.request("GET", "/couple", Accept_Encoding="gzip")
    assert "Content-Encoding" not in short.headers


@ON_SQLITE
def test_the_tag_of_a_compressed_answer_is_weak_and_still_works(sam):
    note = sam.post("/notes", {"kind": "effort", "body": "You waited. " * 200}, 201)["id"]
    strong = sam.request("GET", f"/notes/{note}").headers["ETag"]
    answer = sam.request("GET", f"/notes/{note}", Accept_Encoding="gzip")
    assert answer.headers["Content-Encoding"] == "gzip"
    weak = answer.headers["ETag"]
    assert weak == f"W/{strong}"
    for tag in (weak, strong):
        again = sam.request("GET", f"/notes/{note}", If_None_Match=tag, Accept_Encoding="gzip")
        assert (again.status_code, again.data) == (304, b"")
        assert "Accept-Encoding" in again.headers["Vary"]
    assert sam.patch(f"/notes/{note}", {"body": "Else."}, weak)["version"] == 2


@ON_SQLITE
def test_secrets_and_files_are_never_compressed(sam):
    secret = sam.request("GET", "/me/safety", Accept_Encoding="gzip")
    assert len(secret.data) > 1000
    assert "Content-Encoding" not in secret.headers
    export = sam.request("POST", "/me/exports", {"password": PASSWORD, "part": "ordinary"}, Accept_Encoding="gzip")
    assert export.status_code == 200
    assert "Content-Encoding" not in export.headers


@ON_SQLITE
def test_pages_and_the_document_are_compressed(app, monkeypatch):
    monkeypatch.setattr("api.docs_pages.uuid4", lambda: UUID(int=7, version=4))  # else each reader gets another one
    for path in ("/docs/text", "/openapi.json", "/about"):
        answer = app.test_client().get(path, headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip", path
        assert gzip.decompress(answer.data) == app.test_client().get(path).data
