"""The drawing as a whole: borders, loops, loose ends, parts that do not hang together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from nodeforge.analysis.additions import chain_left_to_right, new_input, new_output
from nodeforge.analysis.cycles import shortest_cycles
from nodeforge.analysis.fixes import removal
from nodeforge.analysis.view import NetworkView
from nodeforge.analysis.wiring import connected_groups
from nodeforge.analysis.words import listed
from nodeforge.catalog.kind import Role
from nodeforge.core.diagnostics import Diagnostic, Fix, Severity
from nodeforge.core.edits import Batch, Connect, Disconnect, RemoveNode
from nodeforge.core.graph import Wire


def empty_network(view: NetworkView) -> Iterator[Diagnostic]:
    """Nothing drawn yet."""
    if view.graph.nodes:
        return
    yield view.finding(
        "empty-network",
        Severity.ERROR,
        f"Network {view.name} is empty: add an Input, the layers that work on it, and an Output, "
        "then wire them from left to right.",
        reason="Data enters at an Input, flows along the wires and leaves at an Output.",
        fixes=[new_input(view)],
    )


def nothing_wired(view: NetworkView) -> Iterator[Diagnostic]:
    """Nodes, but no wire."""
    nodes = list(view.graph.nodes)
    if len(nodes) < 2 or next(view.graph.wires(), None):
        return
    yield view.finding(
        "nothing-wired",
        Severity.ERROR,
        f"The {len(nodes)} nodes of {view.name} are not wired: drag from the output of a node to the "
        "input of the next.",
        reason="Values flow along wires only; how near nodes lie to each other means nothing.",
        nodes=nodes,
        fixes=chain_left_to_right(view),
    )


def missing_borders(view: NetworkView) -> Iterator[Diagnostic]:
    """No Input, or no Output."""
    if not view.graph.nodes:
        return
    if not view.with_role(Role.INPUT):
        yield view.finding(
            "no-input",
            Severity.ERROR,
            f"{view.name} has no Input: nothing tells it where the data enters.",
            fixes=[new_input(view)],
        )
    if not view.with_role(Role.OUTPUT):
        yield view.finding(
            "no-output",
            Severity.ERROR,
            f"{view.name} has no Output: nothing tells which value is the prediction.",
            reason="The prediction at the Output is what is measured and exported.",
            fixes=[new_output(view, name) for name in _last_layers(view)[:2]],
        )


def cycles(view: NetworkView) -> Iterator[Diagnostic]:
    """Nodes that wait for each other, shown as the loop they are."""
    if len(view.order) == len(view.graph):
        return
    for names in shortest_cycles(view.graph.digraph()):
        steps = list(zip(names, [*names[1:], names[0]], strict=True))
        wires = [_wires_between(view, source, target) for source, target in steps]
        yield view.finding(
            "cycle",
            Severity.ERROR,
            _loop_text(names),
            reason="A network is computed in one pass from its Input to its Output; "
            "recurrent layers (RNN, LSTM, GRU) keep their loop inside.",
            nodes=names,
            wires=[wire for group in wires for wire in group],
            fixes=[
                _cut(view, group) for group in sorted(wires, key=lambda group: -_backwards(view, group[0]))
            ],
        )


def _loop_text(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"{names[0]} is wired to itself, so it waits for its own output: remove that wire."
    shown = names if len(names) <= 6 else [*names[:3], "…", *names[-2:]]
    return (
        f"The wires run in a loop, {' → '.join([*shown, names[0]])}: each waits for the one before it, "
        "so none can start. Remove one wire of the loop."
    )


def _wires_between(view: NetworkView, source: str, target: str) -> list[Wire]:
    return [wire for wire in view.graph.wires_from(source) if wire.target == target]


def _backwards(view: NetworkView, wire: Wire) -> float:
    """How far a wire runs to the left: the one that closes a loop does."""
    return view.graph.nodes[wire.source].position[0] - view.graph.nodes[wire.target].position[0]


def _cut(view: NetworkView, wires: Sequence[Wire]) -> Fix:
    label = f"Remove the wire from {wires[0].source} to {wires[0].target}"
    return Fix(label=label, edit=Batch(tuple(Disconnect(view.name, wire) for wire in wires), label))


def several_parts(view: NetworkView) -> Iterator[Diagnostic]:
    """Groups of wired nodes with no wire between them. Single loose nodes are told of on their own."""
    parts = [part for part in connected_groups(view.graph, view.graph.nodes) if len(part) > 1]
    if len(parts) < 2:
        return
    outputs = {node.name for node in view.with_role(Role.OUTPUT)}
    inputs = {node.name for node in view.with_role(Role.INPUT)}
    parts.sort(key=lambda part: (part.isdisjoint(outputs), part.isdisjoint(inputs), -len(part), min(part)))
    for part in parts[1:]:
        names = _in_drawing_order(view, part)
        yield view.finding(
            "several-parts",
            Severity.WARNING,
            f"{listed(names)} {'hang' if len(names) > 1 else 'hangs'} together, "
            f"but no wire joins them to the other {len(view.graph) - len(names)} nodes.",
            reason="Parts that share no wire do not influence each other.",
            nodes=names,
        )


def unreachable(view: NetworkView) -> Iterator[Diagnostic]:
    """Nodes that have their wires, but nothing from an Input ever arrives."""
    sources = [node.name for role in (Role.INPUT, Role.TARGET) for node in view.with_role(role)]
    if not sources or len(view.order) < len(view.graph):
        return
    reached = set(sources)
    for name in view.order:
        if not reached.isdisjoint(view.graph.predecessors(name)):
            reached.add(name)
    lost = [name for name in view.order if name not in reached and view.graph.inputs_of(name)]
    if lost:
        names = _in_drawing_order(view, lost)
        yield view.finding(
            "unreachable",
            Severity.WARNING,
            f"Nothing from an Input reaches {listed(names)}.",
            reason="Follow the wires to the left: the first node there has nothing to work on.",
            nodes=names,
        )


def loose_ends(view: NetworkView) -> Iterator[Diagnostic]:
    """Results and inputs that nobody uses."""
    if next(view.graph.wires(), None) is None:
        return
    for node in view.graph.ordered_nodes():
        kind = view.catalog.get(node.kind)
        if kind is None or not kind.outputs or next(view.graph.wires_from(node.name), None):
            continue
        if kind.role in (Role.INPUT, Role.TARGET):
            yield view.finding(
                "unused-input",
                Severity.WARNING,
                f"No wire leaves {node.name}, so its data is not used.",
                node=node.name,
                fixes=[removal(view, node.name)],
            )
        elif kind.role is Role.LAYER and view.graph.inputs_of(node.name):
            yield view.finding(
                "dangling-output",
                Severity.WARNING,
                f"The result of {node.name} goes nowhere: wire it on, or remove {node.name}.",
                reason="It would be computed for nothing, and its parameters would not learn.",
                node=node.name,
                port=kind.outputs[0].name,
                fixes=[
                    *_to_output(view, node.name, kind.outputs[0].name),
                    removal(view, node.name),
                    *_removal_of_branch(view, node.name),
                ],
            )


def _removal_of_branch(view: NetworkView, name: str) -> list[Fix]:
    """Remove a node with all the layers that feed nothing else."""
    branch, todo = {name}, [name]
    for current in todo:
        for source in view.graph.predecessors(current) - branch:
            kind = view.kind(source)
            if kind is not None and kind.role is Role.LAYER and view.graph.successors(source) <= branch:
                branch.add(source)
                todo.append(source)
    if len(branch) == 1:
        return []
    label = f"Remove the branch of {len(branch)} nodes"
    edits = tuple(RemoveNode(view.name, node) for node in _in_drawing_order(view, branch))
    return [Fix(label=label, edit=Batch(edits, label))]


def _to_output(view: NetworkView, name: str, port: str) -> list[Fix]:
    """Wires to Outputs that wait for one, else a new Output."""
    waiting = [node.name for node in view.with_role(Role.OUTPUT) if not view.graph.inputs_of(node.name)]
    if not waiting:
        return [new_output(view, name)]
    inputs = {target: view.catalog[view.graph.nodes[target].kind].inputs[0].name for target in waiting}
    return [
        Fix(label=f"Connect it to {target}", edit=Connect(view.name, Wire(name, port, target, input)))
        for target, input in inputs.items()
    ]


def target_in_prediction(view: NetworkView) -> Iterator[Diagnostic]:
    """An Output that sees the answer it should predict."""
    for target in view.with_role(Role.TARGET):
        came_by: dict[str, Wire] = {}
        todo = [target.name]
        for name in todo:
            for wire in view.graph.wires_from(name):
                if wire.target not in came_by and wire.target != target.name:
                    came_by[wire.target] = wire
                    todo.append(wire.target)
        for output in view.with_role(Role.OUTPUT):
            if output.name not in came_by:
                continue
            path = [came_by[output.name]]
            while path[-1].source != target.name:
                path.append(came_by[path[-1].source])
            yield view.finding(
                "target-in-prediction",
                Severity.ERROR,
                f"{output.name} depends on {target.name}, the answer that it should predict: "
                f"remove the wire from {path[-1].source} to {path[-1].target}.",
                reason="When the network is used later, there is no answer to look at: "
                "targets go to losses only.",
                node=output.name,
                nodes=[wire.source for wire in reversed(path)] + [output.name],
                wires=reversed(path),
                fixes=[_cut(view, [wire]) for wire in dict.fromkeys((path[-1], path[0]))],
            )


def _last_layers(view: NetworkView) -> list[str]:
    """Layers whose result is not used, the rightmost first; failing those, any layer."""
    layers = [node for node in view.with_role(Role.LAYER) if view.catalog[node.kind].outputs]
    ends = [node for node in layers if next(view.graph.wires_from(node.name), None) is None]
    return [node.name for node in sorted(ends or layers, key=lambda node: -node.position[0])]


def _in_drawing_order(view: NetworkView, names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: view.graph.nodes[name].order or 0)


NETWORK_RULES = (
    empty_network,
    nothing_wired,
    missing_borders,
    cycles,
    several_parts,
    unreachable,
    loose_ends,
    target_in_prediction,
)
