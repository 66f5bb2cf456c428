"""From a checked network to the file that is shown, trained and exported."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence

from nodeforge.analysis.report import NetworkReport, Report
from nodeforge.catalog.kind import CodeCall, Role
from nodeforge.compiler.expressions import assignment, constructor
from nodeforge.compiler.layout import kept, lay_out
from nodeforge.compiler.naming import listed, literal, plain, safe_name
from nodeforge.compiler.plan import Step, plan
from nodeforge.compiler.source import Slot, Source
from nodeforge.compiler.variables import Variables
from nodeforge.compiler.writer import Line, Writer
from nodeforge.core.document import Document
from nodeforge.core.graph import Endpoint
from nodeforge.core.specs import format_shape

_COMPUTING = (Role.LAYER, Role.OBJECTIVE)


def generate(document: Document, report: Report, network: str = "") -> Source:
    """The Python source of a network (the main one when unnamed).

    Nodes that are not complete stand as comments; then the source is for reading only (`Source.complete`).
    The text depends on the document and the report alone.
    """
    network = network or document.main
    title = document.title if network == document.main else network
    return _Generator(document, report.networks[network], network, title).source()


class _Generator:
    """Writes one network. Each method adds one part of the file, in the order of the file."""

    def __init__(self, document: Document, report: NetworkReport, network: str, title: str) -> None:
        self._plan = plan(document.networks[network], report)
        self._layout = lay_out(self._plan, title)
        self._title = plain(title) or network
        self._parameters = report.parameters
        self._cyclic = not report.order and bool(report.nodes)
        self._results = [self._plan.steps[name].values[0] for name in self._plan.outputs]
        self._writer = Writer()

    def source(self) -> Source:
        """The finished file."""
        self._write_class_head()
        self._write_init()
        self._write_forward()
        if kept(self._plan.objectives, self._layout.emitted):
            self._write_objectives()
        text, lines = self._writer.finish(self._head(self._writer.body))
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        by_node: dict[str, tuple[int, ...]] = {}
        for number, nodes in lines.items():
            for node in nodes:
                by_node[node] = (*by_node.get(node, ()), number)
        return Source(
            text=text,
            class_name=self._layout.class_name,
            filename=f"<nodeforge {self._layout.class_name} {digest}>",
            node_lines=by_node,
            line_nodes={number: nodes[0] for number, nodes in lines.items()},
            attributes=self._layout.attributes,
            inputs=tuple(self._slot(name) for name in self._layout.inputs),
            targets=tuple(self._slot(name) for name in self._layout.targets),
            outputs=self._plan.outputs,
            objectives=self._plan.objectives,
            missing=tuple(self._plan.missing) if self._plan.blocked else (),
        )

    def _slot(self, name: str) -> Slot:
        report = self._plan.steps[name].report
        return Slot(node=name, spec=report.outputs["output"], field=str(report.values["field"]))

    def _steps(self, names: Iterable[str]) -> list[Step]:
        return [self._plan.steps[name] for name in names]

    # Parts of the file ------------------------------------------------------------------------------

    def _head(self, body: str) -> list[str]:
        """Imports and supporting code, as far as the class uses them."""
        support = _used(self._layout.support, body)
        text = "\n\n\n".join([*support, body])
        names = [name for name in ("Tensor", "nn") if re.search(rf"\b{name}\b", text)]
        lines = ["import torch"] if re.search(r"\btorch\.", text) else []
        lines.append(f"from torch import {', '.join(names)}")
        for code in support:
            lines += ["", "", *code.split("\n")]
        return lines

    def _write_class_head(self) -> None:
        write = self._writer
        write.line(f"class {self._layout.class_name}(nn.Module):")
        write.line(f'    """{self._title}: {self._parameters:,} trainable parameters.')
        write.blank()
        if self._layout.inputs:
            write.line(
                f"    Takes {listed(f'{s.node} ({s.spec})' for s in map(self._slot, self._layout.inputs))}."
            )
        if self._plan.outputs:
            write.line(f"    Gives {listed(self._result_text(name) for name in self._plan.outputs)}.")
        write.line('    """')
        write.blank()

    def _result_text(self, name: str) -> str:
        (spec,) = self._plan.steps[name].report.inputs["input"]
        return f"{name} ({spec})"

    def _write_init(self) -> None:
        write = self._writer
        write.line("    def __init__(self) -> None:")
        write.line("        super().__init__()")
        emitted = set(self._layout.emitted)
        for step in self._steps(self._layout.emitted):
            if step.kind.module:
                write.line(
                    f"        self.{self._layout.attributes[step.name]} = {_constructed(step)}", step.name
                )
        if self._cyclic:
            write.line("        # The wires run in a circle, so there is no order to compute in.")
        for name, reason in self._plan.missing.items():
            write.line(f"        # {name}: {reason}", name)
        left_out = [name for name in self._plan.steps if name not in emitted]
        if left_out:
            write.line(f"        # Not on the way to an output or loss, so left out: {', '.join(left_out)}")
        write.blank()

    def _write_forward(self) -> None:
        results = self._results
        returned = _annotation(len(results)) if results else "None"
        self._write_signature("forward", self._layout.inputs, returned)
        names = self._write_body(
            self._layout.forward, self._layout.arguments_of(self._layout.inputs), results
        )
        if results:
            given = ", ".join(names[value] for value in results)
            self._writer.line(f"        return {given}", *self._plan.outputs)
        else:
            self._writer.line("        return None  # no Output node gives anything yet")

    def _write_objectives(self) -> None:
        objectives = kept(self._plan.objectives, self._layout.emitted)
        values = [(name, self._plan.steps[name].kind.outputs[0].name) for name in objectives]
        results = self._results
        arguments = self._layout.arguments_of((*self._layout.inputs, *self._layout.targets))
        self._writer.blank()
        output = _annotation(len(results)) if results else "None"
        self._write_signature(
            "objectives", (*self._layout.inputs, *self._layout.targets), f"tuple[dict[str, Tensor], {output}]"
        )
        extra = self._plan.needed(objectives, frozenset(results))
        if results and not set(extra) & (set(self._layout.forward) - set(self._layout.inputs)):
            arguments |= self._write_call(results, arguments)
            nodes = extra
        else:
            nodes = list(kept(self._layout.emitted, (*self._plan.needed(objectives), *self._layout.forward)))
        names = self._write_body(nodes, arguments, [*values, *results])
        losses = ", ".join(f"{literal(value[0])}: {names[value]}" for value in values)
        given = ", ".join(names[value] for value in results) or "None"
        given = f"({given})" if len(results) > 1 else given
        self._writer.line(f"        return {{{losses}}}, {given}")

    def _write_call(
        self, results: Sequence[Endpoint], arguments: Mapping[Endpoint, str]
    ) -> dict[Endpoint, str]:
        """One line that calls `forward`; gives the names of its results."""
        taken = {*self._layout.reserved, *arguments.values()}
        names: dict[Endpoint, str] = {}
        places = []
        for output, value in zip(self._plan.outputs, results, strict=True):
            place = safe_name(output, taken)
            taken.add(place)
            places.append(place)
            names.setdefault(value, place)
        given = ", ".join(self._layout.arguments_of(self._layout.inputs).values())
        self._writer.line(f"        {', '.join(places)} = self({given})", *self._plan.outputs)
        return names

    # Methods ----------------------------------------------------------------------------------------

    def _write_signature(self, method: str, arguments: Sequence[str], returned: str) -> None:
        names = self._layout.arguments_of(arguments).values()
        listing = "".join(f", {name}: Tensor" for name in names)
        self._writer.line(f"    def {method}(self{listing}) -> {returned}:", *arguments)

    def _write_body(
        self, nodes: Iterable[str], arguments: Mapping[Endpoint, str], results: Sequence[Endpoint]
    ) -> Variables:
        """The lines of a method, one for each node that computes something."""
        computing = [step for step in self._steps(nodes) if step.kind.role in _COMPUTING]
        results = [*results, *_open_ends(computing, results)]
        variables = Variables(computing, arguments, results, self._layout.reserved)
        lines = []
        for index, step in enumerate(computing):
            call = self._code_call(step, variables)
            assigned = variables.assign(index)
            shapes = ", ".join(format_shape(step.report.outputs[port].shape) for port in assigned)
            note = shapes if step.kind.role is not Role.OBJECTIVE else ""
            lines.append(Line(f"        {assignment(step.kind, call, assigned)}", note, (step.name,)))
        for index, names in sorted(variables.deletions().items(), reverse=True):
            lines.insert(index + 1, Line(f"        del {', '.join(names)}", "", lines[index].nodes))
        self._writer.method(lines)
        return variables

    def _code_call(self, step: Step, variables: Variables) -> CodeCall:
        return CodeCall(
            self._layout.attributes.get(step.name, step.name),
            {**step.report.values, **step.report.derived},
            {port: tuple(variables[value] for value in ends) for port, ends in step.inputs.items()},
            step.report.inputs,
            step.report.outputs,
            variables.used_ports(step),
        )


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
    return [code for name, code in support.items() if name in used]


def _annotation(count: int) -> str:
    return "Tensor" if count == 1 else f"tuple[{', '.join(['Tensor'] * count)}]"


def _constructed(step: Step) -> str:
    return constructor(step.kind, step.report.values, step.report.derived)


def _open_ends(steps: Iterable[Step], results: Iterable[Endpoint]) -> list[Endpoint]:
    """The first value of each step that nothing reads, which happens in unfinished drawings only."""
    steps = list(steps)
    read = {source for step in steps for source, _ in step.values} | {source for source, _ in results}
    return [(step.name, step.kind.outputs[0].name) for step in steps if step.name not in read]
