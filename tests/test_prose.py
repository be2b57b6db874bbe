"""The prose linter finds archaic words and long sentences in each kind of text."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import prose

HERE = Path("planner/here.py")
LONG = " ".join(["word"] * 26)


def rules(texts) -> list[tuple[int, str]]:
    return [(finding.line, finding.rule) for text in texts for finding in prose.findings(text)]


@pytest.mark.parametrize(
    "words",
    [
        "Whoever asks", "what the other's phone shows", "The other finds it.", "let it then be",
        "what is known is told", "a list of which", "As\nwell as",
    ],
)  # fmt: skip
def test_archaic_words_are_found(words):
    assert rules([prose.Text(prose.DOCS, HERE, 1, words)]) == [(1, "archaic")]


@pytest.mark.parametrize("words", ["the other way", "the other person", "It is let", "what is known", "code"])
def test_plain_words_pass(words):
    assert rules([prose.Text(prose.DOCS, HERE, 1, words)]) == []


def test_docstrings_comments_and_messages_are_read_with_their_lines():
    source = f'''"""Return it.

It stands here.
"""
X = 1  # nobody
# A comment goes on
# with `whatever`, and likewise.
def f():
    """{" ".join(["word"] * 21)}. {LONG}."""
    raise Problem(f"Nobody {{f}} is here.", "nobody")
'''
    texts = list(prose.python(HERE, source))
    expected = [
        (3, "archaic"), (5, "archaic"), (7, "archaic"), (9, "first-sentence"), (9, "sentence"), (10, "archaic"),
    ]  # fmt: skip
    assert sorted(rules(texts)) == expected
    assert {text.kind for text in texts} == {prose.DOCSTRINGS, prose.COMMENTS, prose.MESSAGES}


def test_messages_of_tests_are_not_read():
    assert list(prose.python(Path("tests/here.py"), 'f("Nobody is here at all.")')) == []


def test_the_catalogue_of_messages_is_read():
    source = '# Nobody\n\n[fields]\nempty = "Say \\"yes\\", whoever."\n'
    texts = list(prose.catalogue(Path("planner/languages/en.toml"), source))
    assert [(text.kind, text.words) for text in texts] == [
        (prose.COMMENTS, "Nobody"), (prose.MESSAGES, 'Say "yes", whoever.')
    ]  # fmt: skip
    assert rules(texts) == [(1, "archaic"), (4, "archaic")]
    assert any(text.file.suffix == ".toml" for text in prose.texts(rooms=["planner/languages"]))


def test_documents_are_read_without_their_code():
    source = (
        f"# Nobody\n\nText\nwith `nobody`.\n\n```\nnobody\n```\n| a | b |\n|---|---|\n| one | whoever |\n- {LONG}\n"
    )
    assert rules(prose.markdown(Path("here.md"), source)) == [(1, "archaic"), (11, "archaic"), (12, "sentence")]


def test_each_limit_can_fail():
    plain = prose.Text(prose.DOCSTRINGS, HERE, 1, "Return it. " * 500, leads=True)
    assert prose.measure([plain]).unmet() == []
    faults = plain._replace(words=f"{LONG}. {LONG}. Nobody whatever.")
    assert len(prose.measure([faults]).unmet()) == 3
    assert next(text.line for text in prose.texts() if text.file == Path("README.md")) == 1


def test_the_product_and_its_pages_keep_the_limits():
    paragraphs = list(prose.texts(rooms=set(prose.ROOMS) - {"tests"}))
    for kind in prose.KINDS:
        assert prose.measure(text for text in paragraphs if text.kind == kind).unmet() == [], kind
