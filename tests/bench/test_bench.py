"""That the benchmarks run, and measure what was really done: they raise if anything is lost on the way."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.bench.served import ROOT, environment


@pytest.mark.soak
def test_every_part_of_the_benchmark_comes_to_its_end() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--quick"], capture_output=True, text=True, cwd=ROOT, env=environment()
    )
    assert ran.returncode == 0, ran.stderr
    assert "actor document" in ran.stdout
