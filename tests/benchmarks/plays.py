"""Requests that a load generator plays on 16 connections: wrk if it is installed, else load.py.

A play has one or more steps, and rows. Each connection takes one row after another and sends the steps with what the
row has. `mark` makes the places in a step that each visit fills anew. wrk takes far less of a small machine
than load.py. Both know the same plays.
"""

from __future__ import annotations

import random
import re
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from json import dumps, loads
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from tests.benchmarks.load import Connections, Request, Script, request

CONNECTIONS = 16
WRK = shutil.which("wrk")
_MANY = 10_000_000

# What both servers do.
BARE, PAGE, NOTE_CREATED, TODAY = "bare route", "page of 20 notes", "create of a note", "first screen"
DATE, BATCH, UNCHANGED = "proposal, then its acceptance", "the same in batches", "unchanged first screen"
NOTE = "You called my mother back, although you were tired, and stayed on until she laughed."


def mark(name: str, length: int = 3) -> str:
    """Return a place in a step. In a body it must be as long as what fills it, for the length of the body."""
    return f"@{name}{'.' * (length - 3)}@"


TOKEN = mark("1")
"""The first cell of the row, which is the token of a person in all plays with a sign-in."""
NEW_ID = mark("u", 36)
"""A UUID of this visit."""
NEW_SHORT_ID = mark("s", 15)
"""An id of 15 letters and digits of this visit."""
FOUND_ID = mark("f", 36)
"""A UUID that was found in an answer of this visit."""


class Step(NamedTuple):
    """One request of each visit. `before_id` is the text in its answer after which the UUID to find begins."""

    text: str
    status: int = 200
    before_id: str = ""


class Play(NamedTuple):
    """What each connection does again and again."""

    name: str
    steps: Sequence[Step]
    rows: Sequence[Sequence[str]]


class Rate(NamedTuple):
    """The result of one run of a play. The times are those of single requests, in milliseconds."""

    visits: float
    p50: float
    p99: float
    client: float  # the share of one core that the load generator used


def step(
    method: str, path: str, body: Any = None, status: int = 200, token: str | None = TOKEN, etag: str | None = None,
    before_id: str = "",
) -> Step:  # fmt: skip
    """Return a step. A "version" in the body is sent as If-Match."""
    return Step(request(method, path, token, body, etag).decode(), status, before_id)


def check(play: Play, port: int) -> None:
    """Make one visit, and raise RuntimeError unless each answer has its status."""
    with Connections(port, 1) as connections:
        connections.run([_script(play, play.rows[:1])], 1.0, len(play.steps))


