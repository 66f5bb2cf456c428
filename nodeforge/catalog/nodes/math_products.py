"""Products of matrices, and attention without weights."""

from __future__ import annotations

import math
import re

from nodeforge.catalog.cost_rules import keeps_factors
from nodeforge.catalog.kind import WIDE_DTYPES, CodeCall, Kept, Kind, Port, ShapeCall
from nodeforge.catalog.rules import OPS, Specs, set_parameter
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Boolean, Number, Optional, Parameter, Text
from nodeforge.core.specs import BATCH, Dim, TensorSpec


def _product(call: ShapeCall) -> Specs:
    one, two = call.input("input"), call.input("other")
    if one.dtype != two.dtype:
        raise ShapeError(
            f"{call.name} gets {one.dtype} and {two.dtype}: bring its inputs to one element type with Cast.",
            port="other",
        )
    if (
        min(one.rank, two.rank) < 3
        or one.shape[:-2] != two.shape[:-2]
        or BATCH in (*one.shape[-2:], *two.shape[-2:])
    ):
        raise ShapeError(
            f"{call.name} needs matrices N×…×rows×columns with equal axes before the last two; it gets {one} and "
            f"{two}.",
            port="other",
        )
    if one.shape[-1] != two.shape[-2]:
        raise ShapeError(
            f"{call.name} needs as many columns in the first as rows in the second; {one} has {one.shape[-1]} and "
            f"{two} has {two.shape[-2]}.",
            port="other",
        )
    return {"output": one.with_shape((*one.shape[:-1], two.shape[-1]))}


def _product_macs(call: ShapeCall, outputs: Specs) -> int:
    inner = call.input("input").shape[-1]
    assert isinstance(inner, int)
    return outputs["output"].sample_size * inner


MATMUL = Kind(
    name="MatMul",
    category="Math",
    summary="Multiplies matrices, sample by sample.",
    doc="Every row of the first with every column of the second. The heart of attention; Linear is a product with "
    "a learned matrix.",
    formula="y[i, j] = Σₖ a[i, k]·b[k, j]",
    source=OPS + "matmul.html",
    keywords=("matrix product", "bmm", "batch", "dot product", "multiply"),
    inputs=(
        Port(name="input", doc="N×…×rows×inner", dtypes=WIDE_DTYPES),
        Port(name="other", doc="N×…×inner×columns", dtypes=WIDE_DTYPES),
    ),
    outputs=(Port(name="output", doc="N×…×rows×columns"),),
    shape=_product,
    forward=lambda call: f"{call.inputs['input'][0]} @ {call.inputs['other'][0]}",
    keeps=keeps_factors,
    macs=_product_macs,
)


def _attended(call: ShapeCall) -> Specs:
    query, key, value = (call.input(port) for port in ("query", "key", "value"))
    if query.rank < 3 or query.shape[0] != BATCH or BATCH in query.shape[1:]:
        raise ShapeError(f"{call.name} needs N×…×length×features; it gets {query}.", port="query")
    if call.values["enable_gqa"]:
        _check_groups(call, query, key)
    elif key.shape[:-2] != query.shape[:-2] or key.shape[-1:] != query.shape[-1:]:
        raise ShapeError(
            f"{call.name} needs keys like its queries {query} but for their number; it gets {key}.",
            port="key",
        )
    if value.shape[:-1] != key.shape[:-1]:
        raise ShapeError(f"{call.name} needs a value for each key of {key}; it gets {value}.", port="value")
    expected = TensorSpec((*query.shape[:-1], key.shape[-2]))
    if "attn_mask" in call.inputs:
        mask = call.input("attn_mask")
        if mask.shape != expected.shape:
            raise ShapeError(
                f"{call.name} needs an attn_mask of {expected}; it gets {mask}.", port="attn_mask"
            )
        if call.values["is_causal"]:
            raise ShapeError(
                f"{call.name} takes either attn_mask or is_causal: switch is_causal off and put the order into the "
                "mask.",
                port="attn_mask",
            )
    return {"output": query.with_shape((*query.shape[:-1], value.shape[-1]))}


