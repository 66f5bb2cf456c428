"""Masks: who may look where, and values that are put out of play."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import keeps_nothing
from nodeforge.catalog.kind import FLOAT_DTYPES, CodeCall, Kind, Port, ShapeCall
from nodeforge.catalog.nodes.attention import CAUSAL_MASK as CAUSAL_CODE
from nodeforge.catalog.rules import OPS, Specs, sample_dims
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Choice, Integer, Number, Optional, Parameter
from nodeforge.core.specs import BATCH, TensorSpec, format_shape

_BOOL = frozenset({"bool"})


def _filled(call: ShapeCall) -> Specs:
    spec, mask = call.input(), call.input("mask")
    fits = mask.rank == spec.rank and all(
        m in (1, size) for m, size in zip(mask.shape, spec.shape, strict=True)
    )
    if not fits:
        raise ShapeError(
            f"{call.name} needs a mask for {spec} with as many axes, each equal or 1; it gets {mask}.",
            port="mask",
        )
    return {"output": spec}


MASKED_FILL = Kind(
    name="MaskedFill",
    category="Math",
    summary="Writes one value wherever a mask is true.",
    doc="With minus infinity before a Softmax it puts places out of play: their share becomes zero. With 0 it wipes "
    "out padding. A row that is masked throughout becomes NaN in a Softmax.",
    formula="y = value where mask, else x",
    source="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.masked_fill_.html",
    keywords=("mask", "replace", "padding", "minus infinity", "attention"),
    parameters=(
        Parameter(
            "value",
            Optional(of=Number(), empty="minus infinity"),
            None,
            "What is written; nothing stands for minus infinity.",
        ),
    ),
    inputs=(
        Port(name="input", doc="any shape", dtypes=FLOAT_DTYPES),
        Port(name="mask", doc="true where to write; same shape, or 1 where it repeats", dtypes=_BOOL),
    ),
    outputs=(Port(name="output", doc="the shape of the input"),),
    shape=_filled,
    forward=lambda call: f"{call.inputs['input'][0]}.masked_fill({call.inputs['mask'][0]}, {_number(call)})",
)


def _number(call: CodeCall) -> str:
    value = call.values["value"]
    return "-torch.inf" if value is None else repr(value)


def _matrix(call: ShapeCall) -> Specs:
    spec = call.input()
    if spec.rank < 3 or BATCH in spec.shape[-2:]:
        raise ShapeError(f"{call.name} needs matrices N×…×rows×columns; it gets {spec}.", port="input")
    return {"output": spec}


def _triangle(name: str, *, summary: str, doc: str, formula: str) -> Kind:
    return Kind(
        name=name,
        category="Math",
        summary=summary,
        doc=doc,
        formula=formula,
        source=OPS + f"{name.lower()}.html",
        keywords=("triangle", "triangular", "mask", "causal", "matrix"),
        parameters=(
            Parameter(
                "diagonal",
                Integer(),
                0,
                "Where the border runs: 0 keeps the diagonal, 1 lies above it, −1 below it.",
            ),
        ),
        inputs=(Port(name="input", doc="N×…×rows×columns"),),
        outputs=(Port(name="output", doc="the shape of the input"),),
        shape=_matrix,
        keeps=keeps_nothing,
        forward=lambda call: f"{call.x}.{name.lower()}({call.values['diagonal'] or ''})",
    )


TRIL = _triangle(
    "Tril",
    summary="Keeps the lower triangle of each matrix and sets the rest to zero.",
    doc="Row i keeps columns up to i: what a place may see when nothing after it counts.",
    formula="y[i, j] = x[i, j] if j ≤ i + diagonal, else 0",
)
TRIU = _triangle(
    "Triu",
    summary="Keeps the upper triangle of each matrix and sets the rest to zero.",
    doc="Row i keeps columns from i on. With diagonal 1 it leaves what lies after each place.",
    formula="y[i, j] = x[i, j] if j ≥ i + diagonal, else 0",
)


def _square(call: ShapeCall) -> Specs:
    dims = sample_dims(call)
    if not dims:
        raise ShapeError(
            f"{call.name} needs N×length×…, to know how long the sequence is; it gets {call.input()}.",
            port="like",
        )
    return {"output": TensorSpec((BATCH, dims[0], dims[0]), "bool")}


def _causal_code(call: CodeCall) -> str:
    sign = "~" if call.values["true_where"] == "may look" else ""
    return f"{sign}causal_mask({call.x}).expand({call.x}.shape[0], -1, -1)"


CAUSAL_MASK = Kind(
    name="CausalMask",
    category="Attention",
    summary="A mask by order: no place may look at a later one.",
    doc="For attention that is wired by hand, or to be joined with another mask by LogicalOr. MultiheadAttention and "
    "the transformers take true for must not look, ScaledDotProductAttention for may look. Layers with a parameter "
    "causal make this mask by themselves.",
    formula="mask[i, j] = (j > i)",
    source="https://arxiv.org/abs/1706.03762, section 3.2.3",
    keywords=("causal", "autoregressive", "triangular", "future", "gpt", "subsequent"),
    parameters=(
        Parameter(
            "true_where",
            Choice(options=("must not look", "may look")),
            "must not look",
            "What true stands for.",
        ),
    ),
    inputs=(Port(name="like", doc="N×length×…: a sequence of the right length"),),
    outputs=(Port(name="output", doc="N×length×length, true or false"),),
    shape=_square,
    forward=_causal_code,
    support=CAUSAL_CODE,
)


def _measured(call: ShapeCall) -> Specs:
    dims, lengths = sample_dims(call, "like"), call.input("lengths")
    if not dims:
        raise ShapeError(
            f"{call.name} needs N×length×…, to know how long the sequence is; it gets {call.input('like')}.",
            port="like",
        )
    if lengths.shape != (BATCH,):
        raise ShapeError(
            f"{call.name} needs one length per sample, {format_shape((BATCH,))}; it gets {lengths}.",
            port="lengths",
        )
    return {"output": TensorSpec((BATCH, dims[0]), "bool")}


_LENGTH_CODE = '''\
def beyond(lengths: Tensor, x: Tensor) -> Tensor:
    """True for the places of (N, length, ...) that lie beyond the length of their sample: (N, length)."""
    return torch.arange(x.shape[1], device=x.device) >= lengths.unsqueeze(1)
'''

LENGTH_MASK = Kind(
    name="LengthMask",
    category="Attention",
    summary="A mask of the places that only fill up sequences of different lengths.",
    doc="From the number of places that count in each sample to what a key_padding_mask wants. Where padding has a "
    "number of its own, Compare makes the same mask from the symbols.",
    formula="mask[n, i] = (i ≥ lengths[n])",
    source=OPS + "nn.MultiheadAttention.html",
    keywords=("padding", "sequence length", "key padding mask", "variable length"),
    parameters=(
        Parameter("true_where", Choice(options=("padding", "content")), "padding", "What true stands for."),
    ),
    inputs=(
        Port(name="lengths", doc="N: how many places of each sample count", dtypes=frozenset({"int64"})),
        Port(name="like", doc="N×length×…: the sequence"),
    ),
    outputs=(Port(name="output", doc="N×length, true or false"),),
    shape=_measured,
    forward=lambda call: f"{'~' * (call.values['true_where'] == 'content')}beyond({call.arguments})",
    support=_LENGTH_CODE,
)