def run(play: Play, port: int, seconds: int) -> Rate:
    """Play for some seconds. The rows come in a new order each time."""
    rows = list(play.rows) * (1 + CONNECTIONS // len(play.rows))
    random.shuffle(rows)
    shares = [rows[at::CONNECTIONS] for at in range(CONNECTIONS)]
    return _run_wrk(play, shares, port, seconds) if WRK else _run_load(play, shares, port, seconds)


def _run_load(play: Play, shares: Sequence[Sequence[Sequence[str]]], port: int, seconds: int) -> Rate:
    with Connections(port, CONNECTIONS) as connections:
        result = connections.run([_script(play, share) for share in shares], seconds, _MANY)
    times = sorted(1000 * one for times in result.seconds.values() for one in times)
    middle, late = times[len(times) // 2], times[len(times) * 99 // 100]
    return Rate(result.rate / len(play.steps), middle, late, result.client)


def _script(play: Play, rows: Sequence[Sequence[str]]) -> Script:
    while True:
        for row in rows:
            new = str(uuid4())
            values = {str(at): cell for at, cell in enumerate(row, 1)} | {"u": new, "s": new.replace("-", "")[:15]}
            for each in play.steps:
                text = re.sub(r"@(\w)\.*@", lambda match, now=values: str(now[match[1]]), each.text)
                body = yield Request(text.encode(), each.status)
                if each.before_id:
                    values["f"] = body.decode().partition(each.before_id)[2][:36]


# Each thread of wrk has one connection, so its requests and answers take turns. wrk calls `request` once more at the
# start, to see what it returns: with `response`, only that goes to the next step.
_LUA = """
local threads, steps, folder = 0, {}, FOLDER
local row, at, step, id, new, short, found = nil, 0, 1, nil, "", "", ""
local rows = {}
function setup(thread) thread:set("id", threads) threads = threads + 1 end
local function add(line)
  local cells = {}
  for cell in line:gmatch("[^\\t]+") do cells[#cells + 1] = cell end
  rows[#rows + 1] = cells
end
function init()

  for line in io.lines(folder .. "/rows-" .. _G.id) do add(line) end
  math.randomseed(SEED + 7919 * _G.id)
  for _ = 1, 10 do math.random() end
end
local function fresh()
  local r = math.random
  new = string.format("%04x%04x-%04x-4%03x-a%03x-%04x%04x%04x", r(0, 65535), r(0, 65535), r(0, 65535), r(0, 4095),
    r(0, 4095), r(0, 65535), r(0, 65535), r(0, 65535))
  short = new:gsub("-", ""):sub(1, 15)
end
local function fill(name)
  if name == "u" then return new elseif name == "s" then return short elseif name == "f" then return found end
  return row[tonumber(name)]
end
STEPS
local waits = false
for _, each in ipairs(steps) do waits = waits or each.before ~= "" end
local function go_on() step = step % #steps + 1 end
function request()
  if step == 1 then at = at % #rows + 1 row = rows[at] fresh() end
  local text = steps[step].text
  if steps[step].fills then text = text:gsub("@(%w)%.*@", fill) end
  if not waits then go_on() end
  return text
end
if waits then
  function response(status, headers, body)
    local before = steps[step].before
    if before ~= "" then
      local _, last = body:find(before, 1, true)
      found = last and body:sub(last + 1, last + 36) or found
    end
    go_on()
  end
end
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('\\nRESULT {"requests": %d, "us": %d, "p50": %f, "p99": %f, "errors": %d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
"""


def _run_wrk(play: Play, shares: Sequence[Sequence[Sequence[str]]], port: int, seconds: int) -> Rate:
    with tempfile.TemporaryDirectory(prefix="rekindle-wrk-") as name:
        for number, share in enumerate(shares):
            (Path(name) / f"rows-{number}").write_text("".join("\t".join(row) + "\n" for row in share))
        steps = "\n".join(_in_lua(play.steps))
        lua = _LUA.replace("FOLDER", _quoted(name)).replace("SEED", str(random.randrange(10**6)))
        (Path(name) / "play.lua").write_text(lua.replace("STEPS", steps))
        before = _used_by_children()
        words = [f"-t{CONNECTIONS}", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "15s", "-s", f"{name}/play.lua"]
        done = subprocess.run(
            [str(WRK), *words, f"http://127.0.0.1:{port}"], capture_output=True, text=True, timeout=seconds + 60,
            check=True,
        )  # fmt: skip
        used = _used_by_children() - before
    line = next((line for line in done.stdout.splitlines() if line.startswith("RESULT ")), None)
    if line is None:
        raise RuntimeError(f"wrk failed: {done.stdout} {done.stderr}")
    result = loads(line.removeprefix("RESULT "))
    if result["errors"] or not result["requests"]:
        raise RuntimeError(f"{play.name}: {done.stdout}")
    lasted = result["us"] / 1e6
    visits = result["requests"] / lasted / len(play.steps)
    return Rate(visits, result["p50"] / 1000, result["p99"] / 1000, used / lasted)


def _in_lua(steps: Sequence[Step]) -> Iterator[str]:
    for each in steps:
        fills = str(bool(re.search(r"@\w\.*@", each.text))).lower()
        fields = f"text = {_quoted(each.text)}, before = {_quoted(each.before_id)}, fills = {fills}"
        yield f"steps[#steps + 1] = {{ {fields} }}"


def _quoted(text: str) -> str:
    """Return a text in the form of Lua, which has that of JSON for what the plays send."""
    return dumps(text, ensure_ascii=False)


def _used_by_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
