"""Which classes a file needs: one for each network, told what differs between its uses.

Uses of a network differ in the shapes that arrive and in the numbers that they set. What of that reaches a
constructor inside becomes an argument of the class; what changes the computation itself makes a class of its own.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from nodeforge.analysis.report import NetworkReport
from nodeforge.catalog.networks import NetworkKind, inner_first
from nodeforge.compiler.expressions import Argument, arguments, call_text
from nodeforge.compiler.layout import Layout, definitions, lay_out
from nodeforge.compiler.naming import FILE_NAMES, class_name, literal, safe_name
from nodeforge.compiler.plan import Plan, Step, plan
from nodeforge.core.document import Document
from nodeforge.core.expressions import Scope, is_expression, names_in, replaced
from nodeforge.core.parameters import Number, Numbers, Optional, ParameterType, Scalar, Value

_INEXACT = ("/", "**", "sqrt", "log2")
"""What may make a real number of whole ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A network as it is at one use, or at several that do not differ.

    Attributes:
        report: What its nodes are there.
        plan: Its steps there.
        exposed: The numbers that it exposes, as they are there.
    """

    report: NetworkReport
    plan: Plan
    exposed: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """A class to write.

    Attributes:
        network: The network it is made from.
        use: The use whose shapes are shown.
        layout: Its nodes and names.
        arguments: Of its constructor, by name, with their types.
        made: By attribute, the node that owns it and how its module is made.
        given: By use (the id of its report), what its constructor is given.
        uses: How many different uses it serves.
    """

    network: str
    use: Use
    layout: Layout
    arguments: Mapping[str, str]
    made: Mapping[str, tuple[str, str]]
    given: Mapping[int, tuple[Argument, ...]]
    uses: int


BodyKey = Callable[[Plan, Layout], object]
"""What the computation of a class depends on: uses with equal keys can share one class."""


def design(
    document: Document, report: NetworkReport, network: str, title: str, body_of: BodyKey
) -> list[Design]:
    """The classes of a file, each after those it uses; the network's own is the last."""
    main = Use(report=report, plan=plan(document.networks[network], report))
    uses: dict[str, dict[int, Use]] = {}
    _collect(document, main, uses)
    plans = [main.plan, *(use.plan for found in uses.values() for use in found.values())]
    support = frozenset(
        name for p in plans for s in p.steps.values() for name, _ in definitions(s.kind.support)
    )
    main_class = class_name(title, FILE_NAMES | support)
    taken = support | {main_class}
    designs: list[Design] = []
    makers: dict[int, Design] = {}
    for name in inner_first(document)[0] if uses else ():
        groups: dict[object, list[tuple[Use, Layout]]] = {}
        for use in uses.get(name, {}).values():
            laid = lay_out(use.plan, name, taken)
            inner = tuple(makers[id(step.inside)].layout.class_name for step in _with_inside(use.plan, laid))
            groups.setdefault((body_of(use.plan, laid), inner), []).append((use, laid))
        for members in groups.values():
            layout_here = lay_out(members[0][0].plan, name, taken)
            made = _Merger(document.scope, makers, [use for use, _ in members]).design(name, layout_here)
            designs.append(made)
            makers |= {id(use.report): made for use, _ in members}
            taken = taken | {layout_here.class_name}
    layout = lay_out(main.plan, title, taken - {main_class})
    return [*designs, _Merger(document.scope, makers, [main]).design(network, layout)]


def _collect(document: Document, use: Use, uses: dict[str, dict[int, Use]]) -> None:
    """Every different use of a network in this one, at any depth."""
    for step in use.plan.steps.values():
        inside = step.inside
        if inside is None or id(inside) in uses.setdefault(step.kind.name, {}):
            continue
        graph = document.networks[step.kind.name]
        exposed = {name: step.report.values[name] for name in graph.parameters}
        inner = Use(report=inside, plan=plan(graph, inside), exposed=exposed)
        uses[step.kind.name][id(inside)] = inner
        _collect(document, inner, uses)


def _with_inside(plan: Plan, layout: Layout) -> Iterator[Step]:
    return (plan.steps[name] for name in layout.emitted if plan.steps[name].inside is not None)


