"""The house stands as it is drawn: layers, floors, rooms and the habits that keep them apart. Read from the source."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from node.rooms import ROOMS

pytestmark = pytest.mark.xdist_group("architecture")  # one worker reads every file, not each

ROOT = Path(__file__).resolve().parents[1]
LAYERS = ("schemas", "federation", "node")

FILE_LINES = 400
FUNCTION_LINES = 80

ROOM_NAMES = tuple(room.__name__.removeprefix("node.") for room in ROOMS)
GROUND_FLOOR = {
    "accounts", "activities", "actors", "asked_in_vain", "blurhash", "config", "context", "database", "delivery", "erasing", "errors", "filming", "films",
    "gate", "former_groups",
    "gauges", "happenings", "health", "hosts", "identifiers", "intake", "jobs", "key_directory", "keyring", "localised", "log",
    "lost_inboxes", "media",
    "media_cache", "memory", "mail", "metrics", "names", "objects", "picture_store", "prepared", "profile", "pruning", "strangers",
    "readiness", "receipts", "redrawing", "shelf", "signing", "translating", "watching", "window", "wording", "worker",
}  # fmt: skip
ABOVE_THE_ROOMS = {"__main__", "app", "backup", "restoring", "rooms", "setup", "unneeded"}
PACKAGES_OF_NODE = {"cli", "demo", "migrations", "web"}

ROOM_FILES = {"__init__", "rules", "store", "actions", "inbox"}
MORE_ROOM_FILES = {
    "complaints": {"acknowledging", "reminding", "sending"},
    "decisions": {"acts", "closing", "copying", "results", "ruling", "showing"},
    "statements": {
        *("asking", "linting"),
        *("writing", "markup", "publishing", "hearing", "composing", "correcting", "passing_on", "reaching"),
        *("versions", "pins", "plain", "quotings", "threads", "errands", "extras", "featured", "events", "quoting"),
        *("forwarding", "quotes", "consent", "describing", "adoption", "languages", "minority", "blanks", "redacting"),
        *("confirming", "joining", "mentioning", "merging", "overtaken", "polls"),
    },
    "groups": {"founding", "roles", "rotation"},
    "members": {"admission", "invitations", "mandates", "offices", "resets", "second_factor", "viewers"},
    "peering": {
        *("admission", "blocking", "blocks", "catching_up", "choices", "dealing", "doorkeeping", "effects", "exchange"),
        *("arrivals", "finding", "fingerprints", "governing", "handles", "likeness", "log", "moves", "policies"),
        *("previews", "sheets", "shown", "software", "standing", "subjects", "synchronisation", "terms"),
    },
    "drafts": {"differences", "previews", "proposing", "tongues"},
    "backfill": {"entries", "pinned"},
    "notifications": {"listing", "policies", "waves"},
    "push": {"keys", "telling"},
    "moderation": {"filtering", "pacing", "removing", "screening", "silencing"},
    "merges": {"candidates", "dismissing", "matching"},
    "policy_lists": {"formats", "shown", "subscribing"},
    "positions": {"composing", "hearing", "listing", "moderation"},
    "recognitions": {"listing", "visibility"},
    "signatories": {"checking"},
    "conditions": {"composing", "facts", "figures", "hearing"},
    "appeals": {"composing", "hearing", "listing"},
    "statistics": {"adding", "comparing", "opening", "questions", "serialising", "tables"},
    "reports": {
        *("amounts", "asking", "building", "counting", "counts", "developing", "disputes", "documents"),
        *("facts", "filters", "flaws", "hearing", "importing", "imports", "listing", "naming"),
        *("opening", "other_kinds", "ranking", "recounting", "selecting", "shapes", "sites", "struggles", "suggesting"),
        *("transcriptions", "undoing", "uploads", "writing"),
    },
    "search": {"entries", "hits", "words"},
    "corrections": {"pages"},
    "marks": {
        *("accounts", "copying", "differing", "filtering", "filters", "followings", "hiding"),
        *("lists", "matching", "places", "relations"),
    },
    "timelines": {"context", "walks"},
}

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "base", "core", "manager", "managers"}
THIRD_PARTY_OF_FEDERATION = {"aiohttp", "cryptography", "pyld", "rfc8785", "yarl"}
APP_SERVES = ("node.web.routes", "node.web.listening", "node.web.wellness")
REACHES_OUTSIDE = {"asyncio", "ftplib", "http", "multiprocessing", "selectors", "smtplib", "socket", "sqlite3", "ssl",
                   "subprocess", "tempfile", "urllib.request"}  # fmt: skip
CATCHES_EVERYTHING = {"node/worker.py", "node/intake.py"}
KEEPS_TIME = {"node/context.py", "node/cli/progress.py"}
LOADED_BY_FEW = ("alembic", "av", "babel", "markdown_it", "psycopg", "pycountry", "pygal", "pyld", "python_calamine", "PIL", "segno",
                 "sqlalchemy.orm", "yaml")  # fmt: skip


@dataclass(frozen=True)
class Import:
    """One name that a module imports. `lazy`: inside a function; `typing`: only for the type checker."""

    where: str
    target: str
    lazy: bool
    typing: bool


@pytest.fixture(autouse=True, scope="module")
def _nothing_is_kept() -> Iterator[None]:
    """Every file as a tree is a million small things, which the collector would look through after each test to come."""
    yield
    for kept in (tree, nodes, imports):
        kept.cache_clear()


@cache
def sources(*folders: str) -> tuple[Path, ...]:
    found = [
        path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")) if "node_modules" not in path.parts
    ]
    assert found, f"there is no Python in {folders}"
    return tuple(found)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Everything in a file, walked through once for all tests."""
    return tuple(ast.walk(tree(path)))


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports(path: Path) -> tuple[Import, ...]:
    return tuple(_imports(path, tree(path), lazy=False, typing=False))


