"""The rules that no linter checks: imports, file sizes, query conditions, and use of the clock."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from planner import schema
from planner.storage import db

ROOT = Path(__file__).parents[1]
HOUSE = ("api", "planner", "seeds")

# A new entry at the top level is a decision. Files of tools and documents may come and go.
ENTRIES = {"wsgi.py", "api", "planner", "seeds", "tests"}
TEXTS = {"README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md"}
TOOLS = {"Makefile", "pyproject.toml", "requirements.txt", "requirements-dev.txt", "Dockerfile", "compose.yaml"}
GENERATED = {"data", "__pycache__", "rekindle.egg-info", "build", "dist"}

# In peewee, `in`, `not`, `and`, `or` and `is` make a constant of a condition: then every row fits, or none.
CONDITIONS = {"where", "orwhere", "having", "join", "join_from", "on", "get_or_none"}


def files(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py"))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def mentioning(pattern: str, *rooms: str) -> list[Path]:
    """Return the files whose text has a match. To parse the others would take seconds."""
    return [path for path in files(*rooms) if re.search(pattern, path.read_text(encoding="utf-8"))]


def imported(path: Path) -> set[str]:
    """Return every module that a file imports, also inside a function."""
    modules = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return modules


def test_import_contracts_hold():
    # Run it in a new process, because import-linter keeps state and changes sys.path.
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
    assert " 0 broken" in done.stdout


def test_every_room_is_in_the_contracts():
    """Check the layers: a room outside of them could import any room, and any room could import it."""
    contracts = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for path in (ROOT / "planner").iterdir():
        if path.name not in ("__init__.py", "__pycache__", "migrations", "languages"):
            named = re.search(rf'[" ]planner\.{path.stem}[" ]', contracts)
            assert named, f"planner/{path.name} is missing in the layers of pyproject.toml"


def test_nothing_imports_the_entry_point_or_the_tests():
    for path in mentioning(r"\b(wsgi|tests)\b", *HOUSE):
        tops = {name.partition(".")[0] for name in imported(path)}
        assert tops.isdisjoint({"wsgi", "tests"}), path


def test_no_room_imports_a_private_name_of_another_room():
    for path in files(*HOUSE):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] in HOUSE:
                private = [alias.name for alias in node.names if alias.name.startswith("_")]
                assert not private, f"{path}: {private}"


def test_the_top_level_has_only_known_entries():
    names = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert names - TOOLS - TEXTS - GENERATED <= ENTRIES
    assert {"wsgi.py", "api", "planner", "seeds", "tests"} <= names


def test_no_file_is_named_utils_or_helpers():
    for path in files(*HOUSE):
        assert path.stem not in {"utils", "util", "helpers", "common", "misc", "base", "manager"}, path


def test_no_file_has_more_than_400_lines():
    for path in [*files(*HOUSE), ROOT / "wsgi.py"]:
        if "migrations" not in path.parts:
            lines = len(path.read_text(encoding="utf-8").splitlines())
            assert lines <= 400, f"{path} has {lines} lines: split it"


def test_every_table_is_in_the_list_of_tables():
    named = {table._meta.table_name for table in schema.TABLES}
    assert {table._meta.table_name for table in tables(db.Model)} == named
    assert len(named) == len(schema.TABLES)


def tables(base: type[db.Model]) -> Iterator[type[db.Model]]:
    """Yield all tables: the leaves of the tree of models."""
    for model in base.__subclasses__():
        below = list(tables(model))
        # Other tests define more tables.
        yield from below or ([model] if model.__module__.startswith("planner.") else [])


PRESENT = re.compile(r"(.*\.)?(datetime|date|clock|time)\.(now|utcnow|today|time|time_ns)|utcnow|time\.monotonic")
IN_TEXT = r"\b(now|utcnow|today|time|time_ns|monotonic)\s*\("


def test_only_the_clock_reads_the_current_time():
    """Check that `now` is an argument elsewhere, so that a test can move it and one request has one `now`.

    The storage may measure how long a thing takes, and so may calls to other hosts and the master of a server.
    """
    allowed = {
        "planner/clock.py": {"datetime.now"},
        "planner/scheduler.py": {"datetime.now", "clock.utcnow"},
        "planner/readiness.py": {"clock.utcnow"},
    }
    for path in mentioning(IN_TEXT, "planner", "seeds"):
        presents = {call for call in dotted_calls(path) if PRESENT.fullmatch(call)}
        if "storage" in path.parts or path.name in ("outbound.py", "mail.py"):
            presents.discard("time.monotonic")
        assert presents <= allowed.get(str(path.relative_to(ROOT)), set()), path
    edges = (
        "routing.py",
        "cli.py",
        "upgrade.py",
        "backup_commands.py",
        "metrics.py",
        "doctor.py",
        "docs_pages.py",
        "calendar_feed.py",
        "unsubscribe.py",
    )
    for path in mentioning(IN_TEXT, "api"):
        presents = {call for call in dotted_calls(path) if PRESENT.fullmatch(call)}
        if path.name == "processes.py":
            presents.discard("time.monotonic")
        assert presents <= ({"clock.utcnow"} if path.name in edges else set()), path


def dotted_calls(path: Path) -> set[str]:
    """Return all calls of a file as they are written: `datetime.now`."""
    return {ast.unparse(node.func) for node in ast.walk(tree(path)) if isinstance(node, ast.Call)}


def test_query_conditions_use_database_operators():
    paths = mentioning(rf"\.({'|'.join(CONDITIONS)})\s*\(", "planner")
    faults = [fault for path in paths for fault in conditions_of_python(tree(path), str(path))]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    "condition",
    [
        "P.id in [1, 2]", "P.id not in ids", "not P.done", "P.a == 1 and P.b == 2", "P.a == 1 or P.b", "P.note == None",
        "P.note != None", "P.note is None", "P.note is not None", "1 < P.a < 3", "(P.a == 1) & (not P.b)",
    ],
)  # fmt: skip
def test_the_condition_check_finds_python_operators(condition):
    assert conditions_of_python(ast.parse(f"P.select().where({condition})"), "here")
    assert conditions_of_python(ast.parse(f"P.select().join(Q, on=({condition}))"), "here")


def test_the_condition_check_passes_good_conditions():
    good = "P.select().where(P.id.in_([1]), ~P.done, (P.a == 1) & P.b.is_null(), P.id == (one.id if not two else None))"
    assert conditions_of_python(ast.parse(good), "here") == []


def conditions_of_python(module: ast.Module, where: str) -> list[str]:
    """Return the query conditions that Python itself would evaluate."""
    return [
        f"{where}:{part.lineno}: {ast.unparse(part)}"
        for call in ast.walk(module)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in CONDITIONS
        for argument in (*call.args, *(keyword.value for keyword in call.keywords))
        for part in parts(argument)
        if decided_by_python(part)
    ]


def parts(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a condition and its parts, except the test of a conditional value, which Python should evaluate."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(node, ast.IfExp) and child is node.test) and not isinstance(child, ast.comprehension):
            yield from parts(child)


def decided_by_python(part: ast.AST) -> bool:
    if isinstance(part, ast.BoolOp) or (isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.Not)):
        return True
    if not isinstance(part, ast.Compare):
        return False
    none = any(isinstance(value, ast.Constant) and value.value is None for value in part.comparators)
    return none or len(part.ops) > 1 or isinstance(part.ops[0], ast.In | ast.NotIn | ast.Is | ast.IsNot)


def test_only_storage_and_schema_contain_raw_sql():
    for path in mentioning("execute_sql|SQL|raw", "api", "planner"):
        if path.name == "schema.py" or {"storage", "migrations"} & set(path.parts):
            continue
        raw = {call for call in dotted_calls(path) if call.rpartition(".")[2] in {"execute_sql", "SQL", "raw"}}
        assert not raw, f"{path}: {raw}"


def test_every_linter_exception_has_a_reason():
    """Check that `# noqa` and `# type: ignore` name their rule."""
    for path in [*files(*HOUSE), ROOT / "wsgi.py"]:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if "# noqa" in line:
                assert "# noqa: " in line, f"{path}:{number}"
            if "# type: ignore" in line:
                assert "# type: ignore[" in line, f"{path}:{number}"
