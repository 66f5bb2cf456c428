"""Recurrent layers. Their rules are written by hand: the meta device would run every time step."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import weights_used
from nodeforge.catalog.kind import WEIGHT_DTYPES, CodeCall, Derived, Kept, Kind, Port, ShapeCall
from nodeforge.catalog.rules import TORCH, Specs, sequence_dims, set_parameter
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Boolean, Choice, Integer, Number, Parameter
from nodeforge.core.specs import BATCH, TensorSpec


def _directions(call: ShapeCall) -> int:
    return 2 if call.values["bidirectional"] else 1


def _told(call: ShapeCall) -> int:
    """Size of what a layer tells the next: its hidden state, or the projection of it."""
    size, projected = call.integer("hidden_size"), call.values.get("proj_size", 0)
    assert isinstance(projected, int)
    if projected >= size:
        raise ShapeError(
            f"{call.name} has proj_size {projected}, which must be less than its hidden_size {size}.",
            suggestions=(set_parameter("proj_size", 0),),
        )
    return projected or size


def _shape(call: ShapeCall, states: tuple[str, ...]) -> Specs:
    length, _ = sequence_dims(call)
    layers, size = call.integer("num_layers"), call.integer("hidden_size")
    if layers == 1 and call.values["dropout"]:
        raise ShapeError(
            f"{call.name} has dropout {call.values['dropout']} but one layer, and dropout acts between "
            f"layers only.",
            suggestions=(set_parameter("dropout", 0.0), set_parameter("num_layers", 2)),
        )
    if "lengths" in call.inputs and call.input("lengths").shape != (BATCH,):
        raise ShapeError(
            f"{call.name} needs one length per sample in lengths, N; it gets {call.input('lengths')}.",
            port="lengths",
        )
    told = _told(call)
    shapes = {
        name: TensorSpec((layers * _directions(call), BATCH, told if name == "hidden" else size))
        for name in states
    }
    given = [port for port in (f"initial_{name}" for name in states) if port in call.inputs]
    if given and len(given) < len(states):
        missing = next(port for port in (f"initial_{name}" for name in states) if port not in given)
        raise ShapeError(
            f"{call.name} gets {given[0]} but not {missing}: wire both or neither.", port=missing
        )
    for port in given:
        state = shapes[port.removeprefix("initial_")]
        if call.input(port).shape != state.shape:
            raise ShapeError(f"{call.name} needs {port} of {state}; it gets {call.input(port)}.", port=port)
    return {"output": TensorSpec((BATCH, length, told * _directions(call))), **shapes}


def _count(call: ShapeCall, gates: int) -> int:
    size, told, directions = call.integer("hidden_size"), _told(call), _directions(call)
    total, arriving = 0, sequence_dims(call)[1]
    for _ in range(call.integer("num_layers")):
        total += directions * gates * size * (arriving + told + 2 * bool(call.values["bias"]))
        total += directions * size * told if told < size else 0
        arriving = told * directions
    return total


_BETWEEN = {1: 1, 3: 7, 4: 16}
"""By gates: numbers that torch keeps of each step for each number of the state; an LSTM's are oneDNN's workspace."""


def _kept(call: ShapeCall, gates: int) -> Kept:
    """What arrives at each layer, turned so that steps come first, and all that lies between the steps."""
    length, features = sequence_dims(call)
    size, directions, layers = call.integer("hidden_size"), _directions(call), call.integer("num_layers")
    between = layers * directions * size * _BETWEEN[gates]
    told = (layers - 1) * directions * _told(call)
    if gates == 4:  # both directions share what arrives
        kept = features + between + told
        return Kept(outputs=("output",), inside=(TensorSpec((BATCH, length, kept)),))
    return Kept(inside=(TensorSpec((BATCH, length, directions * (features + told) + between)),))


def _code(call: CodeCall, states: tuple[str, ...]) -> str:
    given = [call.inputs[f"initial_{name}"][0] for name in states if f"initial_{name}" in call.inputs]
    state = f", ({', '.join(given)})" if len(given) > 1 else "".join(f", {g}" for g in given)
    if "lengths" in call.inputs:
        return (
            f"over_lengths(self.{call.name}, {call.inputs['input'][0]}, {call.inputs['lengths'][0]}{state})"
        )
    return f"self.{call.name}({call.inputs['input'][0]}{state})"


_OVER_LENGTHS = '''\
def over_lengths(
    layer: nn.RNNBase, x: Tensor, lengths: Tensor, state: Tensor | tuple[Tensor, ...] | None = None
) -> tuple[Tensor, Tensor | tuple[Tensor, ...]]:
    """Runs a recurrent layer over the first steps of each sample, one at least; zeros stand behind them."""
    packed = nn.utils.rnn.pack_padded_sequence(
        x, lengths.clamp(1, x.shape[1]).cpu(), batch_first=True, enforce_sorted=False
    )
    output, state = layer(packed, state)
    return nn.utils.rnn.pad_packed_sequence(output, batch_first=True, total_length=x.shape[1])[0], state
'''

_COMMON = (
    Parameter(
        "hidden_size",
        Integer(minimum=1, maximum=65_536),
        64,
        "Number of values it remembers from step to step.",
        positional=True,
    ),
    Parameter(
        "num_layers",
        Integer(minimum=1, maximum=100),
        1,
        "Layers on top of each other; each reads the sequence that the one below gives.",
    ),
    Parameter(
        "bidirectional",
        Boolean(),
        False,
        "Read the sequence backwards too; the outputs of both are joined, so twice as many.",
    ),
    Parameter(
        "dropout",
        Number(minimum=0.0, maximum=1.0),
        0.0,
        "Share of values dropped between layers while training; needs two layers or more.",
        advanced=True,
    ),
    Parameter("bias", Boolean(), True, "Whether offsets are learned.", advanced=True),
)


def _recurrent(
    name: str,
    *,
    summary: str,
    doc: str,
    formula: str,
    keywords: tuple[str, ...],
    gates: int,
    states: tuple[str, ...] = ("hidden",),
    extra: tuple[Parameter, ...] = (),
) -> Kind:
    def count(call: ShapeCall) -> int:
        return _count(call, gates)

    layout = "(layers·directions)×N×hidden_size"
    last = "({hidden}, {cell})" if len(states) == 2 else "{hidden}"
    return Kind(
        name=name,
        category="Recurrent",
        summary=summary,
        doc=doc
        + " The output holds every step; Select with dim 1 and index -1 takes the last one. Where sequences "
        "differ in length, wire lengths: the states are then those after the last step that counts.",
        formula=formula,
        source=TORCH + f"{name}.html",
        keywords=("recurrent", "sequence", "time series", "memory", *keywords),
        parameters=(*_COMMON, *extra),
        inputs=(
            Port(name="input", doc="N×length×features", dtypes=WEIGHT_DTYPES),
            *(
                Port(
                    name=f"initial_{s}",
                    doc=f"{layout}; zeros if unwired",
                    dtypes=WEIGHT_DTYPES,
                    optional=True,
                )
                for s in states
            ),
            Port(
                name="lengths",
                doc="N: how many steps of each sample count; all if unwired",
                dtypes=frozenset({"int64"}),
                optional=True,
            ),
        ),
        outputs=(
            Port(name="output", doc="N×length×(directions·hidden_size), every step"),
            *(Port(name=s, doc=f"{layout}, after the last step") for s in states),
        ),
        derived=(
            Derived(
                name="input_size", compute=lambda call: sequence_dims(call)[1], doc="Size of the last axis."
            ),
        ),
        shape=lambda call: _shape(call, states),
        module=f"nn.{name}",
        fixed={"batch_first": True},
        forward=lambda call: _code(call, states),
        unpack="{output}, " + last,
        support=_OVER_LENGTHS,
        parameter_count=count,
        macs=weights_used(count, lambda call, outputs: sequence_dims(call)[0]),
        keeps=lambda call, outputs: _kept(call, gates),
    )


RNN = _recurrent(
    "RNN",
    summary="Reads a sequence step by step and carries a state along.",
    doc="The simplest recurrent layer; it forgets quickly, so LSTM or GRU serve better on long sequences.",
    formula="h[t] = tanh(W·x[t] + b + U·h[t−1] + c)",
    keywords=("elman",),
    gates=1,
    extra=(
        Parameter(
            "nonlinearity",
            Choice(options=("tanh", "relu")),
            "tanh",
            "Activation of the state.",
            advanced=True,
        ),
    ),
)
LSTM = _recurrent(
    "LSTM",
    summary="Reads a sequence and learns what to keep, what to forget and what to tell, over long stretches.",
    doc="A cell state runs along beside the hidden state, guarded by three gates (Hochreiter and "
    "Schmidhuber, 1997).",
    formula="c[t] = f⊙c[t−1] + i⊙g,  h[t] = o⊙tanh(c[t])",
    keywords=("long short-term memory", "gate"),
    gates=4,
    states=("hidden", "cell"),
    extra=(
        Parameter(
            "proj_size",
            Integer(minimum=0, maximum=65_536),
            0,
            "Shortens the hidden state to this many values; 0 leaves it as it is.",
            advanced=True,
        ),
    ),
)
GRU = _recurrent(
    "GRU",
    summary="A recurrent layer with gates like LSTM's, but fewer weights.",
    doc="Often as good as an LSTM and somewhat faster (Cho et al., 2014).",
    formula="h[t] = (1 − z)⊙n + z⊙h[t−1]",
    keywords=("gated recurrent unit", "gate"),
    gates=3,
)
