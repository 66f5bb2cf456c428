"""From a checked network to the file that is shown, trained and exported."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping

from nodeforge.analysis.report import Report
from nodeforge.catalog.custom import CustomKind
from nodeforge.compiler.class_writer import ClassWriter, body_of
from nodeforge.compiler.classes import Design, design
from nodeforge.compiler.naming import plain
from nodeforge.compiler.passages import passages_of
from nodeforge.compiler.source import Slot, Source
from nodeforge.compiler.writer import Writer
from nodeforge.core.document import Document


def generate(document: Document, report: Report, network: str = "") -> Source:
    """The Python source of a network (the main one when unnamed), with a class for every network in it.

    Nodes that are not complete stand as comments; then the source is for reading only (`Source.complete`).
    The text depends on the document and the report alone.
    """
    network = network or document.main
    title = document.title if network == document.main else network
    designs = design(document, report.networks[network], network, title, body_of)
    writer = Writer()
    for made in designs:
        if made is not designs[-1]:
            ClassWriter(made, writer, made.network).write()
            writer.blank(2)
    main = designs[-1]
    main_writer = ClassWriter(main, writer, plain(title) or network, is_main=True)
    main_writer.write()
    custom = _custom(designs)
    text, lines = writer.finish(
        _head(designs, writer.body, {name for kind in custom for name in kind.imports})
    )
    by_node: dict[str, tuple[int, ...]] = {}
    for number, nodes in lines.items():
        for node in nodes:
            by_node[node] = (*by_node.get(node, ()), number)
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    layout, plan = main.layout, main.use.plan
    return Source(
        text=text,
        class_name=layout.class_name,
        filename=f"<nodeforge {layout.class_name} {digest}>",
        node_lines=by_node,
        line_nodes={number: nodes[0] for number, nodes in lines.items()},
        attributes=_attributes(designs),
        inputs=tuple(_slot(main, name) for name in layout.inputs),
        targets=tuple(_slot(main, name) for name in layout.targets),
        outputs=plan.outputs,
        objectives=plan.objectives,
        missing=tuple(plan.missing) if plan.blocked else (),
        custom={kind.name: kind.hash for kind in custom},
        passages={made.layout.class_name: passages_of(made) for made in designs},
    )


def _attributes(designs: Iterable[Design]) -> dict[str, str]:
    """By node as `Source` calls it, the attribute of its class."""
    *inner, main = designs
    named = {f"{made.network}.{n}": name for made in inner for n, name in made.layout.attributes.items()}
    return {**named, **main.layout.attributes}


def _slot(made: Design, name: str) -> Slot:
    report = made.use.plan.steps[name].report
    return Slot(node=name, spec=report.outputs["output"], field=str(report.values["field"]))


def _custom(designs: Iterable[Design]) -> list[CustomKind]:
    """The layers of the project's own that the classes are made of."""
    steps = (made.use.plan.steps[name] for made in designs for name in made.layout.emitted)
    found = {step.kind.name: step.kind for step in steps if isinstance(step.kind, CustomKind)}
    return list(found.values())


def _head(designs: Iterable[Design], body: str, named: Collection[str]) -> list[str]:
    """Imports and supporting code, as far as the classes use them, and what else is `named`."""
    support = _used({name: code for made in designs for name, code in made.layout.support.items()}, body)
    text = "\n\n\n".join([*support, body])
    names = [name for name in ("Tensor", "nn") if name in named or re.search(rf"\b{name}\b", text)]
    lines = ["import math", ""] if "math" in named or re.search(r"\bmath\.", text) else []
    lines += ["import torch"] if "torch" in named or re.search(r"\btorch\.", text) else []
    lines.append(f"from torch import {', '.join(names)}")
    lines += ["from torch.nn import functional as F"] if "F" in named else []
    for code in support:
        lines += ["", "", *code.split("\n")]
    return lines


def _used(support: Mapping[str, str], body: str) -> list[str]:
    """The definitions that a text uses, and those that they use in turn."""
    used: set[str] = set()
    waiting = [body]
    while waiting:
        text = waiting.pop()
        for name in support.keys() - used:
            if re.search(rf"(?<![\w.]){name}[(.]", text):
                used.add(name)
                waiting.append(support[name])
    return list(dict.fromkeys(code for name, code in support.items() if name in used))
