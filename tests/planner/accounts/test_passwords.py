import unicodedata

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from planner.accounts import passwords


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


def test_costs_are_the_ones_that_owasp_and_the_rfc_recommend() -> None:
    passwords.set_cost("standard")
    try:
        assert passwords.hash_password("correct horse").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        assert passwords.is_cheaper(passwords.hash_password("correct horse")) is False
        passwords.set_cost("high")
        assert passwords.is_cheaper("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g")
        assert passwords.hash_password("correct horse").startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    finally:
        passwords.set_cost("cheapest")


@given(st.text(max_size=300))
def test_any_text_is_common_or_not(password: str) -> None:
    assert passwords.is_common(password) in (True, False)
    assert passwords.is_common(password + "quiet harbour velvet 71 lanterns") is False


def test_a_long_password_costs_little_and_is_judged_by_both_its_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths = []
    estimate = passwords.zxcvbn
    monkeypatch.setattr(passwords, "zxcvbn", lambda typed: lengths.append(len(typed)) or estimate(typed))
    assert passwords.is_common("0" * 256)
    assert passwords.is_common("password" * 32)
    assert not passwords.is_common("0" * 200 + "quiet harbour velvet 71 lanterns")
    assert not passwords.is_common("quiet harbour velvet 71 lanterns" + "0" * 200)
    assert max(lengths) == 40, "a hundred hostile characters take 60 ms"
