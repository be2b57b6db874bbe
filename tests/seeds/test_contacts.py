"""Test that a valid contacts file is read, and that every fault is reported at once with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from seeds import contacts
from seeds.contacts import Contact
from seeds.reader import InvalidCatalogue

GOOD = """\
# Whom to turn to.
[[contact]]
country = "Examplia"
kind = "emergency"
name = "Emergency"
phone = "000"

[[contact]]
country = "Examplia"
kind = "service-for-people-afraid-at-home"
name = "The quiet line"
phone = "+00 (800) 00-00"
text = "00 11 22"
web = "https://quiet-line.example/chat?lang=en"
email = "hello@quiet-line.example"
address = "1 Long Street, Exampleton"
hours = "day and night"
note = "Free, and does not show on bills."
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "contacts.toml"


def faults(file: Path, text: str | bytes) -> list[str]:
    """Return the faults of a file, each with its line but without the path."""
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InvalidCatalogue) as broken:
        contacts.read(file)
    return [str(one).removeprefix(f"{file}:") for one in broken.value.findings]


def test_a_good_file_is_read_in_its_order(file: Path) -> None:
    file.write_text(GOOD)
    first, second = contacts.read(file)
    assert first == Contact("Examplia", "emergency", "Emergency", phone="000")
    assert (second.name, second.web) == ("The quiet line", "https://quiet-line.example/chat?lang=en")
    assert None not in (second.text, second.email, second.address, second.hours, second.note)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('phone = "000"', "", "5: Emergency: needs one of phone, text, web, email, address"),
        ('phone = "000"', "phone = 0", "6: Emergency: phone must be a text, not int"),
        ('phone = "000"', 'phone = "call us"', "6: Emergency: phone must be a number to call, is 'call us'"),
        ('phone = "000"', 'phone = "٠٠٠"', "6: Emergency: phone must be a number to call, is '٠٠٠'"),
        ('phone = "000"', 'telephone = "000"', "6: Emergency: telephone is an unknown key"),
        ('kind = "emergency"', 'kind = "police"', "4: Emergency: kind is unknown: 'police'"),
        ('kind = "emergency"', "", "5: Emergency: kind is missing"),
        ('country = "Examplia"\nkind = "e', 'country = " X"\nkind = "e', "3: Emergency: country must be one line"),
        ('name = "Emergency"', "", "2: contact: name is missing"),
        ('name = "Emergency"', 'name = "E"', "5: E: name must have 2 to 80 characters"),
        ("https://quiet", "http://quiet", "14: The quiet line: web must be an address that begins with https://"),
        ("https://quiet", "javascript:quiet", "14: The quiet line: web must be an address"),
        ("https://quiet", "https://me@quiet", "14: The quiet line: web must be an address"),
        ("/chat?lang", '/\\"><script>', "14: The quiet line: web must be an address"),
        ("hello@", "hello?", "15: The quiet line: email must be an e-mail address"),
        ("[[contact]]\ncountry", "[[contacts]]\ncountry", "2: unknown key 'contacts'"),
        ("# Whom", "colour = 1 #", "1: unknown key 'colour'"),
        ('name = "Emergency"', 'name = "Emergency', "5: is not TOML"),
        ('name = "Emergency"', 'name = "Emergency\xff"', "5: is not UTF-8"),
    ],
)
def test_a_fault_is_reported_with_its_line(file: Path, old: str, new: str, fault: str) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    reported = faults(file, text.encode("latin-1") if "\xff" in text else text)
    assert any(one.startswith(fault) for one in reported), reported


def test_all_faults_are_reported_at_once(file: Path) -> None:
    text = (
        GOOD.replace('"000"', '"zero"')
        .replace("https:", "ftp:")
        .replace('country = "Examplia"\nkind = "s', 'kind = "s')
    )
    assert len(faults(file, text)) == 3


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "contact = []\n"])
def test_a_file_without_a_contact_is_refused(file: Path, text: str) -> None:
    assert faults(file, text) == ["1: holds no [[contact]]"]


@pytest.mark.parametrize("text", ["contact = 1\n", 'contact = "x"\n', "contact = [1]\n", "[contact]\nname = 'x'\n"])
def test_a_file_of_another_shape_is_refused(file: Path, text: str) -> None:
    assert faults(file, text) == ["1: must hold [[contact]] tables"]


def test_the_same_contact_twice_is_refused(file: Path) -> None:
    again = GOOD + "\n" + GOOD[GOOD.index("[[contact]]") : GOOD.index("\n\n")]
    assert faults(file, again) == ["23: Emergency: is already in line 5"]


def test_a_file_that_cannot_be_opened_is_reported(tmp_path: Path) -> None:
    with pytest.raises(InvalidCatalogue, match=r"contacts\.toml:0: cannot be read: No such file"):
        contacts.read(tmp_path / "contacts.toml")
