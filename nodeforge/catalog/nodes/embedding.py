"""Vectors for symbols and for places in a sequence."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import keeps_nothing
from nodeforge.catalog.kind import INTEGER_DTYPES, WEIGHT_DTYPES, Derived, Kind, Port, ShapeCall
from nodeforge.catalog.rules import TORCH, Specs, sequence_dims, set_parameter
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Boolean, Integer, Number, Optional, Parameter
from nodeforge.core.specs import TensorSpec


def check_padding(call: ShapeCall) -> None:
    """The padding symbol must be one of the table."""
    rows, padding = call.integer("num_embeddings"), call.values["padding_idx"]
    if isinstance(padding, int) and not -rows <= padding < rows:
        raise ShapeError(
            f"{call.name} has padding_idx {padding}, but its {rows} symbols are numbered 0 to {rows - 1}.",
            suggestions=(set_parameter("padding_idx", None),),
        )


def _embedded(call: ShapeCall) -> Specs:
    check_padding(call)
    return {"output": TensorSpec((*call.input().shape, call.integer("embedding_dim")))}


def _positioned(call: ShapeCall) -> Specs:
    sequence_dims(call)
    return {"output": call.input()}


_SEQUENCE = (Port(name="input", doc="N×length×features", dtypes=WEIGHT_DTYPES),)
_LENGTH_AND_FEATURES = (
    Derived(name="length", compute=lambda call: sequence_dims(call)[0], doc="Length of the sequences."),
    Derived(name="features", compute=lambda call: sequence_dims(call)[1], doc="Size of the last axis."),
)

_SINUSOIDAL = '''\
class SinusoidalPositionalEncoding(nn.Module):
    """Adds sines and cosines of the position to (N, length, features); Vaswani et al. (2017), section 3.5."""

    def __init__(self, length: int, features: int, base: float = 10000.0) -> None:
        super().__init__()
        position = torch.arange(length).unsqueeze(1)
        angle = position * base ** (-torch.arange(0, features, 2) / features)
        table = torch.zeros(length, features)
        table[:, 0::2] = angle.sin()
        table[:, 1::2] = angle.cos()[:, : features // 2]
        self.register_buffer("table", table, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.table
'''

_LEARNED = '''\
class LearnedPositionalEncoding(nn.Module):
    """Adds a learned vector for each position to (N, length, features)."""

    def __init__(self, length: int, features: int, std: float = 0.02) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.randn(length, features) * std)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.table
'''

TABLE = (
    Parameter(
        "num_embeddings",
        Integer(minimum=1, maximum=10_000_000),
        1000,
        "Number of different symbols; they are numbered from 0.",
        positional=True,
    ),
    Parameter(
        "embedding_dim",
        Integer(minimum=1, maximum=65_536),
        64,
        "Length of each vector.",
        positional=True,
    ),
    Parameter(
        "padding_idx",
        Optional(of=Integer()),
        None,
        "Number of the symbol that only fills up short sequences: its vector is zero and never learns.",
        advanced=True,
    ),
    Parameter(
        "max_norm",
        Optional(of=Number(minimum=0.0, exclusive_minimum=True), empty="no limit"),
        None,
        "Shortens every vector that is looked up to this length.",
        advanced=True,
    ),
    Parameter(
        "norm_type",
        Number(minimum=0.0, exclusive_minimum=True),
        2.0,
        "Which length max_norm means: 2 is the Euclidean one, 1 the sum of sizes.",
        advanced=True,
    ),
    Parameter(
        "scale_grad_by_freq",
        Boolean(),
        False,
        "Let symbols that are frequent in a batch learn more slowly.",
        advanced=True,
    ),
)
"""What a table of vectors can be told."""

EMBEDDING = Kind(
    name="Embedding",
    category="Embedding",
    summary="Looks up a learned vector for each symbol, given by its number.",
    doc="Turns words, letters or categories into features. Vectors of symbols that are used alike grow "
    "alike.",
    formula="y = W[x]",
    source=TORCH + "Embedding.html",
    keywords=("lookup", "token", "word vector", "categorical"),
    parameters=(*TABLE,),
    inputs=(Port(name="input", doc="whole numbers, any shape", dtypes=INTEGER_DTYPES),),
    outputs=(Port(name="output", doc="N×…×embedding_dim"),),
    shape=_embedded,
    module="nn.Embedding",
    parameter_count=lambda call: call.integer("num_embeddings") * call.integer("embedding_dim"),
)

SINUSOIDAL_POSITIONAL_ENCODING = Kind(
    name="SinusoidalPositionalEncoding",
    category="Embedding",
    summary="Adds a fixed pattern of waves that tells each place of a sequence from the others.",
    doc="Attention sees a set, not an order; this gives it the order. Nothing is learned.",
    formula="y[t, 2i] = x + sin(t / base^(2i/d)),  y[t, 2i+1] = x + cos(t / base^(2i/d))",
    source="https://arxiv.org/abs/1706.03762, section 3.5",
    keywords=("position", "transformer", "sine", "order"),
    parameters=(
        Parameter(
            "base",
            Number(minimum=1.0, exclusive_minimum=True),
            10000.0,
            "Sets the longest wave; larger for very long sequences.",
            advanced=True,
        ),
    ),
    inputs=_SEQUENCE,
    derived=_LENGTH_AND_FEATURES,
    outputs=(Port(name="output", doc="the shape of the input"),),
    shape=_positioned,
    module="SinusoidalPositionalEncoding",
    support=_SINUSOIDAL,
    keeps=keeps_nothing,
)

LEARNED_POSITIONAL_ENCODING = Kind(
    name="LearnedPositionalEncoding",
    category="Embedding",
    summary="Adds a learned vector for each place of a sequence.",
    doc="Attention sees a set, not an order; this gives it the order. Fits the length it was trained with "
    "only.",
    formula="y[t] = x[t] + W[t]",
    source="https://arxiv.org/abs/1810.04805, section 3.2",
    keywords=("position", "transformer", "bert", "order"),
    parameters=(
        Parameter("std", Number(minimum=0.0), 0.02, "Spread of the vectors before training.", advanced=True),
    ),
    inputs=_SEQUENCE,
    derived=_LENGTH_AND_FEATURES,
    outputs=(Port(name="output", doc="the shape of the input"),),
    shape=_positioned,
    module="LearnedPositionalEncoding",
    support=_LEARNED,
    parameter_count=lambda call: sequence_dims(call)[0] * sequence_dims(call)[1],
    keeps=keeps_nothing,
)
