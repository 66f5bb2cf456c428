"""Attention."""

from __future__ import annotations

from nodeforge.catalog.kind import WEIGHT_DTYPES, CodeCall, Derived, Kept, Kind, Port, ShapeCall
from nodeforge.catalog.rules import TORCH, Specs, check_divides, sequence_dims
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Boolean, Integer, Number, Parameter
from nodeforge.core.specs import BATCH, TensorSpec


def _sources(call: ShapeCall) -> tuple[str, str]:
    """The ports that give key and value: an unwired key is the query, an unwired value the key."""
    key = "key" if "key" in call.inputs else "query"
    return key, "value" if "value" in call.inputs else key


MASKS = frozenset({"bool", "float32"})
"""A mask says who must not look, or what is added to the scores."""


def mask_port(name: str, lengths: str) -> Port:
    """An optional port for a mask of who must not look where."""
    doc = (
        f"N×{lengths}, or N×heads×{lengths}: true where the first must not look at the second, or numbers that "
        "are added to the scores"
    )
    return Port(name=name, doc=doc, dtypes=MASKS, optional=True)


def padding_port(name: str, of: str, length: str = "length") -> Port:
    """An optional port for a mask of the places of a sequence that only fill it up."""
    doc = (
        f"N×{length}: true where a place of {of} only fills up and must be ignored, or numbers that are added to "
        "the scores"
    )
    return Port(name=name, doc=doc, dtypes=MASKS, optional=True)


def check_mask(call: ShapeCall, port: str, length: int, places: int, heads: int) -> None:
    """A mask, where one is wired, needs a value for each pair of places, for all heads or for each."""
    expected = TensorSpec((BATCH, length, places))
    if port not in call.inputs or call.input(port).shape in (
        expected.shape,
        (BATCH, heads, length, places),
    ):
        return
    raise ShapeError(f"{call.name} needs {port} of {expected}; it gets {call.input(port)}.", port=port)


def check_padding_mask(call: ShapeCall, port: str, length: int) -> None:
    """A padding mask, where one is wired, needs a value for each place."""
    expected = TensorSpec((BATCH, length))
    if port in call.inputs and call.input(port).shape != expected.shape:
        raise ShapeError(f"{call.name} needs {port} of {expected}; it gets {call.input(port)}.", port=port)


def check_mask_types(call: ShapeCall) -> None:
    """Masks of one node are all conditions or all numbers; torch refuses to mix them."""
    masks = [port for port in call.inputs if port.endswith("mask")]
    for port in masks[1:]:
        if call.input(port).dtype != call.input(masks[0]).dtype:
            raise ShapeError(
                f"{call.name} gets {masks[0]} as {call.input(masks[0]).dtype} and {port} as {call.input(port).dtype}: "
                "bring its masks to one element type.",
                port=port,
            )


def mask_argument(call: CodeCall, port: str, heads: int, causal: str) -> str:
    """The mask that torch is given, one copy per head, joined with the causal one of `causal`; "" for none."""
    given = call.inputs.get(port)
    if given is None:
        numbers = any(specs[0].dtype != "bool" for name, specs in call.specs.items() if name.endswith("mask"))
        mask = f"causal_mask({causal})" if causal else ""
        return f"torch.where({mask}, -torch.inf, 0.0)" if mask and numbers else mask
    mask, (spec,) = given[0], call.specs[port]
    if causal and spec.dtype == "bool":
        mask = f"({mask} | causal_mask({causal}))"
    elif causal:
        mask = f"{mask}.masked_fill(causal_mask({causal}), -torch.inf)"
    if spec.rank == 4:
        return f"{mask}.flatten(0, 1)"
    return f"{mask}.repeat_interleave({heads}, dim=0)" if heads > 1 else mask