class _Merger:
    """Finds how one class is told what differs between several uses."""

    def __init__(self, scope: Scope, makers: Mapping[int, Design], uses: Sequence[Use]) -> None:
        self._scope = scope
        self._makers = makers
        self._uses = uses
        self._exposed: Mapping[str, list[Value]] = {
            name: [use.exposed[name] for use in uses] for name in uses[0].exposed
        }
        self._texts: dict[str, tuple[str, ...]] = {}
        """By argument of the class, what it is given at each use."""
        self._reserved: frozenset[str] = frozenset()

    def design(self, network: str, layout: Layout) -> Design:
        """The class for the uses."""
        self._reserved = layout.reserved
        made: dict[str, tuple[str, str]] = {}
        for name in layout.emitted:
            if self._uses[0].plan.steps[name].has_module and layout.attributes[name] not in made:
                steps = [use.plan.steps[name] for use in self._uses]
                made[layout.attributes[name]] = (steps[0].owner, self._module(steps))
        given = {
            id(use.report): tuple(Argument(name, texts[place]) for name, texts in self._texts.items())
            for place, use in enumerate(self._uses)
        }
        return Design(
            network=network,
            use=self._uses[0],
            layout=layout,
            arguments={name: _annotation(texts) for name, texts in self._texts.items()},
            made=made,
            given=given,
            uses=len(self._uses),
        )

    def _module(self, steps: Sequence[Step]) -> str:
        """What makes the module of a node; the steps are that node at each use."""
        step = steps[0]
        if not isinstance(step.kind, NetworkKind):
            passed = [arguments(s.kind, s.report.values, s.report.derived) for s in steps]
            return call_text(step.kind.module, self._merged(steps, passed))
        inner = self._makers[id(step.inside)]
        text = call_text(
            inner.layout.class_name, self._merged(steps, [inner.given[id(s.inside)] for s in steps])
        )
        if not step.several or step.report.values["share_repeats"]:
            return text
        counts = [literal(s.report.values["repeat"]) for s in steps]
        count = self._spelled(step, "repeat", counts)
        several = (
            "nn.Sequential(*({} for _ in range({})))"
            if runs_alone(step)
            else "nn.ModuleList({} for _ in range({}))"
        )
        return several.format(text, count)

    def _merged(self, steps: Sequence[Step], passed: Sequence[Sequence[Argument]]) -> list[Argument]:
        """The arguments for all uses: a literal where all agree, else an argument of the class."""
        merged = []
        for same in zip(*passed, strict=True):
            needed = any(argument.needed for argument in same)
            text = self._spelled(steps[0], same[0].name, [a.text for a in same]) if needed else ""
            merged.append(Argument(same[0].name, text, same[0].keyword, needed))
        return merged

    def _spelled(self, step: Step, name: str, texts: Sequence[str]) -> str:
        written = step.written.get(name)
        parameter = step.kind.parameter(name)
        if parameter is not None and name not in step.kind.spelled and self._follows(written):
            return self._expression(written, parameter.type)
        if len(set(texts)) == 1:
            return texts[0]
        known = next((key for key, values in self._texts.items() if values == tuple(texts)), None)
        if known is None:
            known = self._free(name) if name not in self._texts else self._free(f"{step.name}_{name}"[:64])
            self._texts[known] = tuple(texts)
        return known

    def _follows(self, written: Value) -> bool:
        """Whether a value is an expression over something that the network exposes."""
        if isinstance(written, tuple):
            return any(map(self._follows, written))
        return is_expression(written) and bool(names_in(str(written)) & self._exposed.keys())

    def _expression(self, written: Value, type: ParameterType) -> str:
        if isinstance(written, tuple):
            items = [self._expression(item, type) for item in written]
            return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
        if not is_expression(written):
            return literal(written)
        names = {name: f"math.{name}" for name in ("sqrt", "log2", "floor", "ceil")}
        for name in names_in(str(written)):
            names[name] = self._argument(name) if name in self._exposed else repr(self._scope.get(name))
        text = replaced(str(written), names)
        return f"int({text})" if _is_whole(type) and any(part in text for part in _INEXACT) else text

    def _argument(self, exposed: str) -> str:
        """The argument of the class that holds something the network exposes."""
        texts = tuple(literal(value) for value in self._exposed[exposed])
        wish = exposed if exposed not in self._reserved else f"{exposed}_"
        if self._texts.get(wish, texts) != texts:
            wish = self._free(wish)
        self._texts[wish] = texts
        return wish

    def _free(self, wish: str) -> str:
        return safe_name(wish, {*self._reserved, *self._texts, *self._exposed})


def runs_alone(step: Step) -> bool:
    """Whether a network that repeats takes one value and gives one, so that a Sequential can hold the repeats."""
    return len(step.kind.inputs) == len(step.kind.outputs) == 1


def _is_whole(type: ParameterType) -> bool:
    return not isinstance(type.of if isinstance(type, Optional) else type, (Number, Numbers, Scalar))


def _annotation(texts: Sequence[str]) -> str:
    found = set()
    for text in texts:
        try:
            value = ast.literal_eval(text)
        except ValueError:
            found.add("Tensor")
        else:
            found.add("None" if value is None else type(value).__name__)
    return " | ".join(sorted(found, key=lambda name: (name == "None", name)))
