"""`python -m tests.bench [--only intake,reads] [--quick]`."""

from __future__ import annotations

import argparse
import asyncio

from tests.bench import apps, fan_out, figures, intake, machine, reads, reports, search, size, streams
from tests.bench.report import QUICK, Report, Settings

PARTS = {
    "size": size,
    "intake": intake,
    "fan-out": fan_out,
    "reads": reads,
    "reports": reports,
    "figures": figures,
    "search": search,
    "apps": apps,
    "streams": streams,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure this node on this machine.")
    parser.add_argument("--only", metavar="PART,PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything, to see that it works")
    options = parser.parse_args()
    chosen = options.only.split(",") if options.only else list(PARTS)
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    asyncio.run(_run(chosen, QUICK if options.quick else Settings()))


async def _run(chosen: list[str], settings: Settings) -> None:
    report = Report()
    print(machine.about())
    await machine.measure(report, settings)
    for name in chosen:
        await PARTS[name].measure(report, settings)


if __name__ == "__main__":
    main()