def _shape(call: ShapeCall) -> Specs:
    length, features = sequence_dims(call, "query")
    check_divides(call, "num_heads", features, "features")
    key, value = _sources(call)
    reach, places = sequence_dims(call, key)[0], sequence_dims(call, value)[0]
    if reach != places:
        raise ShapeError(
            f"{call.name} gets keys of length {reach} and values of length {places}; each key needs its "
            f"value.",
            port="value",
        )
    if call.values["causal"] and length != reach:
        raise ShapeError(
            f"{call.name} is causal, so query and key must be equally long; they have {length} and {reach} "
            f"places.",
            port="key",
        )
    heads = call.integer("num_heads")
    check_mask(call, "attn_mask", length, reach, heads)
    check_padding_mask(call, "key_padding_mask", reach)
    check_mask_types(call)
    extra = bool(call.values["add_bias_kv"]) + bool(call.values["add_zero_attn"])
    looks = (length, reach + extra) if call.values["average_attn_weights"] else (heads, length, reach + extra)
    return {
        "output": TensorSpec((BATCH, length, features)),
        "weights": TensorSpec((BATCH, *looks)),
    }


def _other_size(call: ShapeCall, place: int) -> int | None:
    size = sequence_dims(call, _sources(call)[place])[1]
    return None if size == sequence_dims(call, "query")[1] else size


def _count(call: ShapeCall) -> int:
    size = sequence_dims(call, "query")[1]
    key, value = (sequence_dims(call, port)[1] for port in _sources(call))
    weights = size * (size + key + value + size)
    added = 2 * size if call.values["add_bias_kv"] else 0
    return weights + added + (4 * size if call.values["bias"] else 0)


def looks_macs(size: int, length: int, reach: int, sources: int) -> int:
    """Projections of queries, keys (both of `sources` features in all) and values; scores; sums; the last one."""
    return size * (2 * length * size + reach * sources) + 2 * length * reach * size


def looks_kept(size: int, length: int, heads: int, *, reach: int, other: int, dropout: bool) -> TensorSpec:
    """Numbers that attention keeps of each sample: inputs and projections, the output, and with dropout the looks.

    Args:
        size: Features of the query.
        length: Places that look.
        heads: Looks side by side.
        reach: Places that are looked at.
        other: Features of the other sequences in all; 0 if a sequence looks at itself.
        dropout: Whether looks are dropped; torch then keeps scaled queries and keys and three tables of looks.
    """
    mine, theirs = length * size, reach * size
    kept = 3 * mine + 2 * theirs if other == 0 or not dropout else 2 * mine + 2 * theirs
    kept += reach * other
    kept += mine + theirs + 3 * heads * length * reach if dropout else heads * length
    return TensorSpec((BATCH, kept))


def _macs(call: ShapeCall, outputs: Specs) -> int:
    length, size = sequence_dims(call, "query")
    (reach, key), (_, value) = (sequence_dims(call, port) for port in _sources(call))
    added = bool(call.values["add_bias_kv"]) + bool(call.values["add_zero_attn"])
    return looks_macs(size, length, reach, key + value) + 2 * length * added * size


def _keeps(call: ShapeCall, outputs: Specs) -> Kept:
    length, size = sequence_dims(call, "query")
    key, value = _sources(call)
    others = {port for port in (key, value) if port != "query"}
    kept = looks_kept(
        size,
        length,
        call.integer("num_heads"),
        reach=sequence_dims(call, key)[0],
        other=sum(sequence_dims(call, port)[1] for port in others),
        dropout=bool(call.values["dropout"]),
    )
    return Kept(inside=(kept,))


def _code(call: CodeCall) -> str:
    query = call.inputs["query"][0]
    key = call.inputs.get("key", (query,))[0]
    arguments = [query, key, call.inputs.get("value", (key,))[0]]
    if "key_padding_mask" in call.inputs:
        arguments.append(f"key_padding_mask={call.inputs['key_padding_mask'][0]}")
    mask = mask_argument(
        call, "attn_mask", int(str(call.values["num_heads"])), query if call.values["causal"] else ""
    )
    if mask:
        arguments.append(f"attn_mask={mask}")
    if "weights" not in call.used:
        arguments.append("need_weights=False")
    elif not call.values["average_attn_weights"]:
        arguments.append("average_attn_weights=False")
    return f"self.{call.name}({', '.join(arguments)})"


