import unicodedata

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from planner.accounts import accounts, passwords
from planner.errors import Invalid
from seeds.sign_in_words import WORDS

INVISIBLE = "\u115f\u1160\u3164\uffa0"  # fillers of Hangul: Unicode calls them letters, but they are invisible
letters = st.characters(categories=["Lu", "Ll", "Lt", "Lo"], exclude_characters=INVISIBLE)
refused = st.characters(categories=["N", "P", "S", "C", "Z"], exclude_characters=" '’-·\u200c") | st.sampled_from(
    INVISIBLE
)
separators = st.lists(st.sampled_from([" ", "-", ".", "  ", " - ", "\t"]), min_size=2, max_size=2)


@given(st.lists(st.text(letters, min_size=1), min_size=1), st.sampled_from([" ", "-", "'", "’", "·", "\u200c"]))
def test_letters_with_a_separator_between_them_are_a_valid_name(parts: list[str], between: str) -> None:
    accounts.check_display_name(between.join(parts))


@given(st.text(letters), refused, st.text(letters))
def test_a_name_with_a_digit_sign_or_control_character_is_refused(before: str, sign: str, after: str) -> None:
    with pytest.raises(Invalid):
        accounts.check_display_name(before + sign + after)


@given(st.text(letters, min_size=1), st.sampled_from("·\u200c"), st.sampled_from(["", " ", "-", "·", "\u200c"]))
def test_a_sign_allowed_inside_a_word_is_refused_elsewhere(name: str, sign: str, beside: str) -> None:
    for invalid in (name + sign + beside, beside + sign + name, name + sign + (beside or "-") + name):
        with pytest.raises(Invalid):
            accounts.check_display_name(invalid)


@pytest.mark.parametrize("mark", ["\u034f", "\u17b4", "\u180b", "\u180f", "\ufe0f", "\ufe00", "\U000e0100"])
def test_a_name_with_an_invisible_mark_is_refused(mark: str) -> None:
    with pytest.raises(Invalid):
        accounts.check_display_name(f"Ro{mark}bin")


@given(st.lists(st.sampled_from(WORDS), min_size=3, max_size=3), separators, st.booleans())
def test_a_sign_in_name_is_the_same_with_other_separators_and_capitals(
    words: list[str], between: list[str], shout: bool
) -> None:
    typed = f" {words[0]}{between[0]}{words[1]}{between[1]}{words[2]}."
    assert accounts.normalize_sign_in_name(typed.upper() if shout else typed) == "-".join(words)


def test_every_word_of_the_list_is_unchanged_by_normalization() -> None:
    assert all(accounts.normalize_sign_in_name(word) == word for word in WORDS)


@pytest.fixture(scope="module", autouse=True)
def cheap() -> None:
    passwords.set_cost("cheapest")


@given(st.text(min_size=1, max_size=40), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_a_password_matches_its_hash_in_every_unicode_form(password: str, form: str) -> None:
    assert passwords.verify(passwords.hash_password(password), unicodedata.normalize(form, password))


@given(st.text(max_size=20), st.text(max_size=20))
def test_another_password_does_not_match_the_hash(password: str, other: str) -> None:
    same = unicodedata.normalize("NFKC", password) == unicodedata.normalize("NFKC", other)
    assert passwords.verify(passwords.hash_password(password), other) == same


@pytest.mark.parametrize("stored", [None, "", "argon2", "$argon2id$v=19$m=8,t=1,p=1$", "x" * 400])
def test_no_password_matches_an_invalid_hash(stored: str | None) -> None:
    assert not passwords.verify(stored, "no account has this password")


class Verifier(PasswordHasher):
    """A hasher that can verify but cannot hash."""

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        raise AssertionError("a hash was made")


def test_an_unknown_name_makes_no_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords.set_cost("cheapest")
    monkeypatch.setattr(passwords, "_hasher", Verifier(1, 8, 1))
    assert not passwords.verify(None, "correct horse")


def test_two_hashes_of_one_password_differ_and_do_not_contain_it() -> None:
    first, second = passwords.hash_password("correct horse"), passwords.hash_password("correct horse")
    assert first != second
    assert "horse" not in first


def test_the_standard_cost_is_the_one_that_owasp_recommends() -> None:
    passwords.set_cost("standard")
    try:
        assert passwords.hash_password("correct horse").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    finally:
        passwords.set_cost("cheapest")
