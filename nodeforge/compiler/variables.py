"""Local variables of a generated method: who is called what, and when a name is free again.

A value that is used for the last time leaves its variable to what is made of it, as a person would write
`x = self.relu(x)`. That also keeps no more tensors alive than the drawing needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from nodeforge.catalog.kind import Role
from nodeforge.compiler.naming import safe_name
from nodeforge.compiler.plan import Step
from nodeforge.core.graph import Endpoint

POOL = ("x", "y", "z")
PATIENCE = 4
"""A dead variable is deleted when it would otherwise linger for more lines than this."""


class Variables:
    """Names the values of one method, step by step in execution order."""

    def __init__(
        self,
        steps: Sequence[Step],
        arguments: Mapping[Endpoint, str],
        results: Iterable[Endpoint],
        reserved: frozenset[str],
    ) -> None:
        self._steps = steps
        self._arguments = frozenset(arguments)
        self._names = dict(arguments)
        self._taken = {*reserved, *arguments.values(), *POOL}
        self._holder: dict[str, Endpoint] = {name: value for value, name in arguments.items()}
        self._last_use = {value: index for index, step in enumerate(steps) for value in step.values}
        self._last_use.update(dict.fromkeys(results, len(steps)))
        for index, step in enumerate(steps):
            if step.repeats:  # each repeat reads what the one before it gave, used elsewhere or not
                for port in step.kind.outputs:
                    self._last_use.setdefault((step.name, port.name), index)
        self._events: dict[str, list[tuple[int, int]]] = {}
        """By variable, (line where it is assigned, line of its last use)."""

    def __getitem__(self, value: Endpoint) -> str:
        return self._names[value]

    def used_ports(self, step: Step) -> frozenset[str]:
        """Output ports of a step that something reads."""
        return frozenset(p.name for p in step.kind.outputs if (step.name, p.name) in self._last_use)

    def assign(self, index: int) -> dict[str, str]:
        """Variables for the outputs of step `index` that are used, by port."""
        step = self._steps[index]
        taken: dict[str, str] = {}
        for port in step.kind.outputs:
            value = (step.name, port.name)
            if value in self._last_use:
                name = self._choose(step, port.name, index, taken.values())
                taken[port.name] = name
                self._events.setdefault(name, []).append((index, self._last_use[value]))
        for port_name, name in taken.items():
            self._names[(step.name, port_name)] = name
            self._holder[name] = (step.name, port_name)
        return taken

    def deletions(self) -> dict[int, list[str]]:
        """By step, the variables to delete after it, since they would linger. Ask when all are assigned."""
        found: dict[int, list[str]] = {}
        for name, events in self._events.items():
            following = [*(assigned for assigned, _ in events[1:]), len(self._steps)]
            for (_, last), next_assigned in zip(events, following, strict=True):
                if next_assigned - last > PATIENCE:
                    found.setdefault(last, []).append(name)
        return found

    def _choose(self, step: Step, port: str, index: int, taken: Iterable[str]) -> str:
        taken = set(taken)
        if step.kind.role is not Role.OBJECTIVE:
            lasting = step.lasting
            dying = [
                self._names[value]
                for value in step.values
                if self._may_leave(value, index) and value not in lasting
            ]
            held = {self._names[value] for value in lasting}
            for name in (*(name for name in POOL if name in dying), *dying, *POOL):
                if name not in taken | held and (name in dying or self._is_free(name, index)):
                    return name
        wish = step.name if port == step.kind.outputs[0].name else f"{step.name}_{port}"[:64]
        name = safe_name(wish, self._taken)
        self._taken.add(name)
        return name

    def _may_leave(self, value: Endpoint, index: int) -> bool:
        """Whether a value is used for the last time and its variable may hold another; `image` stays the image."""
        name = self._names[value]
        return self._last_use[value] == index and (value not in self._arguments or name in POOL)

    def _is_free(self, name: str, index: int) -> bool:
        held = self._holder.get(name)
        return held is None or (held not in self._arguments and self._last_use[held] <= index)