CAUSAL_MASK = '''\
def causal_mask(x: Tensor) -> Tensor:
    """True where a place (row) must not look at a later one (column); x is (N, length, features)."""
    length = x.shape[1]
    return torch.ones(length, length, dtype=torch.bool, device=x.device).triu(1)
'''

MULTIHEAD_ATTENTION = Kind(
    name="MultiheadAttention",
    common=True,
    category="Attention",
    summary="Lets every place of a sequence look at all others and take in what matters to it.",
    doc="Wire only `query` for self-attention; wire `key` (and `value`) to look at another sequence. The "
    "heart of a "
    "transformer.",
    formula="softmax(Q·Kᵀ / √d)·V, once per head",
    source=TORCH + "MultiheadAttention.html",
    keywords=("self-attention", "transformer", "mha", "cross-attention"),
    parameters=(
        Parameter(
            "num_heads",
            Integer(minimum=1, maximum=1024),
            4,
            "Number of looks side by side; must divide the number of features.",
        ),
        Parameter(
            "dropout",
            Number(minimum=0.0, maximum=1.0),
            0.0,
            "Share of looks that are dropped while training.",
        ),
        Parameter(
            "causal",
            Boolean(),
            False,
            "Whether a place may look at itself and earlier ones only, as when predicting what comes next.",
        ),
        Parameter("bias", Boolean(), True, "Whether offsets are learned.", advanced=True),
        Parameter(
            "add_bias_kv",
            Boolean(),
            False,
            "Add one learned place to keys and values, for looks that find nothing.",
            advanced=True,
        ),
        Parameter(
            "add_zero_attn", Boolean(), False, "Add one place of zeros to keys and values.", advanced=True
        ),
        Parameter(
            "average_attn_weights",
            Boolean(),
            True,
            "Whether the output weights is the mean of all heads; each head's own if off.",
            advanced=True,
        ),
    ),
    inputs=(
        Port(name="query", doc="N×length×features: who looks", dtypes=WEIGHT_DTYPES),
        Port(
            name="key",
            doc="N×places×features: what is looked at; the query if unwired",
            dtypes=WEIGHT_DTYPES,
            optional=True,
        ),
        Port(
            name="value",
            doc="N×places×features: what is taken in; the key if unwired",
            dtypes=WEIGHT_DTYPES,
            optional=True,
        ),
        padding_port("key_padding_mask", "the key", "places"),
        mask_port("attn_mask", "length×places"),
    ),
    outputs=(
        Port(name="output", doc="N×length×features"),
        Port(
            name="weights",
            doc="N×length×places: who looked where, averaged over heads, or N×heads×length×places",
        ),
    ),
    derived=(
        Derived(
            name="embed_dim",
            compute=lambda call: sequence_dims(call, "query")[1],
            doc="Features of the query.",
        ),
        Derived(
            name="kdim",
            compute=lambda call: _other_size(call, 0),
            doc="Features of the key, if others.",
            positional=False,
        ),
        Derived(
            name="vdim",
            compute=lambda call: _other_size(call, 1),
            doc="Features of the value, if others.",
            positional=False,
        ),
    ),
    shape=_shape,
    module="nn.MultiheadAttention",
    fixed={"batch_first": True},
    named=("num_heads",),
    call_only=("causal", "average_attn_weights"),
    forward=_code,
    unpack="{output}, {weights}",
    support=CAUSAL_MASK,
    parameter_count=_count,
    macs=_macs,
    keeps=_keeps,
    views=("attention",),
)
