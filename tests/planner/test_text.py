"""Test the text that people type: its normal form, its letters, names, and what they copy by hand."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner import text
from planner.errors import Invalid
from seeds.sign_in_words import WORDS

FAMILY = "👨\u200d👩\u200d👧\u200d👦"
letters = st.characters(categories=["Lu", "Ll"], min_codepoint=0x41, max_codepoint=0x17F)
between = st.sampled_from([" ", "-", ".", "  ", " - ", "\t", "–", "\u2011", "_", "\u3000", "/", "ー"])
characters = st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\r\t\u202e\u2067\u202c\u2069\u0301")


def code_of(typed: str, normalize: Callable[[str], str] = text.normalize_line) -> str:
    with pytest.raises(Invalid) as raised:
        normalize(typed)
    (fault,) = raised.value.faults
    return fault.code


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("  two words \n", "two words"),
        ("1\r\n2\r3\x0b4\x0c5\x856\u20287\u20298", "1\n2\n3\n4\n5\n6\n7\n8"),
        ("Zoe\u0308", "Zoë"),
        ("\ufeffcopied\u200b ", "copied"),
        ("\u200b\u2060\ufeff", ""),
        ("ශ්‍රී", "ශ්‍රී"),
        ("a\tb", "a\tb"),
        ("Walk \u202eedispu", "Walk \u202eedispu\u202c"),
        ("\u2067one\ntwo\u2069", "\u2067one\u2069\ntwo"),
        ("\u2066a\u202bb\u2069", "\u2066a\u202bb\u202c\u2069"),
        (f"{FAMILY} 🏴\U000e0067\U000e0062\U000e007f", f"{FAMILY} 🏴\U000e0067\U000e0062\U000e007f"),
    ],
)  # fmt: skip
def test_a_text_has_one_normal_form(typed: str, normal: str) -> None:
    assert text.normalize(typed) == normal


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\r\t\u202e\u2067\u202c\u2069\u0301"))
)
def test_the_normal_form_of_a_normal_form_is_itself(typed: str) -> None:
    try:
        normal = text.normalize(typed)
    except Invalid:
        return
    assert text.normalize(normal) == normal
    assert unicodedata.is_normalized("NFC", normal)


@pytest.mark.parametrize("character", ["\0", "\x1b", "\x7f", "\x80", "\x9f", "\ud800"])
def test_control_characters_and_halves_of_characters_are_refused(character: str) -> None:
    assert code_of(f"a{character}b", text.normalize) == "forbidden_characters"


def test_a_line_has_no_line_end_inside_and_no_tab() -> None:
    assert text.normalize_line("Long\twalk\t\n") == "Long walk"
    for line_end in ("\n", "\r", "\x0b", "\u2028"):
        assert code_of(f"one{line_end}two") == "more_than_one_line"


@pytest.mark.parametrize(
    "letter", ["R" + "\u0301" * 39, "שׁ" + "\u05b0" * 8, "a" + "\u200d\u0301" * 9, "a" + "\u200d" * 40]
)
def test_a_letter_has_a_few_marks_at_most(letter: str) -> None:
    assert code_of(letter) == "too_many_marks"
    assert text.normalize("R" + "\u0323" * text.MAX_MARKS)


@pytest.mark.parametrize(
    ("typed", "letters"),
    [("", 0), ("abc", 3), ("Zoë 散步", 6), (FAMILY, 1), ("🇵🇹🇯🇵", 2), ("क्षत्रिय", 3), ("e\u0301", 1)],
)
def test_letters_are_counted_as_a_person_sees_them(typed: str, letters: int) -> None:
    assert text.count_letters(typed) == letters


def test_spaces_and_invisible_signs_are_not_visible() -> None:
    for hidden in ("", "\u200b\u200e\u00ad", "\u3164\u115f", "\u2800 \u3000", "\ufe0f\U000e0100"):
        assert not text.has_visible(hidden)
    for visible in ("a", ".", "散", "🎬", "\u200b?"):
        assert text.has_visible(visible)


NAMES = [
    "Robin", "Jean-Luc", "Anna M", "O’Neill", "D'Arcy", "Ka‘iulani", "Ka\u02bbiulani", "Gal·la", "Thị Nguyễn",
    "Мария-Анна", "Ζωή", "李", "维克多·雨果", "ジョン・スミス", "ｼﾞｮﾝ･ｽﾐｽ", "ジャン゠リュック", "בן־דוד", "ג׳ורג׳",
    "علی\u200cرضا", "ශ්\u200dරී", "র\u200d্যাচেল", "രാജന്\u200d", "བསྟན་འཛིན་", "Անի՚",
    "محمد\u200cرضا", "Ժան֊Պոլ",
]  # fmt: skip
NOT_NAMES = [
    "R2", "٣", "²", "Ⅷ", "robin@example.org", "a_b", "a/b", "<b>", "Robin 🦊", "-", "'", ".", "\u0308", "a:b",
    "example.org", "·Gal", "Gal·", "Gal··la", "Gal- ·la", "Robin\u200c", "Ro\u200cbin", "Ro\u200dbin", "\u3164",
    "\u115f\u1160", "A\uffa0", "Ro\u034fbin", "Ro\ufe0fbin", "Ro\u200bbin", "Ro\U000e0100bin", "Ro\u180bbin",
    "Ro\u17b4bin", "Ro\u202ebin",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_any_script_is_accepted(name: str) -> None:
    assert text.normalize_name(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize("name", NOT_NAMES)
def test_a_name_with_a_digit_sign_or_invisible_character_is_refused(name: str) -> None:
    assert code_of(name, text.normalize_name) == "not_a_name"


@given(st.lists(st.text(letters, min_size=1), min_size=1), st.sampled_from([" ", "-", "'", "’", "·"]))
def test_letters_with_a_separator_between_them_are_a_name(parts: list[str], separator: str) -> None:
    name = separator.join(parts)
    assert text.normalize_name(name) == unicodedata.normalize("NFC", name)


@given(st.text(letters), st.characters(categories=["N", "S", "Pc", "Ps", "Co"]), st.text(letters))
def test_a_digit_or_symbol_anywhere_makes_no_name(before: str, sign: str, after: str) -> None:
    assert code_of(before + sign + after, text.normalize_name) == "not_a_name"


def test_spaces_and_hyphens_of_a_name_are_made_plain() -> None:
    assert text.normalize_name(" 山田\u3000太郎 ") == "山田 太郎"
    assert text.normalize_name("Jean\u2011Luc\u00a0 M\t") == "Jean-Luc M"
    assert {text.normalize_name(f"Anne{dash}Marie") for dash in "‐‑‒–—−－"} == {"Anne-Marie"}


@pytest.mark.parametrize("name", ["R\u043ebin", "Anna \u039caria", "Jean-L\u0443c"])
def test_a_word_of_a_name_has_one_alphabet(name: str) -> None:
    assert code_of(name, text.normalize_name) == "mixed_alphabets"
    assert text.normalize_name("Anna Мария") == "Anna Мария"


@given(st.lists(st.sampled_from(WORDS), min_size=3, max_size=3), between, between, st.booleans())
def test_a_sign_in_name_is_the_same_with_other_separators_and_capitals(
    words: list[str], first: str, second: str, shout: bool
) -> None:
    typed = f" {words[0]}{first}{words[1]}{second}{words[2]}."
    assert text.fold_typed(typed.upper() if shout else typed) == "-".join(words)


def test_every_word_of_the_list_is_unchanged_by_folding() -> None:
    assert all(text.fold_typed(word) == word for word in WORDS)


@pytest.mark.parametrize(
    "typed",
    [
        "“AMBER/OTTER/LİME”",
        "ａｍｂｅｒーｏｔｔｅｒーｌｉｍｅ",
        "AMBER-OTTER-LİME",
        "amber–otter–lıme\n",
        "ａｍｂｅｒ－ｏｔｔｅｒ－ｌｉｍｅ",
        "am\u00adber\u200b-otter-lime",
    ],
)
def test_a_sign_in_name_can_be_typed_on_any_keyboard(typed: str) -> None:
    assert text.fold_typed(typed) == "amber-otter-lime"


@pytest.mark.parametrize(
    "typed",
    [
        "fwhu-u4co-p2xi\n",
        "ＦＷＨＵ－Ｕ４ＣＯ－Ｐ２ＸＩ",
        "FWHU–U4C0 P2X1",
        "FWHUU4COP2XI",
        "ＦＷＨＵーＵ４ＣＯーＰ２ＸＩ",
        "«fwhu/u4co/p2xi»",
        "fwhu-u٤co-p२xı",
        "FWHU-\nU4CO\u200b-P2Xİ",
    ],
)
def test_a_code_can_be_typed_on_any_keyboard(typed: str) -> None:
    assert text.fold_code(typed) == "FWHUU4COP2XI"
