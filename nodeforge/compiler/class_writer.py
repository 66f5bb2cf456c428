"""Writes one class of the generated file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from nodeforge.catalog.kind import CodeCall, Role
from nodeforge.catalog.networks import NetworkKind
from nodeforge.compiler.classes import Design, runs_alone
from nodeforge.compiler.expressions import assignment
from nodeforge.compiler.layout import Layout, kept
from nodeforge.compiler.naming import listed, literal, safe_name
from nodeforge.compiler.plan import Plan, Step
from nodeforge.compiler.variables import Variables
from nodeforge.compiler.writer import Line, Writer
from nodeforge.core.graph import Endpoint
from nodeforge.core.specs import TensorSpec, format_shape

_COMPUTING = (Role.LAYER, Role.OBJECTIVE)


class ClassWriter:
    """Writes the class of one network. Each method adds one part, in the order of the file.

    Args:
        made: The class.
        writer: Where it goes.
        title: What its docstring calls it.
        is_main: Whether it is the class of the file's own network; lines of the others name their network too.
    """

    def __init__(self, made: Design, writer: Writer, title: str, *, is_main: bool = False) -> None:
        self._made = made
        self._plan = made.use.plan
        self._layout = made.layout
        self._title = title
        self._prefix = "" if is_main else f"{made.network}."
        self._results = _results(self._plan)
        self._writer = writer

    def write(self) -> None:
        """The whole class."""
        self._write_class_head()
        self._write_init()
        self._write_forward()
        if not self._prefix and kept(self._plan.objectives, self._layout.emitted):
            self._write_objectives()

    def _line(self, text: str, *nodes: str) -> None:
        self._writer.line(text, *(f"{self._prefix}{name}" for name in nodes))

    # Parts of the class -----------------------------------------------------------------------------

    def _write_class_head(self) -> None:
        write, report = self._writer, self._made.use.report
        count = self._made.uses
        trainable = f"{report.parameters:,} trainable parameters"
        first = f"{trainable}, as it is used first" if count > 1 else trainable
        write.line(f"class {self._layout.class_name}(nn.Module):")
        write.line(f'    """{self._title}: {first}.')
        write.blank()
        if self._layout.inputs:
            taken = (f"{name} ({self._spec(name)})" for name in self._layout.inputs)
            write.line(f"    Takes {listed(taken)}.")
        if self._plan.outputs:
            write.line(f"    Gives {listed(self._result_text(name) for name in self._plan.outputs)}.")
        if count > 1:
            write.line(f"    The shapes are those of the first of {count} different uses.")
        write.line('    """')
        write.blank()

    def _spec(self, name: str) -> TensorSpec:
        (spec,) = self._plan.steps[name].report.outputs.values()
        return spec

    def _result_text(self, name: str) -> str:
        (spec,) = self._plan.steps[name].report.inputs["input"]
        return f"{name} ({spec})"

    def _write_init(self) -> None:
        write = self._writer
        told = "".join(f", {name}: {kind}" for name, kind in self._made.arguments.items())
        write.line(f"    def __init__(self{', *' if told else ''}{told}) -> None:")
        write.line("        super().__init__()")
        for attribute, (owner, text) in self._made.made.items():
            self._line(f"        self.{attribute} = {text}", owner)
        if not self._made.use.report.order and self._made.use.report.nodes:
            write.line("        # The wires run in a circle, so there is no order to compute in.")
        for name, reason in self._plan.missing.items():
            self._line(f"        # {name}: {reason}", name)
        emitted = set(self._layout.emitted)
        left_out = [name for name in self._plan.steps if name not in emitted]
        if passed := self._plan.bypassed:
            self._line(f"        # Bypassed, so what arrives there goes on: {', '.join(passed)}", *passed)
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
            self._line(f"        return {given}", *self._plan.outputs)
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
        self._line(f"        {', '.join(places)} = self({given})", *self._plan.outputs)
        return names

    # Methods ----------------------------------------------------------------------------------------

    def _write_signature(self, method: str, arguments: Sequence[str], returned: str) -> None:
        names = self._layout.arguments_of(arguments).values()
        listing = "".join(f", {name}: Tensor" for name in names)
        self._line(f"    def {method}(self{listing}) -> {returned}:", *arguments)

    def _write_body(
        self, nodes: Iterable[str], arguments: Mapping[Endpoint, str], results: Sequence[Endpoint]
    ) -> Variables:
        """The lines of a method, one for each node that computes something; more for one that repeats."""
        steps = [self._plan.steps[name] for name in nodes]
        lines, variables = body_lines(steps, self._layout, arguments, results)
        prefix = self._prefix
        self._writer.method(
            [Line(line.code, line.note, tuple(f"{prefix}{name}" for name in line.nodes)) for line in lines]
        )
        return variables


