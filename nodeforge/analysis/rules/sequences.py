"""Sequences: which axis is time, which are features; how many steps; which numbers name words."""

from __future__ import annotations

from collections.abc import Iterator

from nodeforge.analysis.chains import chain, wire_into
from nodeforge.analysis.fixes import arriving, fits, insertion
from nodeforge.analysis.rules.families import CURVED, DROPOUTS, MOVING
from nodeforge.analysis.view import NetworkView
from nodeforge.core.diagnostics import Diagnostic, Fix, Severity
from nodeforge.core.edits import SetParameter
from nodeforge.core.graph import Node, Wire

_RECURRENT = frozenset({"GRU", "LSTM", "RNN"})
_READERS = {
    **dict.fromkeys(_RECURRENT, ("input",)),
    "MultiheadAttention": ("query", "key", "value"),
    "TransformerDecoder": ("tgt", "memory"),
    "TransformerDecoderLayer": ("tgt", "memory"),
    "TransformerEncoder": ("src",),
    "TransformerEncoderLayer": ("src",),
}
"""Kinds that read N×length×features, and at which ports."""
_CHANNELS_FIRST = frozenset(
    {
        *("AdaptiveAvgPool1d", "AdaptiveMaxPool1d", "AvgPool1d", "BatchNorm1d", "Conv1d", "ConvTranspose1d"),
        *("InstanceNorm1d", "LPPool1d", "MaxPool1d"),
    }
)
"""Kinds that read and give N×channels×length."""
_STEPS_FIRST = frozenset({*_READERS, "Embedding"})
_KEEP_AXES = CURVED | DROPOUTS | {"Identity"}
_SWAP = {"dims": (0, 2, 1)}


def swapped_axes(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """Time where features are expected, and features where time is."""
    ports = _READERS.get(node.kind, ("input",) if node.kind in _CHANNELS_FIRST else ())
    givers = _STEPS_FIRST if node.kind in _CHANNELS_FIRST else _CHANNELS_FIRST
    for port in ports:
        wire = wire_into(view, node.name, port)
        if wire is None:
            continue
        wires = chain(view, wire, _KEEP_AXES)
        source = view.graph.nodes[wires[0].source]
        spec = view.spec(wire.tail)
        if (
            (source.kind in givers or _lays_out_pixels(view, source, node))
            and spec is not None
            and spec.rank == 3
        ):
            yield _swapped(view, node, wire, source)


def _lays_out_pixels(view: NetworkView, source: Node, node: Node) -> bool:
    """Whether a Flatten of height and width leaves channels before places, for a node that reads them behind."""
    report = view.report(source.name)
    given = report.inputs.get("input", (None,))[0]
    return (
        node.kind in _READERS
        and source.kind == "Flatten"
        and given is not None
        and given.rank == 4
        and report.values.get("start_dim") in (2, -2)
    )


def _swapped(view: NetworkView, node: Node, wire: Wire, source: Node) -> Diagnostic:
    steps, features = ("channels", "time steps") if node.kind in _READERS else ("time steps", "channels")
    reads, gives = "N×length×features", "N×channels×length"
    if node.kind in _CHANNELS_FIRST:
        reads, gives = gives, reads
    spec = view.spec(wire.tail)
    fix = insertion(view, wire, "Permute", _SWAP, "Insert Permute: length and features change places")
    return view.finding(
        "swapped-axes",
        Severity.WARNING,
        f"{node.name} reads {reads}, and {source.name} gives {gives}, here {spec}: its {steps} would be taken for "
        f"{features}.",
        reason="Both are tensors of three axes, so it would run, and learn from rows that mean nothing.",
        node=node.name,
        port=wire.input,
        wires=[wire],
        fixes=[fix] if fix else [],
    )


def single_step(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """A recurrent layer on sequences of one step: there is nothing to remember."""
    wire = wire_into(view, node.name, "input") if node.kind in _RECURRENT else None
    spec = view.spec(wire.tail) if wire else None
    if wire is None or spec is None or spec.rank != 3 or spec.shape[1] != 1 or spec.shape[2] == 1:
        return
    if len(view.graph.inputs_of(node.name)) > 1:
        return  # one step of a decoder: its memory comes in by another wire
    swap = f"Insert Permute: {spec.shape[2]} steps of 1 feature"
    fix = insertion(view, wire, "Permute", _SWAP, swap)
    yield view.finding(
        "single-step",
        Severity.HINT,
        f"{node.name} gets sequences of 1 step with {spec.shape[2]} features: it has nothing to remember.",
        reason=f"{node.kind} goes along axis 1, the steps, and takes the features of each step together. On one step "
        "it is no more than a Linear layer.",
        node=node.name,
        port="input",
        wires=[wire],
        fixes=[fix] if fix else [],
    )


def embedding_range(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """Numbers of words that the table of an Embedding does not have."""
    wire = wire_into(view, node.name, "input") if node.kind in ("Embedding", "EmbeddingBag") else None
    rows = view.report(node.name).values.get("num_embeddings")
    if wire is None or not isinstance(rows, int):
        return
    field = view.field_of(chain(view, wire, MOVING | {"Cast"})[0].source)
    if field is None or field.classes or (field.span is None and not field.vocabulary):
        return
    low, high = field.span or (0.0, 0.0)
    last = max(int(high), field.vocabulary - 1)
    if low >= 0 and last < rows:
        return
    below = low < 0
    changed = Node(name=node.name, kind=node.kind, parameters={**node.parameters, "num_embeddings": last + 1})
    fix = Fix(
        label=f"Set num_embeddings to {last + 1}",
        edit=SetParameter(view.name, node.name, "num_embeddings", last + 1),
    )
    yield view.finding(
        "embedding-range",
        Severity.ERROR,
        f"{field.name} holds numbers from {low:g} on, and {node.name} looks numbers up from 0: switch the scaling of "
        "the data off."
        if below
        else f"{field.name} holds numbers up to {last}, and {node.name} has rows 0 to {rows - 1}: set num_embeddings to "
        f"{last + 1}.",
        reason="An Embedding is a table with one row for each number. Looking up a row that it does not have stops "
        "the training.",
        node=node.name,
        parameter="num_embeddings",
        wires=[wire],
        fixes=[fix] if not below and fits(view, changed, arriving(view, node.name)) else [],
    )


NODE_RULES = (swapped_axes, single_step, embedding_range)
