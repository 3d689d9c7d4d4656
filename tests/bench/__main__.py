"""`python -m bench [--json FILE] [--facts N] [--small] [ROW …]`: one table of ratios, each measured in one run against its baseline."""
from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from servers import ServersMissing

from bench import append, consume, http, memory, opening, rebuild, relay, verifier, verify
from bench.machine import machine, sentence
from bench.place import Place, place
from bench.row import SMALL, Row, Sizes
from bench.serving import loop_factory

ROWS = {"append": append.measure, "http": http.measure, "relay": relay.measure, "consume": consume.measure,
        "service": memory.services, "all-in-one": memory.all_in_one, "rebuild": rebuild.library, "copy": rebuild.copied,
        "late": rebuild.late, "open": opening.measure, "verify": verify.measure,
        "verify.py": verifier.measure}
HEAD = ("", "ours", "baseline", "ratio", "of the rounds", "wanted", "")


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"only these of {', '.join(ROWS)}")
    parser.add_argument("--json", type=Path, help="write all that was measured to this file")
    parser.add_argument("--facts", type=int, help="of a rebuild, of a verified log, and when histories are opened; default: 200,000")
    parser.add_argument("--small", action="store_true", help="next to nothing of each row: shows that it runs")
    asked = parser.parse_args()
    if unknown := set(asked.rows) - set(ROWS):
        parser.error(f"there is no row {', '.join(sorted(unknown))}")
    logging.basicConfig(level=logging.ERROR)
    try:
        with place() as at, closing(rebuild.filled):
            sizes = SMALL if asked.small else Sizes()
            if asked.facts:
                sizes = replace(sizes, rebuilt=asked.facts, verified=asked.facts, opened=(sizes.opened[0], asked.facts))
            return _run(at, asked.rows or list(ROWS), sizes, asked.json)
    except ServersMissing as missing:
        sys.stderr.write(f"{missing}\n")
        return 1


def _run(at: Place, names: Sequence[str], sizes: Sizes, file: Path | None) -> int:
    begun, of, rows = time.monotonic(), machine(at), []
    for name in names:
        sys.stderr.write(f"{name}\n")
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            rows.append(runner.run(ROWS[name](at, sizes)))
    sys.stdout.write(f"\n{table([HEAD, *(row.cells() for row in rows)])}\n\n{sentence(of)}\n{time.monotonic() - begun:.0f} s\n")
    if file:
        file.write_text(json.dumps({"machine": of, "rows": [row.plain() for row in rows]}, indent=1) + "\n")
    return 0


def table(lines: Sequence[tuple[str, ...]]) -> str:
    wide = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, wide, strict=True)).rstrip() for line in lines)


__all__: Sequence[str] = ("ROWS", "Row", "main", "table")

if __name__ == "__main__":
    sys.exit(main())