def body_of(plan: Plan, layout: Layout) -> object:
    """What forward computes: equal for uses of a network that one class can serve."""
    steps = [plan.steps[name] for name in layout.forward]
    lines, _ = body_lines(steps, layout, layout.arguments_of(layout.inputs), _results(plan))
    modules = [
        (plan.steps[name].kind.module, plan.steps[name].several)
        for name in layout.emitted
        if name in layout.attributes
    ]
    return tuple(line.code for line in lines), tuple(modules)


def body_lines(
    steps: Iterable[Step], layout: Layout, arguments: Mapping[Endpoint, str], results: Sequence[Endpoint]
) -> tuple[list[Line], Variables]:
    """The lines that compute some nodes, and what the values are called after them."""
    computing = [step for step in steps if step.kind.role in _COMPUTING]
    results = [*results, *_open_ends(computing, results)]
    variables = Variables(computing, arguments, results, layout.reserved)
    blocks: list[list[Line]] = []
    for index, step in enumerate(computing):
        call = CodeCall(
            layout.attributes.get(step.name, step.name),
            {**step.report.values, **step.report.derived},
            {port: tuple(variables[value] for value in ends) for port, ends in step.inputs.items()},
            step.report.inputs,
            step.report.outputs,
            variables.used_ports(step),
        )
        assigned = variables.assign(index)
        shapes = ", ".join(format_shape(step.report.outputs[port].shape) for port in assigned)
        codes = _repeated(step, call, assigned) if step.repeats else [assignment(step.kind, call, assigned)]
        shapes += f", {step.name} is muted" if step.report.mode == "muted" else ""
        notes = ["" if step.kind.role is Role.OBJECTIVE else shapes, *[""] * (len(codes) - 1)][::-1]
        blocks.append(
            [Line(f"        {code}", note, (step.name,)) for code, note in zip(codes, notes, strict=True)]
        )
    for index, names in variables.deletions().items():
        blocks[index].append(Line(f"        del {', '.join(names)}", "", blocks[index][0].nodes))
    return [line for block in blocks for line in block], variables


def _repeated(step: Step, call: CodeCall, assigned: Mapping[str, str]) -> list[str]:
    """The lines of a network that runs on its own outputs again."""
    assert isinstance(step.kind, NetworkKind)
    shared = bool(step.report.values["share_repeats"])
    if not shared and runs_alone(step):
        return [assignment(step.kind, call, assigned)]
    carried = {port: assigned[output] for output, port in step.kind.carried}
    starts = [(name, call.inputs[port][0]) for port, name in carried.items() if name != call.inputs[port][0]]
    lines = []
    if starts:
        names, values = zip(*starts, strict=True)
        lines.append(f"{', '.join(names)} = {', '.join(values)}")
    passed = ", ".join(carried.get(port) or values[0] for port, values in call.inputs.items())
    given = ", ".join(assigned[port.name] for port in step.kind.outputs)
    if shared:
        lines.append(f"for _ in range({literal(step.report.values['repeat'])}):")
        lines.append(f"    {given} = self.{call.name}({passed})")
    else:
        lines.append(f"for layer in self.{call.name}:")
        lines.append(f"    {given} = layer({passed})")
    return lines


def _results(plan: Plan) -> list[Endpoint]:
    return [plan.steps[name].values[0] for name in plan.outputs]


def _annotation(count: int) -> str:
    return "Tensor" if count == 1 else f"tuple[{', '.join(['Tensor'] * count)}]"


def _open_ends(steps: Iterable[Step], results: Iterable[Endpoint]) -> list[Endpoint]:
    """The first value of each step that nothing reads, which happens in unfinished drawings only."""
    steps = list(steps)
    read = {source for step in steps for source, _ in step.values} | {source for source, _ in results}
    return [(step.name, step.kind.outputs[0].name) for step in steps if step.name not in read]