def _attended_macs(call: ShapeCall, outputs: Specs) -> int:
    """Scores, then their sum of values."""
    reach = call.input("key").shape[-2]
    assert isinstance(reach, int)
    return (call.input("query").sample_size + outputs["output"].sample_size) * reach


def _attended_keeps(call: ShapeCall, outputs: Specs) -> Kept:
    """Queries, keys, values and the output; a mask that is wired makes torch keep the looks themselves."""
    query, key = call.input("query"), call.input("key")
    looks = query.with_shape((*query.shape[:-1], key.shape[-2]))
    inside = (query, key, looks) if "attn_mask" in call.inputs else ()
    return Kept(inputs=("query", "key", "value"), outputs=tuple(outputs), inside=inside)


def _check_groups(call: ShapeCall, query: TensorSpec, key: TensorSpec) -> None:
    """Several heads of the query may share one head of the key."""
    shared = (
        query.rank == key.rank == 4
        and key.shape[0] == BATCH
        and int(query.shape[1]) % int(key.shape[1]) == 0
        and query.shape[-1] == key.shape[-1]
    )
    if not shared:
        raise ShapeError(
            f"{call.name} has enable_gqa on, so queries and keys must be N×heads×length×features, with heads that "
            f"divide those of the query; it gets {query} and {key}.",
            port="key",
        )


def _attention_code(call: CodeCall) -> str:
    # Without an axis of heads torch computes the same, but cannot write it as ONNX.
    one_head = call.specs["query"][0].rank == 3
    heads = ".unsqueeze(1)" if one_head else ""
    arguments = [f"{call.inputs[port][0]}{heads}" for port in ("query", "key", "value")]
    if "attn_mask" in call.inputs:
        arguments.append(f"attn_mask={call.inputs['attn_mask'][0]}{heads}")
    if call.values["is_causal"]:
        arguments.append("is_causal=True")
    if call.values["scale"] is not None:
        arguments.append(f"scale={call.values['scale']!r}")
    if call.values["dropout_p"]:
        arguments.append(f"dropout_p={call.values['dropout_p']!r} if self.training else 0.0")
    if call.values["enable_gqa"]:
        arguments.append("enable_gqa=True")
    attended = f"nn.functional.scaled_dot_product_attention({', '.join(arguments)})"
    return f"{attended}.squeeze(1)" if one_head else attended


SCALED_DOT_PRODUCT_ATTENTION = Kind(
    name="ScaledDotProductAttention",
    category="Attention",
    summary="Attention without weights of its own: queries look at keys and take in their values.",
    doc="What MultiheadAttention does inside, for those who wire the rest themselves. The mask is true where a look "
    "is allowed, or a number that is added to the score.",
    formula="softmax(Q·Kᵀ·scale + mask)·V",
    source=OPS + "nn.functional.scaled_dot_product_attention.html",
    keywords=("self-attention", "transformer", "sdpa", "flash"),
    parameters=(
        Parameter("is_causal", Boolean(), False, "Whether a place may look at itself and earlier ones only."),
        Parameter(
            "scale",
            Optional(of=Number(), empty="1/√features"),
            None,
            "What scores are multiplied by.",
            advanced=True,
        ),
        Parameter(
            "dropout_p",
            Number(minimum=0.0, maximum=1.0),
            0.0,
            "Share of looks that are dropped while training.",
        ),
        Parameter(
            "enable_gqa",
            Boolean(),
            False,
            "Whether several heads of the query share one head of key and value (grouped-query attention).",
            advanced=True,
        ),
    ),
    inputs=(
        Port(name="query", doc="N×…×length×features", dtypes=frozenset({"float32"})),
        Port(name="key", doc="N×…×places×features", dtypes=frozenset({"float32"})),
        Port(name="value", doc="N×…×places×any", dtypes=frozenset({"float32"})),
        Port(
            name="attn_mask",
            doc="N×…×length×places: true where a look is allowed, or numbers to add",
            dtypes=frozenset({"bool", "float32"}),
            optional=True,
        ),
    ),
    outputs=(Port(name="output", doc="N×…×length×any, one value for each query"),),
    shape=_attended,
    forward=_attention_code,
    macs=_attended_macs,
    keeps=_attended_keeps,
    views=("attention",),
)


