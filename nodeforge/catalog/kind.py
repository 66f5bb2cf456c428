"""What a node kind is: one declaration from which form, checks, code, documentation and search follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from nodeforge.core.parameters import Declaration, Value
from nodeforge.core.specs import DTYPES, FLOATS, INTEGERS, TensorSpec

ANY_DTYPE = frozenset(DTYPES)
FLOAT_DTYPES = FLOATS
INTEGER_DTYPES = INTEGERS
WIDE_DTYPES = frozenset({"float32", "float64"})
"""What operations take that torch has not written for half precision on every device."""
WEIGHT_DTYPES = frozenset({"float32"})
"""What layers with weights take: weights are float32, and torch refuses to mix."""

CATEGORIES = (
    "Networks",
    "Custom",
    "Ports",
    "Linear",
    "Activation",
    "Convolution",
    "Pooling",
    "Padding",
    "Normalization",
    "Regularization",
    "Recurrent",
    "Embedding",
    "Attention",
    "Architecture",
    "Shape",
    "Combine",
    "Math",
    "Loss",
)
"""Groups of the palette, in the order in which a beginner meets them."""


class Role(StrEnum):
    """What a kind is to the network as a whole."""

    LAYER = "layer"
    INPUT = "input"
    OUTPUT = "output"
    TARGET = "target"
    OBJECTIVE = "objective"


class Answers(StrEnum):
    """What an objective takes the prediction for; it decides which metrics make sense."""

    CLASSES = "classes"
    """One score per class."""
    YES_OR_NO = "yes or no"
    """One raw score: above 0 means yes."""
    PROBABILITY = "probability"
    """One probability: above 0.5 means yes."""
    VALUES = "values"
    """Numbers, in the unit of the target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """Where a wire ends.

    Attributes:
        name: As in torch's signature where there is one.
        doc: What it carries, with its shape.
        dtypes: Element types an input takes. Checked by us: torch's meta device accepts wrong ones silently.
        many: Whether an input takes a list of wires, in order (Add, Concat).
        optional: Whether an input may stay unwired.
        repeats: Whether axes of 1 are repeated until the input fits the others of its kind that do so.
    """

    name: str
    doc: str = ""
    dtypes: frozenset[str] = ANY_DTYPE
    many: bool = False
    optional: bool = False
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class ShapeCall:
    """What a shape rule is asked: parameters with defaults filled in, and the specs that arrive.

    Attributes:
        name: The node's name, for error sentences.
        values: Every declared parameter, checked and normalised.
        inputs: By input port, the specs of its wires in order; unwired optional ports are absent.
    """

    name: str
    values: Mapping[str, Value]
    inputs: Mapping[str, tuple[TensorSpec, ...]]

    def input(self, port: str = "") -> TensorSpec:
        """The one spec of a port (the first port when unnamed)."""
        return (self.inputs[port] if port else next(iter(self.inputs.values())))[0]

    def integer(self, parameter: str) -> int:
        """A parameter as an int, for arithmetic on shapes."""
        value = self.values[parameter]
        assert isinstance(value, int), (self.name, parameter, value)
        return value

    def per_axis(self, parameter: str, axes: int) -> tuple[int, ...]:
        """A `Size` parameter spelled out for every axis."""
        value = self.values[parameter]
        return tuple(value) if isinstance(value, tuple) else (self.integer(parameter),) * axes


ShapeRule = Callable[[ShapeCall], Mapping[str, TensorSpec]]
"""Output specs by port; raises `core.errors.ShapeError` with a sentence a student understands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a node keeps of a forward pass until the backward pass, beside its weights.

    Attributes:
        inputs, outputs: Ports whose tensors it keeps; one that several nodes keep is there once.
        inside: Tensors that nobody else has: masks, places of maxima, values in between.
        crossed: Whether each input is kept for the gradient of the others (a product), so that it is kept only
            if another one needs a gradient.
    """

    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    inside: tuple[TensorSpec, ...] = ()
    crossed: bool = False


CostRule = Callable[[ShapeCall, Mapping[str, TensorSpec]], int]
"""A number that follows from parameters, inputs and outputs."""
KeepRule = Callable[[ShapeCall, Mapping[str, TensorSpec]], Kept]
"""What is kept, from parameters, inputs and outputs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A constructor argument that follows from the inputs: shown, never typed (`in_features`).

    Attributes:
        name: torch's name for it.
        compute: From the shape call to the value.
        doc: Where it comes from.
        positional: Whether the generated code passes it without its name.
        default: torch's default; one that is not positional is passed only if it differs.
    """

    name: str
    compute: Callable[[ShapeCall], Value]
    doc: str = ""
    positional: bool = True
    default: Value = None


