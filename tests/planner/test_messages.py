"""The catalogue of messages has a text for every reason, code and kind that the code names, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter
from typing import NamedTuple

import pytest

from planner import inbox, messages
from planner.errors import BadCredentials, Conflict, Problem, QuotaExceeded
from planner.relationship.space import SENTENCES

ROOT = Path(__file__).parents[2]
PROBLEMS = {problem.__name__: problem for problem in Problem.__subclasses__()}
NEED_A_REASON = (Conflict, QuotaExceeded, BadCredentials)


class Raised(NamedTuple):
    """A reason or a code in the source, with the names of its params."""

    place: str
    section: str
    key: str
    params: frozenset[str]


@cache
def raised() -> list[Raised]:
    """Every reason and code that the code raises."""
    return list(_raised())


def _raised() -> Iterator[Raised]:
    for path in sorted(path for room in ("api", "planner") for path in (ROOT / room).rglob("*.py")):
        file = path.relative_to(ROOT)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            place = f"{file}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Call):
                yield from named(node, place)
            elif (
                isinstance(node, ast.Assign | ast.AugAssign) and "error_messages" in ast.unparse(node).partition("=")[0]
            ):
                yield from (Raised(place, "fields", code, frozenset()) for code in literals(node.value))


def named(call: ast.Call, place: str) -> Iterator[Raised]:
    name = ast.unparse(call.func)
    params = frozenset(str(keyword.arg) for keyword in call.keywords)
    if name in PROBLEMS and PROBLEMS[name].kind not in ("invalid", "too-many-requests") and call.args:
        yield from (Raised(place, f"reasons.{PROBLEMS[name].kind}", key, params) for key in literals(call.args[0]))
    elif name == "InvalidValue" and not isinstance(call.args[0], ast.Attribute):
        yield from (Raised(place, "fields", key, params) for key in literals(call.args[0]))
    elif name == "FieldError" and isinstance(call.args[1], ast.Constant):
        yield from (Raised(place, "fields", key, params) for key in literals(call.args[1]))


def literals(node: ast.expr) -> list[str]:
    """The strings that an expression can give: one, those of a condition, or the values of a dict."""
    if isinstance(node, ast.IfExp):
        return [*literals(node.body), *literals(node.orelse)]
    if isinstance(node, ast.Dict):
        return [text for value in node.values for text in literals(value)]
    assert isinstance(node, ast.Constant), f"a reason or code that is no literal: {ast.unparse(node)}"
    assert isinstance(node.value, str)
    return [node.value]


def sections(prefix: str) -> set[str]:
    return {name.rpartition(".")[0] for name in messages.catalogues()["en"] if name.startswith(prefix)}


def params_of(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("section", ["fields", *sorted(sections("reasons."))])
def test_each_section_has_exactly_what_the_code_raises(section):
    assert set(messages.keys(section)) == {one.key for one in raised() if one.section == section}


def test_no_reason_is_raised_of_a_kind_without_reasons():
    assert {one.section for one in raised()} == {"fields"} | sections("reasons.")
    assert len(raised()) > 100


def test_each_raise_gives_the_params_of_its_sentence():
    texts = messages.catalogues()["en"]
    wrong = [one for one in raised() if params_of(texts[f"{one.section}.{one.key}"]) != one.params]
    assert wrong == []


def test_reasons_and_codes_are_snake_case_and_say_different_things():
    reasons = [(one.section, one.key) for one in set(raised())]
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", key) for _, key in reasons)
    by_key: dict[str, set[str]] = {}
    for section, key in reasons:
        by_key.setdefault(key, set()).add(section)
    assert [key for key, found in by_key.items() if len(found - {"fields"}) > 1] == []
    for section in {section for section, _ in reasons}:
        texts = [messages.text(section, key) for key in messages.keys(section)]
        assert len(set(texts)) == len(texts), f"two causes in {section} that no one may tell apart, or need not"


def test_each_problem_has_a_title_and_a_sentence_of_its_own_or_reasons():
    for problem in Problem.__subclasses__():
        assert messages.text("problems", f"{problem.kind}.title")
        assert messages.text("problems", f"{problem.kind}.detail")
        assert (problem in NEED_A_REASON) <= bool(messages.keys(f"reasons.{problem.kind}"))
    for problem in NEED_A_REASON:
        with pytest.raises(TypeError):
            problem()


def test_each_kind_of_item_and_each_sentence_has_a_text():
    assert messages.keys("inbox") == list(inbox.KINDS)
    assert messages.keys("sentences") == list(SENTENCES)


@pytest.mark.parametrize("section", ["texts", "links", "help_titles", "help_reasons", "help_lines", "help_questions"])
def test_each_text_with_a_key_is_named_in_the_code(section):
    source = " ".join(path.read_text("utf-8") for room in ("api", "planner") for path in (ROOT / room).rglob("*.py"))
    assert messages.keys(section)
    assert [key for key in messages.keys(section) if f'"{key}"' not in source] == []


def test_reasons_are_stable():
    # They are part of the interface: clients branch on them and translate them.
    assert {one.key for one in raised() if one.section.startswith("reasons.")} >= {
        "activity_resting", "already_in_couple", "another_invitation_accepted", "changed_meanwhile",
        "connected_with_rhythm", "couple_ended", "couple_just_begun", "current_password_wrong", "date_changed",
        "date_moved_on", "date_not_over", "deleted_by_person", "everybody_blocked", "feedback_closed", "in_space",
        "invitation_not_open", "invitation_open_already", "invitations_used_up", "name_changed_recently",
        "no_acceptance", "no_former_partner",
        "no_partner", "no_prompt_today", "note_not_shared", "note_shared", "note_shared_before",
        "one_in_couple", "outcome_unknown", "pace_changed", "partners_copy", "quota_used_up", "recovery_mismatch",
        "rhythm_changed", "sign_in_mismatch", "slot_passed", "space_ended", "space_said_recently", "token_not_valid",
        "too_many_own_activities", "undo_too_late", "unknown_code",
    }  # fmt: skip


@pytest.fixture
def with_german(tmp_path, monkeypatch):
    """A second catalogue, which lacks most texts."""
    for file in messages.FOLDER.glob("*.toml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "de.toml").write_text('[fields]\ntoo_short = "Mindestens {least} Zeichen."\n', "utf-8")
    monkeypatch.setattr(messages, "FOLDER", tmp_path)
    messages.catalogues.cache_clear()
    yield
    messages.catalogues.cache_clear()


def test_a_translation_has_no_other_params_than_the_english_text(with_german):
    english = messages.catalogues()[messages.ENGLISH]
    translated = [language for language in messages.languages() if language != messages.ENGLISH]
    assert translated
    for language in translated:
        for name, text in messages.catalogues()[language].items():
            assert params_of(text) <= params_of(english[name]), f"{language}: {name}"


def test_a_text_comes_in_its_language_or_else_in_english(with_german):
    assert messages.languages() == ["en", "de"]
    assert messages.text("fields", "too_short", "de", least=10) == "Mindestens 10 Zeichen."
    assert messages.text("fields", "too_short", least=10) == "At least 10 characters."
    assert messages.text("fields", "empty", "de") == messages.text("fields", "empty", "fr") == "Please fill this in."
    with pytest.raises(KeyError):
        messages.text("fields", "nothing_of_the_kind", "de")


def test_a_list_is_joined_and_a_problem_with_one_cause_has_the_sentence_of_its_kind():
    assert messages.text("fields", "not_a_choice", choices=["like", "pass"]) == "Choose one of: like, pass."
    assert messages.detail("not-found", "not_found") == "This does not exist, or you cannot open it."
    assert messages.detail("not-found", "no_prompt_today") == "There is no prompt for today."
    assert messages.detail("wrong-state", "too_many_own_activities", most=3).startswith("You already have 3 ideas")