_EQUATION = re.compile(r"[A-Za-z]+(,[A-Za-z]+)*->[A-Za-z]*")


def _summed(call: ShapeCall) -> Specs:
    equation, specs = str(call.values["equation"]).replace(" ", ""), call.inputs["inputs"]
    if not _EQUATION.fullmatch(equation):
        raise ShapeError(
            f'{call.name} has equation "{equation}", which is not of the form "ni,ij->nj": letters for the axes of '
            "each input, then those of the output.",
            suggestions=(set_parameter("equation", "ni,ni->n"),),
        )
    left, output = equation.split("->")
    terms = left.split(",")
    if len(terms) != len(specs):
        raise ShapeError(
            f"{call.name} has {len(specs)} inputs, and its equation {equation} is for {len(terms)}.",
            port="inputs",
        )
    sizes = _letters(call, terms)
    if len(set(output)) != len(output) or not set(output) <= sizes.keys():
        raise ShapeError(
            f"{call.name} gives {output}: each letter once, and only letters that an input has ({', '.join(sizes)})."
        )
    batches = {letter for letter, size in sizes.items() if size == BATCH}
    if not batches <= set(output):
        raise ShapeError(
            f"{call.name} sums over {', '.join(sorted(batches))}, which is the batch: samples must be kept apart."
        )
    return {"output": specs[0].with_shape(sizes[letter] for letter in output)}


def _summed_macs(call: ShapeCall, outputs: Specs) -> int:
    """One product for each combination of letters and each input after the first."""
    terms = str(call.values["equation"]).replace(" ", "").split("->")[0].split(",")
    sizes = _letters(call, terms).values()
    return math.prod(size for size in sizes if isinstance(size, int)) * (len(terms) - 1)


def _einsum_code(call: CodeCall) -> str:
    # Only letters, commas and the arrow are left of what the file says.
    equation = re.sub("[^A-Za-z,>-]", "", str(call.values["equation"]))
    return f'torch.einsum("{equation}", {", ".join(call.inputs["inputs"])})'


def _letters(call: ShapeCall, terms: list[str]) -> dict[str, Dim]:
    """The size that each letter stands for."""
    sizes: dict[str, Dim] = {}
    for term, spec in zip(terms, call.inputs["inputs"], strict=True):
        if spec.dtype != call.inputs["inputs"][0].dtype:
            raise ShapeError(
                f"{call.name} gets {call.inputs['inputs'][0].dtype} and {spec.dtype}: bring its inputs to one element "
                "type with Cast.",
                port="inputs",
            )
        if len(term) != spec.rank:
            raise ShapeError(
                f"{call.name} names {len(term)} axes by {term}, but {spec} has {spec.rank}.", port="inputs"
            )
        for letter, size in zip(term, spec.shape, strict=True):
            if sizes.setdefault(letter, size) != size:
                raise ShapeError(
                    f"{call.name} uses {letter} for {sizes[letter]} and for {size} (in {spec}): one letter, one size.",
                    port="inputs",
                )
    return sizes


EINSUM = Kind(
    name="Einsum",
    category="Math",
    summary="Any product and sum of axes, in one line of letters.",
    doc="Every axis gets a letter. Axes of one letter are multiplied place by place; letters that the output lacks are "
    "summed over. Keep the batch in the output.",
    formula="nij,njk->nik is MatMul; ni,ni->n is a dot product",
    source=OPS + "einsum.html",
    keywords=("einstein", "product", "contraction", "dot product", "outer product"),
    parameters=(
        Parameter(
            "equation",
            Text(),
            "ni,ni->n",
            "Letters for the axes of each input, an arrow, those of the output.",
        ),
    ),
    inputs=(
        Port(name="inputs", doc="one or more, in the order of the equation", dtypes=WIDE_DTYPES, many=True),
    ),
    outputs=(Port(name="output", doc="one axis for each letter of the output"),),
    shape=_summed,
    forward=_einsum_code,
    keeps=keeps_factors,
    macs=_summed_macs,
)
