"""`make bench`: run every `bench_*.py` beside this file and print one table.

Each of them has `run() -> Iterable[Row]`. Name some to run only those: `python -m tests.benchmarks training canvas`.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.table import Row, format_table, machine


def main() -> int:
    """Each benchmark runs in a process of its own, so that none is measured with another's leftovers."""
    here = Path(__file__).parent
    names = sys.argv[1:] or sorted(path.stem.removeprefix("bench_") for path in here.glob("bench_*.py"))
    print(machine(), flush=True)
    failed = 0
    for name in names:
        print(f"\n## {name}\n", flush=True)
        failed += (
            subprocess.run([sys.executable, "-m", "tests.benchmarks", "--one", name], check=False).returncode
            != 0
        )
    return 1 if failed else 0


def run_one(name: str) -> int:
    """Run one benchmark here and print its table."""
    module = importlib.import_module(f"tests.benchmarks.bench_{name}")
    rows: list[Row] = list(module.run())
    print(format_table(rows), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(run_one(sys.argv[2]) if sys.argv[1:2] == ["--one"] else main())
