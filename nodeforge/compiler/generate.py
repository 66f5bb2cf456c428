"""From a checked network to the file that is shown, trained and exported."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence

from nodeforge.analysis.report import NetworkReport, Report
from nodeforge.catalog.kind import CodeCall, Role
from nodeforge.compiler.expressions import assignment, constructor
from nodeforge.compiler.naming import FILE_NAMES, MODULE_NAMES, class_name, listed, literal, plain, safe_name
from nodeforge.compiler.plan import Step, plan
from nodeforge.compiler.source import Slot, Source
from nodeforge.compiler.variables import Variables
from nodeforge.compiler.writer import Line, Writer
from nodeforge.core.document import Document
from nodeforge.core.graph import Endpoint
from nodeforge.core.specs import format_shape

_SUPPORT_NAME = re.compile(r"^(?:class|def) (\w+)", re.MULTILINE)


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
        self._title = plain(title) or network
        self._parameters = report.parameters
        self._cyclic = not report.order and bool(report.nodes)
        self._forward = self._plan.needed(self._plan.outputs)
        everything = self._plan.needed((*self._plan.outputs, *self._plan.objectives))
        if not everything or self._plan.blocked:
            everything = list(self._plan.steps)  # for reading: all that is drawn so far
            self._forward = self._without_losses(everything)
        self._emitted = everything
        self._inputs = _kept(self._plan.inputs, everything)
        self._targets = _kept(self._plan.targets, everything)
        self._support = {
            _SUPPORT_NAME.findall(code)[0]: code
            for code in (step.kind.support for step in self._steps(everything))
            if code
        }
        self._class = class_name(title, FILE_NAMES | self._support.keys())
        self._reserved = FILE_NAMES | self._support.keys() | {self._class}
        self._attributes = self._name_attributes()
        self._arguments = self._name_arguments()
        self._writer = Writer()

    def source(self) -> Source:
        """The finished file."""
        self._write_class_head()
        self._write_init()
        self._write_forward()
        if _kept(self._plan.objectives, self._emitted):
            self._write_objectives()
        text, lines = self._writer.finish(self._head(self._writer.body))
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        by_node: dict[str, tuple[int, ...]] = {}
        for number, nodes in lines.items():
            for node in nodes:
                by_node[node] = (*by_node.get(node, ()), number)
        return Source(
            text=text,
            class_name=self._class,
            filename=f"<nodeforge {self._class} {digest}>",
            node_lines=by_node,
            line_nodes={number: nodes[0] for number, nodes in lines.items()},
            attributes=self._attributes,
            inputs=tuple(self._slot(name) for name in self._inputs),
            targets=tuple(self._slot(name) for name in self._targets),
            outputs=self._plan.outputs,
            objectives=self._plan.objectives,
            missing=tuple(self._plan.missing) if self._plan.blocked else (),
        )

    # Names ------------------------------------------------------------------------------------------

    def _name_attributes(self) -> dict[str, str]:
        modules = [step.name for step in self._steps(self._emitted) if step.kind.module]
        taken = {*MODULE_NAMES, *modules}
        names = {}
        for name in modules:
            names[name] = safe_name(name, taken) if name in MODULE_NAMES else name
            taken.add(names[name])
        return names

    def _name_arguments(self) -> dict[Endpoint, str]:
        taken = set(self._reserved)
        names = {}
        for name in (*self._inputs, *self._targets):
            port = self._plan.steps[name].kind.outputs[0].name
            names[(name, port)] = safe_name(name, taken)
            taken.add(names[(name, port)])
        return names

    def _slot(self, name: str) -> Slot:
        report = self._plan.steps[name].report
        return Slot(node=name, spec=report.outputs["output"], field=str(report.values["field"]))

    def _steps(self, names: Iterable[str]) -> list[Step]:
        return [self._plan.steps[name] for name in names]

    def _without_losses(self, names: Iterable[str]) -> list[str]:
        apart = {*self._plan.targets, *self._plan.objectives}
        kept: list[str] = []
        for step in self._steps(names):
            if step.name not in apart and all(source in kept for source, _ in step.values):
                kept.append(step.name)
        return kept

    # Parts of the file ------------------------------------------------------------------------------

    def _head(self, body: str) -> list[str]:
        """Imports and supporting code, as far as the class uses them."""
        support = [
            code.strip() for name, code in self._support.items() if f" {name}(" in body or f"={name}(" in body
        ]
        text = "\n\n\n".join([*support, body])
        names = [name for name in ("Tensor", "nn") if re.search(rf"\b{name}\b", text)]
        lines = ["import torch"] if re.search(r"\btorch\.", text) else []
        lines.append(f"from torch import {', '.join(names)}")
        for code in support:
            lines += ["", "", *code.split("\n")]
        return lines

    def _write_class_head(self) -> None:
        write = self._writer
        write.line(f"class {self._class}(nn.Module):")
        write.line(f'    """{self._title}: {self._parameters:,} trainable parameters.')
        write.blank()
        if self._inputs:
            write.line(f"    Takes {listed(f'{s.node} ({s.spec})' for s in map(self._slot, self._inputs))}.")
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
        emitted = set(self._emitted)
        for step in self._steps(self._emitted):
            if step.kind.module:
                write.line(f"        self.{self._attributes[step.name]} = {_constructed(step)}", step.name)
        if self._cyclic:
            write.line("        # The wires run in a circle, so there is no order to compute in.")
        for name, reason in self._plan.missing.items():
            write.line(f"        # {name}: {reason}", name)
        left_out = [name for name in self._plan.steps if name not in emitted]
        if left_out:
            write.line(f"        # Not on the way to an output or loss, so left out: {', '.join(left_out)}")
        write.blank()

    def _write_forward(self) -> None:
        results = self._output_values()
        returned = _annotation(len(results)) if results else "None"
        self._write_signature("forward", self._inputs, returned)
        open_ends = results or self._open_ends()
        names = self._write_body(self._forward, self._argument_names(self._inputs), open_ends)
        if results:
            given = ", ".join(names[value] for value in results)
            self._writer.line(f"        return {given}", *self._plan.outputs)
        else:
            self._writer.line("        return None  # no Output node gives anything yet")

    def _write_objectives(self) -> None:
        objectives = _kept(self._plan.objectives, self._emitted)
        values = [(name, self._plan.steps[name].kind.outputs[0].name) for name in objectives]
        results = self._output_values()
        arguments = self._argument_names((*self._inputs, *self._targets))
        self._writer.blank()
        output = _annotation(len(results)) if results else "None"
        self._write_signature(
            "objectives", (*self._inputs, *self._targets), f"tuple[dict[str, Tensor], {output}]"
        )
        extra = self._plan.needed(objectives, frozenset(results))
        if results and not set(extra) & (set(self._forward) - set(self._inputs)):
            arguments |= self._write_call(results, arguments)
            nodes = extra
        else:
            nodes = [
                name for name in self._emitted if name in {*self._plan.needed(objectives), *self._forward}
            ]
        names = self._write_body(nodes, arguments, [*values, *results])
        losses = ", ".join(f"{literal(value[0])}: {names[value]}" for value in values)
        given = ", ".join(names[value] for value in results) or "None"
        given = f"({given})" if len(results) > 1 else given
        self._writer.line(f"        return {{{losses}}}, {given}")

    def _write_call(
        self, results: Sequence[Endpoint], arguments: Mapping[Endpoint, str]
    ) -> dict[Endpoint, str]:
        """One line that calls `forward`; gives the names of its results."""
        taken = {*self._reserved, *arguments.values()}
        names: dict[Endpoint, str] = {}
        places = []
        for output, value in zip(self._plan.outputs, results, strict=True):
            place = safe_name(output, taken)
            taken.add(place)
            places.append(place)
            names.setdefault(value, place)
        given = ", ".join(self._argument_names(self._inputs).values())
        self._writer.line(f"        {', '.join(places)} = self({given})", *self._plan.outputs)
        return names

    # Methods ----------------------------------------------------------------------------------------

    def _write_signature(self, method: str, arguments: Sequence[str], returned: str) -> None:
        names = self._argument_names(arguments).values()
        listing = "".join(f", {name}: Tensor" for name in names)
        self._writer.line(f"    def {method}(self{listing}) -> {returned}:", *arguments)

    def _argument_names(self, nodes: Iterable[str]) -> dict[Endpoint, str]:
        wanted = set(nodes)
        return {value: name for value, name in self._arguments.items() if value[0] in wanted}

    def _output_values(self) -> list[Endpoint]:
        return [self._plan.steps[name].values[0] for name in self._plan.outputs]

    def _open_ends(self) -> list[Endpoint]:
        read = {value for step in self._steps(self._forward) for value in step.values}
        return [
            (step.name, port.name)
            for step in self._steps(self._forward)
            for port in step.kind.outputs[:1]
            if (step.name, port.name) not in read
        ]

    def _write_body(
        self, nodes: Iterable[str], arguments: Mapping[Endpoint, str], results: Sequence[Endpoint]
    ) -> Variables:
        """The lines of a method, one for each node that computes something."""
        computing = [
            s for s in self._steps(nodes) if s.kind.outputs and s.kind.role not in ("input", "target")
        ]
        variables = Variables(computing, arguments, results, self._reserved)
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
            self._attributes.get(step.name, step.name),
            {**step.report.values, **step.report.derived},
            {port: tuple(variables[value] for value in ends) for port, ends in step.inputs.items()},
            step.report.inputs,
            step.report.outputs,
            variables.used_ports(step),
        )


def _kept(names: Iterable[str], among: Iterable[str]) -> tuple[str, ...]:
    wanted = set(among)
    return tuple(name for name in names if name in wanted)


def _annotation(count: int) -> str:
    return "Tensor" if count == 1 else f"tuple[{', '.join(['Tensor'] * count)}]"


def _constructed(step: Step) -> str:
    return constructor(step.kind, step.report.values, step.report.derived)
