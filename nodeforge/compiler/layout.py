"""Which nodes go into the generated class, and what everything in it is called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from nodeforge.compiler.naming import FILE_NAMES, MODULE_NAMES, class_name, safe_name
from nodeforge.compiler.plan import Plan, Step
from nodeforge.core.graph import Endpoint

_SUPPORT_NAME = re.compile(r"^(?:class|def) (\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The class to write.

    Attributes:
        class_name: Its name.
        emitted: Every node that goes into it, in execution order.
        forward: Those of them that `forward` computes.
        inputs, targets: Arguments of the methods, by node.
        attributes: By node with a module, the attribute that holds it.
        arguments: By value of an Input or Target node, the argument that holds it.
        support: By name, supporting code that the class may use.
        reserved: Names that no local variable may take.
    """

    class_name: str
    emitted: tuple[str, ...]
    forward: tuple[str, ...]
    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    attributes: Mapping[str, str]
    arguments: Mapping[Endpoint, str]
    support: Mapping[str, str]
    reserved: frozenset[str]

    def arguments_of(self, nodes: Iterable[str]) -> dict[Endpoint, str]:
        """The arguments that hold these nodes' values."""
        wanted = set(nodes)
        return {value: name for value, name in self.arguments.items() if value[0] in wanted}


def lay_out(plan: Plan, title: str, taken: frozenset[str] = frozenset()) -> Layout:
    """Chooses nodes and names: what outputs and losses need, or, while those are unfinished, all that is drawn.

    Args:
        plan: The network's steps.
        title: What the class is called after.
        taken: Names of other classes and functions in the file.
    """
    emitted = plan.needed((*plan.outputs, *plan.objectives))
    forward = plan.needed(plan.outputs)
    if not emitted or plan.blocked:
        emitted = list(plan.steps)
        forward = _without_losses(plan)
    steps = [plan.steps[name] for name in emitted]
    inputs, targets = kept(plan.inputs, emitted), kept(plan.targets, emitted)
    support = {name: code for step in steps for name, code in definitions(step.kind.support)}
    taken = taken | FILE_NAMES | support.keys()
    chosen = class_name(title, taken)
    reserved = taken | {chosen}
    return Layout(
        class_name=chosen,
        emitted=tuple(emitted),
        forward=tuple(forward),
        inputs=inputs,
        targets=targets,
        attributes=_attributes(steps),
        arguments=_arguments([plan.steps[name] for name in (*inputs, *targets)], reserved),
        support=support,
        reserved=reserved,
    )


def definitions(support: str) -> Iterator[tuple[str, str]]:
    """The classes and functions of supporting code, each by its name: several kinds may share one."""
    for code in filter(None, support.strip().split("\n\n\n")):
        for name in _SUPPORT_NAME.findall(code):
            yield name, code


def kept(names: Iterable[str], among: Iterable[str]) -> tuple[str, ...]:
    """The names that stand among others too, in their own order."""
    wanted = set(among)
    return tuple(name for name in names if name in wanted)


def _without_losses(plan: Plan) -> list[str]:
    apart = {*plan.targets, *plan.objectives}
    found: dict[str, None] = {}
    for step in plan.steps.values():
        if step.name not in apart and all(source in found for source, _ in step.values):
            found[step.name] = None
    return list(found)


def _attributes(steps: Iterable[Step]) -> dict[str, str]:
    owners = {step.name: step.owner for step in steps if step.has_module}
    taken = {*MODULE_NAMES, *owners.values()}
    names: dict[str, str] = {}
    for owner in dict.fromkeys(owners.values()):
        names[owner] = safe_name(owner, taken) if owner in MODULE_NAMES else owner
        taken.add(names[owner])
    return {name: names[owner] for name, owner in owners.items()}


def _arguments(steps: Iterable[Step], reserved: frozenset[str]) -> dict[Endpoint, str]:
    taken = set(reserved)
    names = {}
    for step in steps:
        value = (step.name, step.kind.outputs[0].name)
        names[value] = safe_name(step.name, taken)
        taken.add(names[value])
    return names
