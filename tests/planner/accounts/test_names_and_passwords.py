import unicodedata

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from planner.accounts import accounts, passwords
from planner.errors import Invalid
from seeds.wordlist import WORDS

UNSEEN = "\u115f\u1160\u3164\uffa0"  # fillers of Hangul: letters to Unicode, nothing to the eye
letters = st.characters(categories=["Lu", "Ll", "Lt", "Lo"], exclude_characters=UNSEEN)
refused = st.characters(categories=["N", "P", "S", "C", "Z"], exclude_characters=" '’-·\u200c") | st.sampled_from(
    UNSEEN
)
separators = st.lists(st.sampled_from([" ", "-", ".", "  ", " - ", "\t"]), min_size=2, max_size=2)


@given(st.lists(st.text(letters, min_size=1), min_size=1), st.sampled_from([" ", "-", "'", "’", "·", "\u200c"]))
def test_any_letters_with_something_between_them_are_a_name(parts: list[str], between: str) -> None:
    accounts.check_display_name(between.join(parts))


@given(st.text(letters), refused, st.text(letters))
def test_no_digit_sign_or_control_hides_among_letters(before: str, sign: str, after: str) -> None:
    with pytest.raises(Invalid):
        accounts.check_display_name(before + sign + after)


@given(st.text(letters, min_size=1), st.sampled_from("·\u200c"), st.sampled_from(["", " ", "-", "·", "\u200c"]))
def test_a_sign_from_inside_a_word_stands_nowhere_else(name: str, sign: str, beside: str) -> None:
    for wrong in (name + sign + beside, beside + sign + name, name + sign + (beside or "-") + name):
        with pytest.raises(Invalid):
            accounts.check_display_name(wrong)


@pytest.mark.parametrize("unseen", ["\u034f", "\u17b4", "\u180b", "\u180f", "\ufe0f", "\ufe00", "\U000e0100"])
def test_a_mark_that_nobody_sees_is_no_part_of_a_name(unseen: str) -> None:
    with pytest.raises(Invalid):
        accounts.check_display_name(f"Ro{unseen}bin")


@given(st.lists(st.sampled_from(WORDS), min_size=3, max_size=3), separators, st.booleans())
def test_a_sign_in_name_is_the_same_however_it_is_typed(words: list[str], between: list[str], shout: bool) -> None:
    typed = f" {words[0]}{between[0]}{words[1]}{between[1]}{words[2]}."
    assert accounts.normalize_sign_in_name(typed.upper() if shout else typed) == "-".join(words)


def test_every_word_is_its_own_normal_form_so_that_each_made_name_can_be_found() -> None:
    assert all(accounts.normalize_sign_in_name(word) == word for word in WORDS)


@pytest.fixture(scope="module", autouse=True)
def cheap() -> None:
    passwords.set_cost("cheapest")


@given(st.text(min_size=1, max_size=40), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_a_password_fits_its_hash_in_every_form_of_its_letters(password: str, form: str) -> None:
    assert passwords.verify(passwords.hash_password(password), unicodedata.normalize(form, password))


@given(st.text(max_size=20), st.text(max_size=20))
def test_another_password_does_not(one: str, other: str) -> None:
    same = unicodedata.normalize("NFKC", one) == unicodedata.normalize("NFKC", other)
    assert passwords.verify(passwords.hash_password(one), other) == same


@pytest.mark.parametrize("kept", [None, "", "argon2", "$argon2id$v=19$m=8,t=1,p=1$", "x" * 400])
def test_nothing_fits_what_is_no_hash(kept: str | None) -> None:
    assert not passwords.verify(kept, "no account has this password")


class Verifier(PasswordHasher):
    """Cannot make a hash."""

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        raise AssertionError("a hash was made")


def test_the_first_unknown_name_costs_no_more_than_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords.set_cost("cheapest")
    monkeypatch.setattr(passwords, "_hasher", Verifier(1, 8, 1))
    assert not passwords.verify(None, "correct horse")


def test_two_hashes_of_one_password_differ_and_hold_no_part_of_it() -> None:
    one, other = passwords.hash_password("correct horse"), passwords.hash_password("correct horse")
    assert one != other
    assert "horse" not in one


def test_the_cost_outside_of_tests_is_the_one_that_owasp_recommends() -> None:
    passwords.set_cost("standard")
    try:
        assert passwords.hash_password("correct horse").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    finally:
        passwords.set_cost("cheapest")