def _imports(path: Path, node: ast.AST, *, lazy: bool, typing: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):
            continue  # no expression holds an import, and most of a file is expressions
        inside = lazy or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        typed = typing or (isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"))
        if isinstance(child, ast.Import):
            names = [alias.name for alias in child.names]
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"{shown(path)}:{child.lineno}: write the import with its full name"
            names = [_module_or_member(f"{child.module}", alias.name) for alias in child.names]
        else:
            names = []
        yield from (Import(f"{shown(path)}:{child.lineno}", name, inside, typed) for name in names)
        yield from _imports(path, child, lazy=inside, typing=typed)


def _module_or_member(module: str, name: str) -> str:
    """`from node import actors` imports node.actors; `from node.actors import find` imports node.actors too."""
    place = ROOT.joinpath(*module.split("."), name)
    return f"{module}.{name}" if place.is_dir() or place.with_suffix(".py").is_file() else module


def is_within(target: str, *packages: str) -> bool:
    return any(target == package or target.startswith(f"{package}.") for package in packages)


def part_of_node(path: Path) -> str:
    """What stands directly below node/: `jobs`, `statements`, `web` ..."""
    return Path(shown(path)).with_suffix("").parts[1]


def complain(found: Iterable[str], why: str) -> None:
    listed = sorted(found)
    assert not listed, f"{why}:\n  " + "\n  ".join(listed)


# ---- layers


def test_schemas_import_the_standard_library_and_nothing_that_reaches_outside() -> None:
    wrong = [
        f"{one.where} imports {one.target}"
        for path in sources("schemas")
        for one in imports(path)
        if not is_within(one.target, "schemas")
        and (one.target.partition(".")[0] not in sys.stdlib_module_names or is_within(one.target, *REACHES_OUTSIDE))
    ]
    complain(wrong, "schemas are values: standard library only, no I/O")


def test_federation_knows_no_node_and_no_database() -> None:
    wrong = [
        f"{one.where} imports {one.target}"
        for path in sources("federation")
        for one in imports(path)
        if not is_within(one.target, "schemas", "federation", *THIRD_PARTY_OF_FEDERATION)
        and (one.target.partition(".")[0] not in sys.stdlib_module_names or is_within(one.target, "sqlite3"))
    ]
    complain(wrong, f"federation may import schemas, the standard library and {sorted(THIRD_PARTY_OF_FEDERATION)}")


def test_nothing_that_runs_imports_the_tests() -> None:
    wrong = [
        f"{one.where} imports {one.target}"
        for path in sources(*LAYERS)
        for one in imports(path)
        if is_within(
            one.target,
            "tests",
            "pytest",
            "httpsig",
            "http_message_signatures",
            "http_sf",
            "jsonschema",
            "hypothesis",
        )
    ]
    complain(wrong, "what only tests need is installed by tests only")


# ---- floors and rooms


def test_every_part_of_the_node_has_its_place_in_the_house() -> None:
    there = {part_of_node(path) for path in sources("node")} - {"__init__"}
    known = GROUND_FLOOR | ABOVE_THE_ROOMS | PACKAGES_OF_NODE | set(ROOM_NAMES)
    complain(there - known, "say in this test on which floor it stands, or make it a room in node/rooms.py")
    complain(known - there, "this test names what is not there any more")


def test_the_ground_floor_imports_no_room() -> None:
    rooms = [f"node.{name}" for name in (*ROOM_NAMES, *ABOVE_THE_ROOMS, "web", "cli")]
    wrong = [
        f"{one.where} imports {one.target}"
        for path in sources("node")
        if part_of_node(path) in GROUND_FLOOR
        for one in imports(path)
        if is_within(one.target, *rooms) and not _names_the_type_of_the_rooms(one)
    ]
    complain(wrong, "the ground floor knows no room: give it a table that rooms fill")


def _names_the_type_of_the_rooms(one: Import) -> bool:
    """The node carries the merged tables of its rooms; that the type checker knows so loads nothing."""
    return one.typing and one.target == "node.rooms" and one.where.startswith("node/context.py")


def test_a_room_imports_only_the_rooms_before_it() -> None:
    wrong = [
        f"{one.where} imports {one.target}"
        for path in sources("node")
        if (room := part_of_node(path)) in ROOM_NAMES
        for one in imports(path)
        if is_within(one.target, *(f"node.{later}" for later in ROOM_NAMES[ROOM_NAMES.index(room) + 1 :]))
        or is_within(one.target, *(f"node.{above}" for above in ABOVE_THE_ROOMS | PACKAGES_OF_NODE))
    ]
    complain(wrong, f"the rooms stand in this order: {', '.join(ROOM_NAMES)}")


def test_the_web_is_imported_by_nobody_but_the_app_that_serves_it() -> None:
    wrong = [
        f"{one.where} imports {one.target}"
        for path in sources(*LAYERS)
        if not is_within(module_of(path), "node.web")
        for one in imports(path)
        if is_within(one.target, "node.web")
        and not (shown(path) == "node/app.py" and one.lazy and one.target in APP_SERVES)
    ]
    complain(wrong, "nothing depends on HTTP")


def test_the_command_line_is_imported_by_nobody_but_the_program() -> None:
    wrong = [
        f"{one.where} imports {one.target}"
        for path in sources(*LAYERS)
        if not is_within(module_of(path), "node.cli", "node.__main__")
        for one in imports(path)
        if is_within(one.target, "node.cli")
    ]
    complain(wrong, "nothing depends on the command line")


def test_every_room_has_the_same_file_names() -> None:
    for room in ROOM_NAMES:
        folder = ROOT / "node" / room
        there = {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
        allowed = ROOM_FILES | MORE_ROOM_FILES.get(room, set())
        complain(there - allowed, f"the room {room} has files that no other room has")
        complain({"__init__", "rules", "store", "actions"} - there, f"the room {room} lacks")


# ---- habits


def test_no_file_is_over_four_hundred_lines() -> None:
    lengths = {shown(path): len(path.read_text(encoding="utf-8").splitlines()) for path in sources(*LAYERS, "tests")}
    complain((f"{name}: {lines} lines" for name, lines in lengths.items() if lines > FILE_LINES), "split these files")


def test_no_function_is_over_eighty_lines() -> None:
    long = [
        f"{shown(path)}:{one.lineno} {one.name}: {lines} lines"
        for path in sources(*LAYERS, "tests")
        for one in nodes(path)
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (one.end_lineno or one.lineno) - one.lineno + 1) > FUNCTION_LINES
    ]
    complain(long, "ten lines are a good length")


def test_no_module_is_called_by_a_name_that_says_nothing() -> None:
    parts = {part for path in sources(*LAYERS, "tests") for part in Path(shown(path)).with_suffix("").parts}
    complain(parts & FORBIDDEN_NAMES, "a function without a home is a missing concept")


def test_every_package_says_what_it_is() -> None:
    mute = [shown(path) for path in sources(*LAYERS) if path.stem == "__init__" and not ast.get_docstring(tree(path))]
    complain(mute, "the docstring of a package is its design document")


def test_only_the_loops_catch_everything() -> None:
    wrong = [
        f"{shown(path)}:{handler.lineno}"
        for path in sources(*LAYERS)
        if shown(path) not in CATCHES_EVERYTHING
        for handler in nodes(path)
        if isinstance(handler, ast.ExceptHandler) and _swallows_everything(handler)
    ]
    complain(wrong, "catch what you can act on by its name")


def _swallows_everything(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {one.id if isinstance(one, ast.Name) else "" for one in caught if one is not None}
    if handler.type is None or "Exception" in names:
        return True
    # Cleaning up after anything at all is fine where it goes on as it came.
    last = handler.body[-1]
    return "BaseException" in names and not (isinstance(last, ast.Raise) and last.exc is None)


def test_only_the_command_line_prints() -> None:
    wrong = [
        f"{shown(path)}:{call.lineno}"
        for path in sources(*LAYERS)
        if not is_within(module_of(path), "node.cli")
        for call in nodes(path)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "print"
    ]
    complain(wrong, "raise, return or log it")


def test_only_the_clock_of_the_node_tells_the_time() -> None:
    readings = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
    wrong = [
        f"{shown(path)}:{call.lineno} {ast.unparse(call.func)}"
        for path in sources(*LAYERS)
        if shown(path) not in KEEPS_TIME
        for call in nodes(path)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and ".".join(ast.unparse(call.func).split(".")[-2:]) in readings
    ]
    complain(wrong, "ask node.clock, tx.now, or be told")


def test_the_one_clock_is_aware_of_its_zone() -> None:
    naive = [
        f"node/context.py:{call.lineno}"
        for call in nodes(ROOT / "node" / "context.py")
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith(".now") and not (call.args or call.keywords)
    ]
    complain(naive, "every moment is UTC and says so")


def test_tests_mock_nothing() -> None:
    wrong = [
        f"{one.where} imports {one.target}"
        for path in sources("tests")
        for one in imports(path)
        if is_within(one.target, "unittest", "mock", "pytest_mock")
    ]
    complain(wrong, "use real sockets, files and keys")


# ---- weight


def test_serving_loads_nothing_that_only_few_need() -> None:
    code = "import sys, node.app, node.web.routes; print(*sorted(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    loaded = set(ran.stdout.split())
    assert "aiohttp" in loaded
    complain(loaded & set(LOADED_BY_FEW), "import these where they are first used")