@dataclass(frozen=True, slots=True)
class CodeCall:
    """What a code template is given for one node.

    Attributes:
        name: The node's name; the module is `self.<name>`.
        values: Every declared parameter and derived argument.
        inputs: By input port, the Python expressions that arrive, in order.
        specs: By input port, the specs that arrive.
        outputs: By output port, the specs that leave.
        used: Output ports that something reads.
    """

    name: str
    values: Mapping[str, Value]
    inputs: Mapping[str, tuple[str, ...]]
    specs: Mapping[str, tuple[TensorSpec, ...]] = field(default_factory=dict)
    outputs: Mapping[str, TensorSpec] = field(default_factory=dict)
    used: frozenset[str] = frozenset()

    @property
    def x(self) -> str:
        """The expression of the first input."""
        return next(iter(self.inputs.values()))[0]

    @property
    def arguments(self) -> str:
        """All expressions in port order, as call arguments."""
        return ", ".join(expression for port in self.inputs.values() for expression in port)


@dataclass(frozen=True, slots=True)
class Curve:
    """A scalar activation, for its drawing in the inspector.

    Attributes:
        function: From (x, parameter values) to y, in plain Python.
        domain: The x range worth drawing.
    """

    function: Callable[[float, Mapping[str, Value]], float]
    domain: tuple[float, float] = (-5.0, 5.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Declaration):
    """A kind of node.

    The generated code is `self.<name> = <module>(<positional derived and parameters>, <others that differ
    from their default>=...)` in `__init__`, and one line in `forward`: `forward` gives its right-hand side
    (`self.<name>(<arguments>)` when None), `unpack` its left-hand side for kinds with several outputs.

    Attributes:
        category: Group in the palette.
        role: What it is to the network.
        inputs, outputs: Ports in order.
        shape: The shape rule; None asks the checker's oracle, where it has one (`torch_backend.oracle`).
        derived: Constructor arguments that follow from the inputs, passed first and in order.
        module: Constructor in generated code ("nn.Conv2d"); "" for a plain expression. A derived or declared
            argument is passed by position when `positional`, else by keyword and only if not the default.
        fixed: Constructor arguments that are always the same, passed by keyword ({"batch_first": True}).
        named: Parameters passed by keyword even at their default, since torch has none (kernel_size).
        spelled: Arguments that are no literals: from all values to the expression in the code; one that is None
            is passed as None. ({"weight": torch.tensor([1.0, 2.0])}).
        call_only: Parameters that the constructor does not take: `forward` or a derived argument uses them.
        forward: Code template of the right-hand side.
        unpack: Left-hand side with `{port}` for each output: "{output}, ({hidden}, {cell})"; unused become _.
        support: Python source of a class or function, written into the generated file once if it is used.
        parameter_count: Trainable numbers, from the shape call; None means it has none.
        macs: Multiply-accumulates for one sample; None means none worth counting (value by value).
        keeps: What it keeps for the backward pass; None means its inputs.
        view: Whether its outputs lie in the memory of its first input.
        blocks_gradient: Whether no gradient passes through it, although its output is a float.
        formula: What it computes, in plain text with Unicode (y = W·x + b).
        curve: For scalar activations.
        answers: Of an objective that compares a prediction with a target: what it takes the prediction for.
        rules: Learning rules it supports.
        views: Live views that it is worth beside those that follow from its ports and category (`analysis.views`).
        common: Whether people who type half a name ("conv", "pool") mean this kind and none of its siblings.
    """

    category: str
    role: Role = Role.LAYER
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = (Port(name="output"),)
    shape: ShapeRule | None = None
    derived: tuple[Derived, ...] = ()
    module: str = ""
    fixed: Mapping[str, Value] = field(default_factory=dict, hash=False)
    named: tuple[str, ...] = ()
    spelled: Mapping[str, Callable[[Mapping[str, Value]], str]] = field(default_factory=dict, hash=False)
    call_only: tuple[str, ...] = ()
    forward: Callable[[CodeCall], str] | None = None
    unpack: str = ""
    support: str = ""
    parameter_count: Callable[[ShapeCall], int] | None = None
    macs: CostRule | None = None
    keeps: KeepRule | None = None
    view: bool = False
    blocks_gradient: bool = False
    formula: str = ""
    curve: Curve | None = None
    answers: Answers | None = None
    rules: tuple[str, ...] = ("gradient",)
    views: tuple[str, ...] = ()
    common: bool = False

    def input_port(self, name: str) -> Port | None:
        return next((port for port in self.inputs if port.name == name), None)

    def output_port(self, name: str) -> Port | None:
        return next((port for port in self.outputs if port.name == name), None)
