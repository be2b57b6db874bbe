"""Check the English of the project: its documents, docstrings, comments and messages.

python -m tests.prose           # list the findings, then the figures
python -m tests.prose --count   # figures only
python -m tests.prose --worst   # findings per file, worst first, then the figures

Name files or folders to check these only: python -m tests.prose planner/dates README.md
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
import tokenize
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from seeds import readability
from seeds.banned_words import Refusal

ROOT = Path(__file__).parents[1]
ROOMS = ("api", "planner", "seeds", "tests")
DOCS, DOCSTRINGS, COMMENTS, MESSAGES = KINDS = ("docs", "docstrings", "comments", "messages")

LONGEST_FIRST_SENTENCE = 20  # words, of a docstring: it is the line that tools show
LONGEST_SENTENCE = 25  # words
MOST_ARCHAIC = 1.0  # per 1,000 words; seven projects that we compared lie between 0.0 and 1.1
MOST_LONG = 0.02  # of all sentences: now and then a list makes one long

ARCHAIC = Refusal(
    "archaic",
    "say it in plain modern English, and name the person",
    """whoever; whomever; whatever; whichever; nobody; nobody's; somebody; somebody's; one's; oneself; stands; simply;
    meanwhile; likewise; as well as; hitherto; henceforth; thereof; therein; thereby; thereupon; whereby; herein;
    whence; lest; albeit; upon; amongst; whilst; shall; unto; that which; of which; word of; mend; mends; mended;
    noes""",
).pattern
_NOUNS = "person|partner|people|way|ways|hand|side|end|half|one|ones|two|three|four|kind|kinds|device|devices|day|table"
HOUSE = re.compile(
    rf"\bthe other(?:['’]s|(?!\s+(?:{_NOUNS})\b))\b"
    r"|\blet (?:[\w'’-]+ ){1,4}be\b"
    r"|\bwhat (?:is|was|are|were) (?:[\w'’-]+ ){1,6}(?:is|was|are|were)\b",
    re.IGNORECASE,
)

_NOT_PROSE = re.compile(r"#!|# (?:noqa|type:|fmt:|pragma)")
_SENTENCE = re.compile(r"[A-Z“\"][^\n]*[.?!]”?\Z")
_BREAK = re.compile(r"^[ \t]*$|^[ \t]*(?:[-*]|\d+\.) ", re.MULTILINE)


class Text(NamedTuple):
    """One paragraph. `leads` is true for the first paragraph of a docstring."""

    kind: str
    file: Path
    line: int
    words: str
    leads: bool = False


class Finding(NamedTuple):
    """One sentence or word to rewrite."""

    file: Path
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.rule}: {self.message}"


class Figures(NamedTuple):
    """What one kind of text measures."""

    words: int
    sentences: int
    grade: float
    archaic: float
    long_firsts: int
    long_share: float

    def unmet(self) -> list[str]:
        """Return the limits that are not met."""
        limits = {
            f"more than {MOST_ARCHAIC} archaic words per 1,000": self.archaic > MOST_ARCHAIC,
            f"first sentences over {LONGEST_FIRST_SENTENCE} words": self.long_firsts > 0,
            f"more than {MOST_LONG:.0%} of sentences over {LONGEST_SENTENCE} words": self.long_share > MOST_LONG,
        }
        return [limit for limit, is_unmet in limits.items() if is_unmet]


# Old schemas that no one edits, and packages of npm.
_NOT_OURS = {"migrations", "node_modules"}


def texts(root: Path = ROOT, rooms: Iterable[str] = ROOMS) -> Iterator[Text]:
    """Yield every paragraph that people read in this project, but for the content of seeds/."""
    readers = {".md": markdown, ".py": python, ".toml": catalogue}
    files = [*root.glob("*.md"), root / "wsgi.py", *(file for room in rooms for file in (root / room).rglob("*.*"))]
    for file in sorted(files):
        is_content = file.suffix == ".toml" and file.parent.name != "languages"
        if file.suffix in readers and not _NOT_OURS & set(file.parts) and not is_content:
            yield from readers[file.suffix](file.relative_to(root), file.read_text("utf-8"))


def markdown(file: Path, source: str) -> Iterator[Text]:
    """Yield the paragraphs, list items, headings and table cells of a Markdown file, without its code."""
    source = re.sub(r"^```.*?^```|<!--.*?-->", _blank, source, flags=re.DOTALL | re.MULTILINE)
    source = re.sub(r"\]\([^)]*\)|^[#>]+ ?|</?\w[^>]*>|\*\*|^[|:\- ]+$", "", source, flags=re.MULTILINE)
    source = re.sub(r" \|(?= )|^\||\|$", "\f", source, flags=re.MULTILINE)
    for line, words in _paragraphs(source, 1):
        yield Text(DOCS, file, line, words)


def python(file: Path, source: str) -> Iterator[Text]:
    """Yield the docstrings, the comments and, outside of tests, the messages of a module."""
    nodes = list(ast.walk(ast.parse(source)))
    docstrings = {id(node): (node.lineno, str(node.value)) for node in _docstrings(nodes)}
    for line, words in docstrings.values():
        for place, (at, paragraph) in enumerate(_paragraphs(words, line)):
            yield Text(DOCSTRINGS, file, at, paragraph, leads=place == 0)
    for line, words in _comments(source):
        yield from (Text(COMMENTS, file, at, paragraph) for at, paragraph in _paragraphs(words, line))
    if file.parts[0] != "tests":
        yield from (Text(MESSAGES, file, line, words) for line, words in _messages(nodes, docstrings.keys()))


def catalogue(file: Path, source: str) -> Iterator[Text]:
    """Yield the comments and the sentences of a catalogue of messages, which has each on a line of its own."""
    for number, line in enumerate(source.splitlines(), 1):
        if line.startswith("# "):
            yield Text(COMMENTS, file, number, line.lstrip("# "))
        elif sentence := re.fullmatch(r'[^#"]+ = "(.*)"', line):
            yield Text(MESSAGES, file, number, sentence[1].replace('\\"', '"'))


def findings(text: Text) -> Iterator[Finding]:
    """Yield what is to rewrite in one paragraph."""
    for pattern in (ARCHAIC, HOUSE):
        for match in pattern.finditer(text.words):
            yield Finding(text.file, _line(text, match.start()), "archaic", repr(" ".join(match[0].split())))
    for place, sentence in enumerate(readability.sentences(text.words)):
        is_first, length = text.leads and place == 0, len(readability.words(sentence))
        rule, most = ("first-sentence", LONGEST_FIRST_SENTENCE) if is_first else ("sentence", LONGEST_SENTENCE)
        if length > most:
            line = _line(text, text.words.find(sentence))
            yield Finding(text.file, line, rule, f"{length} words: {' '.join(sentence.split())[:60]!r}")


def measure(paragraphs: Iterable[Text]) -> Figures:
    """Measure paragraphs as one text."""
    paragraphs = list(paragraphs)
    rules = Counter(finding.rule for text in paragraphs for finding in findings(text))
    sentences = [one for text in paragraphs for one in readability.sentences(text.words)]
    words = sum(len(readability.words(one)) for one in sentences)
    longs = sum(len(readability.words(one)) > LONGEST_SENTENCE for one in sentences)
    return Figures(
        words,
        len(sentences),
        readability.grade(". ".join(sentences)),
        1000 * rules["archaic"] / max(1, words),
        rules["first-sentence"],
        longs / max(1, len(sentences)),
    )


def _blank(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")


def _line(text: Text, offset: int) -> int:
    return text.line + text.words.count("\n", 0, max(0, offset))


def _paragraphs(source: str, line: int) -> Iterator[tuple[int, str]]:
    """Split at empty lines, list items and table cells. Code in backticks counts as one word."""
    source = re.sub(r"`[^`]+`", lambda match: "code" + _blank(match), source)
    for part in _BREAK.sub("\f", source).split("\f"):
        words = part.lstrip()
        if words:
            yield line + part.count("\n", 0, len(part) - len(words)), words
        line += part.count("\n")


def _docstrings(nodes: Iterable[ast.AST]) -> Iterator[ast.Constant]:
    """Yield strings that are statements: docstrings, and those below a constant."""
    for node in nodes:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value


def _comments(source: str) -> Iterator[tuple[int, str]]:
    """Yield comments. Those on consecutive lines of their own are one."""
    if "#" not in source:
        return
    blocks: list[tuple[int, list[str]]] = []
    next_line = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT or _NOT_PROSE.match(token.string):
            continue
        line, is_alone = token.start[0], not token.line[: token.start[1]].strip()
        if not (is_alone and line == next_line):
            blocks.append((line, []))
        blocks[-1][1].append(token.string.lstrip("# "))
        next_line = line + 1 if is_alone else 0
    yield from ((line, "\n".join(lines)) for line, lines in blocks)


def _messages(nodes: Collection[ast.AST], docstrings: Iterable[int]) -> Iterator[tuple[int, str]]:
    """Yield literals that are whole sentences: what errors, problems and the inbox say to people."""
    skipped = {
        *docstrings,
        *(id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values),
    }
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            words = "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            words = node.value
        else:
            continue
        if _SENTENCE.match(words) and len(readability.words(words)) > 2:
            yield node.lineno, words


def _table(groups: dict[str, Figures]) -> str:
    lines = [f"{'':12}{'words':>8}{'sentences':>11}{'grade':>7}{'archaic/1000':>14}{'long firsts':>13}{'long':>7}"]
    for name, at in groups.items():
        counts = f"{at.words:8}{at.sentences:11}{at.grade:7.1f}{at.archaic:14.1f}{at.long_firsts:13}"
        lines.append(f"{name:12}{counts}{at.long_share:7.1%}")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Print findings and figures; return 1 when a limit is not met."""
    parser = argparse.ArgumentParser(prog="python -m tests.prose", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", action="store_true", help="figures only")
    parser.add_argument("--worst", action="store_true", help="findings per file, worst first")
    parser.add_argument("paths", nargs="*", type=Path, help="files or folders; without any, the whole project")
    options = parser.parse_args(arguments)
    paths = options.paths or [Path()]
    paragraphs = [text for text in texts() if any(text.file.is_relative_to(path) for path in paths)]
    if options.worst:
        counts = Counter(text.file for text in paragraphs for _ in findings(text))
        sys.stdout.writelines(f"{count:5} {file}\n" for file, count in counts.most_common())
    elif not options.count:
        sys.stdout.writelines(f"{finding}\n" for text in paragraphs for finding in findings(text))
    groups = {kind: measure(text for text in paragraphs if text.kind == kind) for kind in KINDS}
    sys.stdout.write(_table(groups))
    unmet = [f"{kind}: {limit}\n" for kind, figures in groups.items() for limit in figures.unmet()]
    sys.stdout.writelines(unmet)
    return 1 if unmet else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
