"""Processor time of a check of 3,000 nodes: at first, after one edit, after a wire is drawn and a node added."""

from __future__ import annotations

import statistics

from nodeforge.analysis import Checker
from nodeforge.core.document import Document
from nodeforge.core.edits import AddNode, Connect, Disconnect, SetParameter, apply
from nodeforge.core.graph import Node, Wire
from tests.benchmarks.table import Row, format_table
from tests.benchmarks.turns import cpu_seconds

BLOCKS = 750
REPEATS = 15


def deep_network(blocks: int) -> Document:
    """Residual blocks of Conv2d, BatchNorm2d, ReLU and Add, four nodes each, between Input and Output."""
    document = Document()

    def add(name: str, kind: str, *sources: str, **parameters: object) -> str:
        apply(document, AddNode("main", Node(name=name, kind=kind, parameters=parameters)))
        port = {"Add": "inputs"}.get(kind, "input")
        for source in sources:
            apply(document, Connect("main", Wire(source, "output", name, port)))
        return name

    last = add("x", "Input", shape=(8, 16, 16))
    for number in range(blocks):
        conv = add(f"conv{number}", "Conv2d", last, out_channels=8, kernel_size=3, padding=1)
        norm = add(f"norm{number}", "BatchNorm2d", conv)
        relu = add(f"relu{number}", "ReLU", norm)
        last = add(f"add{number}", "Add", last, relu)
    add("y", "Output", last)
    return document


def run() -> list[Row]:
    """Medians, by what was done before the check."""
    document = deep_network(BLOCKS)
    nodes = f"{len(document.main_network):,} nodes"
    checker = Checker()
    middle = f"conv{BLOCKS // 2}"
    wire = Wire(f"norm{BLOCKS // 2}", "output", f"relu{BLOCKS // 2}", "input")
    kernel, channels, cut, added = [], [], [], []
    cold = [1e3 * cpu_seconds(lambda: Checker().check(document)) for _ in range(3)]
    checker.check(document)
    for repeat in range(REPEATS):
        apply(document, SetParameter("main", middle, "bias", bool(repeat % 2)))
        kernel.append(1e3 * cpu_seconds(lambda: checker.check(document)))
    for repeat in range(REPEATS):
        apply(document, SetParameter("main", middle, "out_channels", 8 + 8 * (repeat % 2 == 0)))
        channels.append(1e3 * cpu_seconds(lambda: checker.check(document)))
    for repeat in range(REPEATS):
        apply(document, Connect("main", wire) if repeat % 2 else Disconnect("main", wire))
        cut.append(1e3 * cpu_seconds(lambda: checker.check(document)))
    for repeat in range(REPEATS):
        apply(document, AddNode("main", Node(name=f"new{repeat}", kind="ReLU")))
        added.append(1e3 * cpu_seconds(lambda: checker.check(document)))
    return [
        _row(f"check of {nodes}, the first", cold, 1500.0),
        _row("… after a parameter that changes no shape", kernel, 16.0),
        _row("… after a parameter that changes all shapes behind it", channels),
        _row("… after a wire in the middle is cut or drawn", cut),
        _row("… after a node is added, beside others without wires", added),
    ]


def _row(name: str, milliseconds: list[float], at_most: float | None = None) -> Row:
    median = statistics.median(milliseconds)
    ours = f"{median:.1f} ms"
    if at_most is None:
        return Row(name=name, ours=ours, result=ours)
    return Row(name=name, ours=ours, result=ours, target=f"≤ {at_most:g} ms", met=median <= at_most)


def main() -> None:
    print(format_table(run()))


if __name__ == "__main__":
    main()
