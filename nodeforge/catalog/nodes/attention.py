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


def mask_port(name: str, lengths: str) -> Port:
    """An optional port for a mask of who must not look where."""
    doc = f"N×{lengths}: true where the first must not look at the second"
    return Port(name=name, doc=doc, dtypes=frozenset({"bool"}), optional=True)


def check_mask(call: ShapeCall, port: str, length: int, places: int) -> None:
    """A mask, where one is wired, needs a value for each pair of places."""
    expected = TensorSpec((BATCH, length, places), "bool")
    if port in call.inputs and call.input(port).shape != expected.shape:
        raise ShapeError(f"{call.name} needs {port} of {expected}; it gets {call.input(port)}.", port=port)


def mask_argument(call: CodeCall, port: str, heads: int, causal: str) -> str:
    """The mask that torch is given, one copy per head, joined with the causal one of `causal`; "" for none."""
    given = call.inputs.get(port)
    if given is None:
        return f"causal_mask({causal})" if causal else ""
    mask = f"({given[0]} | causal_mask({causal}))" if causal else given[0]
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
    check_mask(call, "attn_mask", length, reach)
    mask = TensorSpec((BATCH, reach), "bool")
    if "key_padding_mask" in call.inputs and call.input("key_padding_mask").shape != mask.shape:
        raise ShapeError(
            f"{call.name} needs a key_padding_mask of {mask}; it gets {call.input('key_padding_mask')}.",
            port="key_padding_mask",
        )
    extra = bool(call.values["add_bias_kv"]) + bool(call.values["add_zero_attn"])
    return {
        "output": TensorSpec((BATCH, length, features)),
        "weights": TensorSpec((BATCH, length, reach + extra)),
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
        Port(
            name="key_padding_mask",
            doc="N×places: true where a place only fills up and must be ignored",
            dtypes=frozenset({"bool"}),
            optional=True,
        ),
        mask_port("attn_mask", "length×places"),
    ),
    outputs=(
        Port(name="output", doc="N×length×features"),
        Port(name="weights", doc="N×length×places: who looked where, averaged over heads"),
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
    call_only=("causal",),
    forward=_code,
    unpack="{output}, {weights}",
    support=CAUSAL_MASK,
    parameter_count=_count,
    macs=_macs,
    keeps=_keeps,
)
