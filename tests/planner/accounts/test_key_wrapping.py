"""The encryption of what one person writes: what opens it, and what does not."""

from __future__ import annotations

import hashlib

import pytest

from planner.accounts import key_wrapping, passwords
from planner.accounts.key_wrapping import WrongKey
from planner.accounts.passwords import Cost

KEY = key_wrapping.new_key()
CHEAP = Cost(1, 8)


def test_only_the_same_key_and_purpose_open_a_text() -> None:
    text = key_wrapping.encrypt(KEY, b"words", "mine")
    assert key_wrapping.decrypt(KEY, text, "mine") == b"words"
    assert "words" not in text
    assert text != key_wrapping.encrypt(KEY, b"words", "mine"), "each time another nonce"
    for key, purpose in ((key_wrapping.new_key(), "mine"), (KEY, "hers")):
        with pytest.raises(WrongKey):
            key_wrapping.decrypt(key, text, purpose)


@pytest.mark.parametrize("place", [0, 20, -2])
def test_a_changed_text_does_not_open(place: int) -> None:
    letters = list(key_wrapping.encrypt(KEY, b"words of several bytes", "mine"))
    letters[place] = "A" if letters[place] != "A" else "B"
    for text in ("".join(letters), "", "".join(letters)[:10]):
        with pytest.raises(WrongKey):
            key_wrapping.decrypt(KEY, text, "mine")


def test_only_the_code_opens_what_was_sealed_for_its_public_key() -> None:
    sealed = key_wrapping.seal(key_wrapping.public_key_of_code("ABCDE"), KEY, "mine")
    assert key_wrapping.unseal("ABCDE", sealed, "mine") == KEY
    for code, purpose in (("ABCDF", "mine"), ("ABCDE", "hers")):
        with pytest.raises(WrongKey):
            key_wrapping.unseal(code, sealed, purpose)


def test_what_the_server_stores_of_a_token_does_not_give_its_key() -> None:
    key = key_wrapping.key_of_token("token")
    assert len(key) == key_wrapping.KEY_BYTES
    assert key not in (hashlib.sha256(b"token").digest(), key_wrapping.key_of_token("another"))


def test_a_password_gives_another_key_with_another_salt_or_cost() -> None:
    salt = passwords.new_salt()
    key = passwords.derive_key("Straße", salt, CHEAP)
    assert key == passwords.derive_key("Stra\u00dfe", salt, CHEAP)
    assert passwords.derive_key("e\u0301", salt, CHEAP) == passwords.derive_key("\u00e9", salt, CHEAP), "phones differ"
    others = [("strasse", salt, CHEAP), ("Straße", passwords.new_salt(), CHEAP), ("Straße", salt, Cost(2, 8))]
    assert key not in [passwords.derive_key(*other) for other in others]


@pytest.mark.parametrize("length", [0, 1, 4094, 4095, 4096, 9000])
def test_padding_hides_the_length_in_steps_of_4_kib(length: int) -> None:
    padded = key_wrapping.pad(b"\x80" * length)
    assert len(padded) % 4096 == 0
    assert len(padded) - length <= 4096
    assert key_wrapping.unpad(padded) == b"\x80" * length
