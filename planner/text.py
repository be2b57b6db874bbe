"""The text that people type: normalize it first, then check it and count its letters. Pure.

A letter is what a person sees as one: a grapheme of Unicode, such as "é" or a flag, however many code points it has.
The `regex` library knows graphemes and scripts, so this module needs no tables of characters.
"""

from __future__ import annotations

import unicodedata

import regex

from planner.errors import FieldError, Invalid

MAX_MARKS = 8
"""The most marks on one letter. Pointed Hebrew and Tibetan need five or six."""
_MAX_CODE_POINTS = 32  # of one letter: a family of four with skin colors has eleven

_LINE_END = regex.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
_FORBIDDEN = regex.compile(r"[\p{Cc}\p{Cs}--\t\n]", regex.V1)
_GRAPHEME = regex.compile(r"\X")
_VISIBLE = regex.compile(r"[^\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]", regex.V1)
# What copying leaves around a text. Joiners are not among them: the end of a word can need one.
_PADDING = r"[\s\u200b\u2060\ufeff\u00ad]+"
_AROUND = regex.compile(rf"^{_PADDING}|{_PADDING}$")

_POP, _POP_ISOLATE = "\u202c", "\u2069"
_OPENERS = dict.fromkeys("\u202a\u202b\u202d\u202e", _POP) | dict.fromkeys("\u2066\u2067\u2068", _POP_ISOLATE)
_DIRECTIONS = regex.compile(r"[\u202a-\u202e\u2066-\u2069]")

# A name: letters of any script with their marks, and what stands between them. There is no full stop and no digit: a
# name must not hold a web address or a phone number. Joiners stand where a script needs them, elsewhere they only hide.
_JOINER = r"(?<=\p{ccc=9})[\u200c\u200d]|\u200d(?=\p{ccc=9})|(?<=[\p{jt=D}\p{jt=R}]\p{M}*)\u200c(?=\p{L})"
_LETTER = r"[\p{L}--\p{Default_Ignorable_Code_Point}]" rf"(?:[\p{{M}}--\p{{Default_Ignorable_Code_Point}}]|{_JOINER})*"
_APOSTROPHE = r"['’‘՚׳״]"
_BETWEEN = r"(?:[ \-֊־゠་༌፡]|(?<=[\p{L}\p{M}])[·・･](?=\p{L}))"
_NAME = regex.compile(f"(?:{_LETTER}|{_APOSTROPHE}|{_BETWEEN})+", regex.V1)
_ALPHABETS = regex.compile(r"(\p{Latin})|(\p{Greek})|(\p{Cyrillic})")
_DASH = regex.compile(r"[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")  # phones make dashes of hyphens

_SEPARATORS = regex.compile(r"[^\p{L}\p{M}\p{N}--\u30fc]+", regex.V1)  # U+30FC: the hyphen of a keyboard for kana
_INVISIBLE = regex.compile(r"[\p{Cf}\p{Default_Ignorable_Code_Point}]")
_DIGIT = regex.compile(r"\p{Nd}")


def normalize(typed: str) -> str:
    r"""Return prose in the form in which it is stored. It may have several lines, which end with \n.

    The form is NFC, without what copying leaves at both ends. In each line, every change of direction ends. Raises
    Invalid for control characters, for unpaired surrogates, and for a letter with too many marks.
    """
    text = _LINE_END.sub("\n", typed)
    if _FORBIDDEN.search(text):
        raise Invalid(FieldError("", "forbidden_characters"))
    text = _AROUND.sub("", unicodedata.normalize("NFC", text))
    text = "\n".join(map(_close_directions, text.split("\n")))
    for letter in _GRAPHEME.findall(text):
        if len(letter) > 1 and _is_overloaded(letter):
            raise Invalid(FieldError("", "too_many_marks", most=MAX_MARKS))
    return text


def normalize_line(typed: str) -> str:
    """Return a text of one line in the form in which it is stored. A tab becomes a space.

    Raises Invalid as `normalize` does, and for a line end inside the text.
    """
    text = normalize(typed)
    if "\n" in text:
        raise Invalid(FieldError("", "more_than_one_line"))
    return text.replace("\t", " ")


def normalize_name(typed: str) -> str:
    """Return a person's name with plain spaces and hyphens. Raises Invalid when it is not a name.

    A word in two alphabets that share the look of letters is not a name: it can pretend to be another.
    """
    name = " ".join(_DASH.sub("-", normalize_line(typed)).split())
    if not name:
        raise Invalid(FieldError("", "empty"))
    if not _NAME.fullmatch(name) or not regex.search(r"\p{L}", name):
        raise Invalid(FieldError("", "not_a_name"))
    for word in regex.split("[ -]", name):
        if len({match.lastindex for match in _ALPHABETS.finditer(word)}) > 1:
            raise Invalid(FieldError("", "mixed_alphabets"))
    return name


def count_letters(text: str) -> int:
    """Return how many letters a person sees in a normalized text, spaces and signs included."""
    return len(text) if text.isascii() else len(_GRAPHEME.findall(text))


def has_visible(text: str) -> bool:
    """Return whether a text has at least one visible character."""
    return bool(_VISIBLE.search(text))


def fold_typed(typed: str) -> str:
    """Return the compared form of a sign-in name or a code: "AMBER Otter–lamp" -> "amber-otter-lamp".

    People copy these by hand. Any dash, space or sign separates. The width and case of letters, the script of
    digits, the dot of a Turkish i and invisible characters make no difference.
    """
    text = unicodedata.normalize("NFKC", typed).casefold().replace("i\u0307", "i").replace("ı", "i")
    text = _DIGIT.sub(lambda digit: str(unicodedata.digit(digit[0])), _INVISIBLE.sub("", text))
    return _SEPARATORS.sub("-", text).strip("-")


def fold_wording(typed: str) -> str:
    """Return the letters and digits of a text: a comma or a capital letter makes no other request or title."""
    folded = unicodedata.normalize("NFKC", typed).casefold()
    return "".join(letter for letter in folded if letter.isalnum()) or typed


def fold_code(typed: str) -> str:
    """Return the compared form of a code in base 32. It reads 0 as O, and 1 as I."""
    return fold_typed(typed).upper().replace("-", "").replace("0", "O").replace("1", "I")


def _close_directions(line: str) -> str:
    """Return a line in which every change of direction ends, and nothing ends that has not begun."""
    if not _DIRECTIONS.search(line):
        return line
    kept, open_ends = [], list[str]()
    for character in line:
        if character in _OPENERS:
            open_ends.append(_OPENERS[character])
        elif character in (_POP, _POP_ISOLATE):
            if not open_ends or open_ends[-1] != character:
                continue
            open_ends.pop()
        kept.append(character)
    return "".join(kept + open_ends[::-1])


def _is_overloaded(letter: str) -> bool:
    marks = sum(unicodedata.category(character)[0] == "M" for character in letter)
    return marks > MAX_MARKS or len(letter) > _MAX_CODE_POINTS
