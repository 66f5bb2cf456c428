"""One step of a recurrent layer, for loops that are drawn out by hand."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import weights_used
from nodeforge.catalog.kind import WEIGHT_DTYPES, CodeCall, Derived, Kept, Kind, Port, ShapeCall
from nodeforge.catalog.rules import TORCH, Specs, insert_flatten, sample_dims
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Boolean, Choice, Integer, Parameter
from nodeforge.core.specs import BATCH, TensorSpec


def _features(call: ShapeCall) -> int:
    dims = sample_dims(call)
    if len(dims) != 1:
        raise ShapeError(
            f"{call.name} takes one step, N×features; it gets {call.input()}. For whole sequences use the layer of "
            "the same name without Cell.",
            port="input",
            suggestions=(insert_flatten(),) if len(dims) > 1 else (),
        )
    return dims[0]


def _shape(call: ShapeCall, states: tuple[str, ...]) -> Specs:
    _features(call)
    state = TensorSpec((BATCH, call.integer("hidden_size")))
    ports = [f"initial_{name}" for name in states]
    given = [port for port in ports if port in call.inputs]
    if given and len(given) < len(ports):
        missing = next(port for port in ports if port not in given)
        raise ShapeError(
            f"{call.name} gets {given[0]} but not {missing}: wire both or neither.", port=missing
        )
    for port in given:
        if call.input(port).shape != state.shape:
            raise ShapeError(f"{call.name} needs {port} of {state}; it gets {call.input(port)}.", port=port)
    return dict.fromkeys(states, state)


def _code(call: CodeCall, states: tuple[str, ...]) -> str:
    given = [call.inputs[f"initial_{name}"][0] for name in states if f"initial_{name}" in call.inputs]
    state = f", ({', '.join(given)})" if len(given) > 1 else "".join(f", {g}" for g in given)
    return f"self.{call.name}({call.inputs['input'][0]}{state})"


def _count(call: ShapeCall, gates: int) -> int:
    size = call.integer("hidden_size")
    return gates * size * (_features(call) + size + 2 * bool(call.values["bias"]))


def _kept(call: ShapeCall, gates: int) -> Kept:
    """Its inputs, the zeros in place of a state that is not wired, and what lies between them and the new state."""
    between = ({1: 1, 3: 7, 4: 5}[gates] + ("initial_hidden" not in call.inputs)) * call.integer(
        "hidden_size"
    )
    return Kept(inputs=tuple(call.inputs), inside=(TensorSpec((BATCH, between)),))


def _cell(
    layer: str,
    gates: int,
    formula: str,
    states: tuple[str, ...] = ("hidden",),
    extra: tuple[Parameter, ...] = (),
) -> Kind:
    def count(call: ShapeCall) -> int:
        return _count(call, gates)

    return Kind(
        name=f"{layer}Cell",
        category="Recurrent",
        summary=f"One step of {layer}: from a value and the state before to the state after.",
        doc=f"For loops in which something happens between the steps, such as attention. For plain sequences {layer} "
        "does all steps at once and faster.",
        formula=formula,
        source=TORCH + f"{layer}Cell.html",
        keywords=("recurrent", "step", "memory", "sequence"),
        parameters=(
            Parameter(
                "hidden_size",
                Integer(minimum=1, maximum=65_536),
                64,
                "Number of values it remembers from step to step.",
                positional=True,
            ),
            Parameter("bias", Boolean(), True, "Whether offsets are learned.", advanced=True),
            *extra,
        ),
        inputs=(
            Port(name="input", doc="N×features: the value of this step", dtypes=WEIGHT_DTYPES),
            *(
                Port(
                    name=f"initial_{state}",
                    doc=f"N×hidden_size: the {state} state before; zeros if unwired",
                    dtypes=WEIGHT_DTYPES,
                    optional=True,
                )
                for state in states
            ),
        ),
        outputs=tuple(Port(name=state, doc="N×hidden_size, after the step") for state in states),
        derived=(Derived(name="input_size", compute=_features, doc="Number of features."),),
        shape=lambda call: _shape(call, states),
        module=f"nn.{layer}Cell",
        forward=lambda call: _code(call, states),
        unpack="{hidden}, {cell}" if len(states) == 2 else "",
        parameter_count=count,
        macs=weights_used(count, lambda call, outputs: 1),
        keeps=lambda call, outputs: _kept(call, gates),
    )


RNN_CELL = _cell(
    "RNN",
    1,
    "h′ = tanh(W·x + b + U·h + c)",
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
LSTM_CELL = _cell("LSTM", 4, "c′ = f⊙c + i⊙g,  h′ = o⊙tanh(c′)", states=("hidden", "cell"))
GRU_CELL = _cell("GRU", 3, "h′ = (1 − z)⊙n + z⊙h")
