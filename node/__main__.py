"""`commonwire`, also `python -m node`."""

from __future__ import annotations

import sys


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 done, 1 not done (one line says why), 2 not understood."""
    from node.cli import run

    return run(sys.argv[1:] if arguments is None else arguments)


if __name__ == "__main__":
    raise SystemExit(main())
