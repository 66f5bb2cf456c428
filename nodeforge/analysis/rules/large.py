"""Layers and tensors of a size that few machines hold, with the number."""

from __future__ import annotations

from collections.abc import Iterator

from nodeforge.analysis.chains import wire_into
from nodeforge.analysis.fixes import insertion
from nodeforge.analysis.view import NetworkView
from nodeforge.analysis.words import amount
from nodeforge.core.diagnostics import Diagnostic, Fix, Severity
from nodeforge.core.graph import Node, Wire
from nodeforge.core.specs import TensorSpec, format_shape

_FLOAT_BYTES = 4
_FLATTENED_WEIGHTS = 16_000_000
_WEIGHTS = 500_000_000
_VALUES = 100_000_000
_POOLED = (7, 4, 2, 1)


def large_after_flatten(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """A Linear on every pixel of many channels: most weights of a network, and the least needed."""
    report = view.report(node.name)
    wire = wire_into(view, node.name, "input") if node.kind == "Linear" else None
    if wire is None or not _FLATTENED_WEIGHTS <= report.parameters < _WEIGHTS:
        return
    before = wire_into(view, wire.source)
    spec = view.spec(before.tail) if before else None
    if view.graph.nodes[wire.source].kind != "Flatten" or before is None or spec is None or spec.rank < 4:
        return
    yield view.finding(
        "large-layer",
        Severity.HINT,
        f"{node.name} has {report.parameters:,} weights ({_memory(report.parameters)}), since {wire.source} makes "
        f"{spec.sample_size:,} features of {spec}: pool before it, and far fewer are needed.",
        reason="Each output has a weight of its own for each pixel of each channel. With Adam, training needs four "
        "times the memory of the weights.",
        node=node.name,
        wires=[wire],
        fixes=_pooling(view, before, spec, int(report.outputs["output"].shape[-1])),
    )


def _pooling(view: NetworkView, wire: Wire, spec: TensorSpec, outputs: int) -> list[Fix]:
    """Average pooling to the largest usual size that leaves few enough weights."""
    channels, *space = (int(size) for size in spec.sample_shape)
    for size in _POOLED:
        if size < min(space) and channels * size ** len(space) * outputs < _FLATTENED_WEIGHTS:
            label = f"Insert average pooling to {format_shape((size,) * len(space))}"
            kind = f"AdaptiveAvgPool{len(space)}d"
            fix = insertion(view, wire, kind, {"output_size": size}, label)
            return [fix] if fix else []
    return []


def large_layer(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """So many weights that training them takes more memory than most machines have."""
    report = view.report(node.name)
    if report.parameters < _WEIGHTS or report.inside is not None:
        return
    yield view.finding(
        "large-layer",
        Severity.WARNING,
        f"{node.name} has {report.parameters:,} weights ({_memory(report.parameters)}): training them takes about "
        f"{_memory(4 * report.parameters)}.",
        reason="Beside each weight there are its gradient and two running means of Adam. Fewer features in or out, or "
        "pooling before it, make it smaller.",
        node=node.name,
    )


def large_tensor(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """A result that is huge for a single sample."""
    report = view.report(node.name)
    for port, spec in report.outputs.items():
        given = max((each.sample_size for specs in report.inputs.values() for each in specs), default=0)
        if spec.sample_size < _VALUES or spec.sample_size <= given:
            continue  # whoever made it large is told of it
        yield view.finding(
            "large-tensor",
            Severity.WARNING,
            f"{node.name} makes {spec.sample_size:,} values of each sample ({spec}): {_memory(spec.sample_size)}, times "
            "the batch size.",
            reason="Training keeps what each node gives until its gradient has been computed.",
            node=node.name,
            port=port,
        )


def _memory(numbers: int) -> str:
    return amount(numbers * _FLOAT_BYTES)


NODE_RULES = (large_after_flatten, large_layer, large_tensor)
