"""Test the safety page. It is public, leaves no trace on the server, and is readable on a phone."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from api.app import create_app
from planner.settings import BadSetting, Settings
from planner.support import safety_page
from seeds import banned_words, readability
from tests.api.answers import ON_SQLITE, SECURITY_HEADERS, contents

FILE = """\
[[contact]]
country = "Examplia"
kind = "emergency"
name = "Emergency"
phone = "*000#"

[[contact]]
country = "Examplia"
kind = "service-for-people-afraid-at-home"
name = "The <quiet> line"
phone = "+00 (800) 00-00"
text = "00 11 22"
web = "https://quiet-line.example/chat"
email = "hello@quiet-line.example"
address = "1 Long Street, Exampleton"
hours = "day and night"
note = "Free, and does not show on bills."

[[contact]]
country = "Examplia"
kind = "couples-counsellor"
name = "Two chairs"
web = "https://two-chairs.example"

[[contact]]
country = "Übersee & Co"
kind = "crisis-line"
name = "Nachttelefon"
phone = "111 222"
"""


class Page(HTMLParser):
    """Collect the elements of a page, with their attributes, and its text."""

    def __init__(self, answer: TestResponse) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(answer.get_data(as_text=True))
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str, attribute: str) -> list[str]:
        return [
            str(attributes[attribute]) for name, attributes in self.elements if name == tag and attribute in attributes
        ]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    file = tmp_path / "contacts.toml"
    file.write_text(FILE, encoding="utf-8")
    operator = {"operator_name": "The <test> club", "operator_contact": "club@example.org"}
    return Settings(password_cost="cheapest", support_file=file, **operator)


def page(app: Flask, query: str = "") -> Page:
    answer = app.test_client().get(f"/safety{query}")
    assert answer.status_code == 200
    return Page(answer)


@ON_SQLITE
def test_the_page_is_public_and_leaves_no_trace(app: Flask) -> None:
    before = contents()
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Cookie": "a=b"}):
        for query in ("", "?country=Examplia", "?country=", "?unknown=1", "?country=a&country=b", "?country=%00%ff"):
            answer = app.test_client().get(f"/safety{query}", headers=headers)
            assert answer.status_code == 200
            assert answer.mimetype == "text/html"
            assert answer.headers["Cache-Control"] == "no-store"
            assert not {"Set-Cookie", "ETag", "Last-Modified", "Location"} & set(answer.headers.keys())
            assert set(SECURITY_HEADERS) <= set(answer.headers.keys())
    assert contents() == before


@ON_SQLITE
def test_the_page_needs_no_database(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.storage.db.proxy.obj", None)
    assert page(app).text


@ON_SQLITE
def test_the_page_loads_nothing_from_other_hosts_and_runs_no_script(app: Flask) -> None:
    safety = page(app)
    assert {tag for tag, _ in safety.elements}.isdisjoint(
        {"script", "img", "iframe", "form", "input", "object", "base"}
    )
    assert safety.all("link", "href") == ["/static/pages.css"]
    css = app.test_client().get("/static/pages.css", buffered=True).get_data(as_text=True)
    assert not re.search(r"url\(|@import", css)
    assert not [name for _, safety in safety.elements for name in safety if name.startswith("on") or name == "style"]


@ON_SQLITE
def test_the_exit_comes_first_and_leads_to_a_blank_page(app: Flask) -> None:
    safety = page(app)
    first = safety.all("a", "href")[0]
    assert first == "about:blank", "the exit names no site and sends no request"
    assert safety.text.index(safety_page.EXIT) < safety.text.index(safety_page.TITLE)
    external_links = [one for tag, one in safety.elements if tag == "a" and str(one["href"]).startswith("https:")]
    assert all("noreferrer" in str(attributes["rel"]) and "target" not in attributes for attributes in external_links)
    assert "It does not take this page out of the history." in safety.text


@ON_SQLITE
def test_the_page_names_the_operator_and_what_operators_can_do(app: Flask) -> None:
    text = page(app).text
    assert "run by The <test> club. Contact: club@example.org." in text
    assert "can see or change almost everything on it, and could capture passwords" in text
    assert "browser's history may show it" in text


@ON_SQLITE
def test_contacts_are_listed_by_country_without_help_for_couples(app: Flask) -> None:
    safety = page(app)
    assert safety.text.index("Examplia") < safety.text.index("The <quiet> line") < safety.text.index("Nachttelefon")
    assert "Two chairs" not in safety.text
    assert "not for couples where one is afraid" in safety.text
    hrefs = safety.all("a", "href")
    for href in ("tel:*000%23", "tel:+008000000", "sms:001122", "https://quiet-line.example/chat", "tel:111222",
                 "mailto:hello@quiet-line.example"):  # fmt: skip
        assert href in hrefs
    for words in ("1 Long Street", "day and night", "does not show on bills", "(Crisis line)"):
        assert words in safety.text


@ON_SQLITE
def test_a_country_filters_the_contacts_and_an_unknown_one_does_not(app: Flask) -> None:
    full_page = page(app)
    for href in [href for href in full_page.all("a", "href") if "country=" in href]:
        assert page(app, href.removeprefix("/safety")).text != full_page.text
    for typed in ("Examplia", "examplia", "EXAMPLIA"):
        assert "The <quiet> line" in page(app, f"?country={typed}").text
        assert "Nachttelefon" not in page(app, f"?country={typed}").text
    assert "Nachttelefon" in page(app, "?country=" + quote("übersee & co")).text
    unknown = page(app, "?country=<b>Nowhere")
    assert "We know no contacts for that country." in unknown.text
    assert all(name in unknown.text for name in ("The <quiet> line", "Nachttelefon"))
    assert "Nowhere" not in unknown.text


@ON_SQLITE
def test_a_page_without_contacts_says_how_to_find_some(database: str) -> None:
    safety = page(create_app(Settings(password_cost="cheapest")))
    assert safety_page.NO_CONTACTS in safety.text
    for word in ("emergency number", "doctor", "library", "Search for", "Can I speak to you without giving my name?"):
        assert word in safety.text
    assert not re.search(r"\d{3}", safety.text), "a hard-coded number"


@ON_SQLITE
def test_the_page_has_language_viewport_and_headings(app: Flask) -> None:
    safety = page(app)
    assert safety.all("html", "lang") == ["en"]
    assert "width=device-width, initial-scale=1" in safety.all("meta", "content")
    levels = [int(tag[1]) for tag, _ in safety.elements if re.fullmatch(r"h\d", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert "Rekindle" in safety.text[:10], "the tab has the same title as every page"


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@ON_SQLITE
def test_every_text_colour_has_enough_contrast(app: Flask) -> None:
    css = app.test_client().get("/static/pages.css", buffered=True).get_data(as_text=True)
    schemes = re.findall(r":root \{(.*?)\}", css)
    assert len(schemes) == 2
    for scheme in schemes:
        colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", scheme))
        for text, ground in (
            ("text", "ground"),
            ("quiet", "ground"),
            ("accent", "ground"),
            ("accent", "code"),
            ("text", "code"),
        ):
            low, high = sorted(luminance(colours[name]) for name in (text, ground))
            assert (high + 0.05) / (low + 0.05) >= 4.5, (text, ground)


@ON_SQLITE
def test_the_first_page_links_to_the_safety_page_and_names_the_operator(app: Flask) -> None:
    home = Page(app.test_client().get("/about"))
    assert "/safety" in home.all("a", "href")
    assert "run by The <test> club. Contact: club@example.org." in home.text


@ON_SQLITE
def test_the_api_returns_the_same_content(app: Flask) -> None:
    answer = app.test_client().get("/v1/safety")
    assert answer.headers["Cache-Control"] == "no-store"
    answer_, text = answer.get_json(), page(app).text
    for section in answer_["sections"]:
        assert all(words in text for words in (section["heading"], *section["lines"]))
    assert answer_["countries"] == ["Examplia", "Übersee & Co"]
    assert [contact["name"] for contact in answer_["contacts"]] == ["Emergency", "The <quiet> line", "Nachttelefon"]
    assert answer_["operator"]["name"] == "The <test> club"
    contacts = app.test_client().get("/v1/safety?country=examplia").get_json()["contacts"]
    assert [contact["country"] for contact in contacts] == ["Examplia"] * 2
    assert contacts[1]["role"] == "Advice for people who are afraid at home"


@ON_SQLITE
def test_a_broken_contact_file_stops_the_start(database: str, tmp_path: Path) -> None:
    file = tmp_path / "broken.toml"
    file.write_text(FILE.replace("crisis-line", "crisis"))
    with pytest.raises(
        BadSetting, match=r"^REKINDLE_SUPPORT_FILE cannot be used:\n.*broken\.toml:27: Nachttelefon: kind"
    ):
        create_app(Settings(support_file=file))


def test_the_page_has_short_sentences_and_no_banned_words() -> None:
    sections = (safety_page.NOW, safety_page.MORE, safety_page.VISIT, safety_page.OPERATED, safety_page.HERE)
    for section in sections:
        for line in (section.heading, *section.lines):
            assert not [group.rule for group in banned_words.REFUSED if group.pattern.search(line)], line
            assert all(len(sentence.split()) <= 20 for sentence in re.split(r"[.:;?]", line)), line
        assert readability.grade(" ".join(section.lines)) <= 8, section.heading
