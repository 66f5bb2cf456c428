"""The layers of the transformer as torch.nn has them: one block, a stack of blocks, encoder with decoder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nodeforge.catalog.kind import WEIGHT_DTYPES, CodeCall, Derived, Kept, Kind, Port, ShapeCall
from nodeforge.catalog.nodes.attention import (
    CAUSAL_MASK,
    check_mask,
    check_mask_types,
    check_padding_mask,
    looks_kept,
    looks_macs,
    mask_argument,
    mask_port,
    padding_port,
)
from nodeforge.catalog.rules import TORCH, Specs, check_divides, sequence_dims
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Boolean, Choice, Integer, Number, Parameter, Value
from nodeforge.core.specs import BATCH, TensorSpec

_PAPER = "A transformer block (Vaswani et al., 2017)."
_FORMULA = {
    False: "x ← LN(x + Attention(x)); x ← LN(x + W₂·act(W₁·x))",
    True: "x ← LN(x + Attention(x)); x ← LN(x + Attention(x, memory)); x ← LN(x + W₂·act(W₁·x))",
}
_HEADS = Parameter(
    "nhead", Integer(minimum=1, maximum=1024), 4, "Number of looks side by side; must divide the features."
)
_BLOCK = (
    Parameter(
        "dim_feedforward",
        Integer(minimum=1, maximum=1_000_000),
        2048,
        "Width of the two Linear layers behind the attention; four times the features is usual.",
    ),
    Parameter(
        "dropout",
        Number(minimum=0.0, maximum=1.0),
        0.1,
        "Share of values that are dropped while training.",
    ),
    Parameter(
        "activation",
        Choice(options=("relu", "gelu")),
        "relu",
        "What stands between the two Linear layers.",
    ),
    Parameter(
        "layer_norm_eps",
        Number(minimum=0.0, exclusive_minimum=True),
        1e-5,
        "Small number added to the variance in the normalizations.",
        advanced=True,
    ),
    Parameter(
        "norm_first",
        Boolean(),
        False,
        "Normalize before attention and Linear layers instead of after: deep stacks train more steadily.",
    ),
    Parameter("bias", Boolean(), True, "Whether offsets are learned.", advanced=True),
)
_NORM = Parameter(
    "norm", Boolean(), False, "Whether a LayerNorm ends the stack; usual with norm_first.", advanced=True
)


def _layers(name: str, what: str) -> Parameter:
    return Parameter(name, Integer(minimum=1, maximum=1000), 6, f"Number of {what} on top of each other.")


def _causal(name: str = "causal", where: str = "") -> Parameter:
    doc = "Whether a place may look at itself and earlier ones only, as when predicting what comes next"
    return Parameter(name, Boolean(), False, f"{doc}{where}.")


def _sequence_port(name: str, doc: str) -> Port:
    return Port(name=name, doc=f"N×length×features: {doc}", dtypes=WEIGHT_DTYPES)


_SOURCE = (
    _sequence_port("src", "the sequence"),
    mask_port("mask", "length×length"),
    padding_port("src_key_padding_mask", "src"),
)
_TARGET = (
    _sequence_port("tgt", "the sequence that is written"),
    _sequence_port("memory", "the sequence that is read, from an encoder"),
    mask_port("tgt_mask", "length×length"),
    mask_port("memory_mask", "length×places"),
    padding_port("tgt_key_padding_mask", "tgt"),
    padding_port("memory_key_padding_mask", "memory"),
)


def _features(call: ShapeCall) -> int:
    return sequence_dims(call)[1]


def _check(call: ShapeCall, masks: Mapping[str, tuple[str, str]], padding: Mapping[str, str]) -> Specs:
    """Two sequences need equal features; masks (by port: who looks, at whom) need their lengths."""
    features = _features(call)
    check_divides(call, "nhead", features, "features")
    first = next(iter(call.inputs))
    for other in {who for pair in masks.values() for who in pair} - {first}:
        if sequence_dims(call, other)[1] != features:
            raise ShapeError(
                f"{call.name} needs {first} and {other} with equal features; they have {features} and "
                f"{sequence_dims(call, other)[1]}.",
                port=other,
            )
    for port, (looking, looked) in masks.items():
        lengths = sequence_dims(call, looking)[0], sequence_dims(call, looked)[0]
        check_mask(call, port, *lengths, call.integer("nhead"))
    for port, sequence in padding.items():
        check_padding_mask(call, port, sequence_dims(call, sequence)[0])
    check_mask_types(call)
    return {"output": call.input("tgt" if "tgt" in call.inputs else "src")}


_ENCODER_MASKS = {"mask": ("src", "src")}
_DECODER_MASKS = {"tgt_mask": ("tgt", "tgt"), "memory_mask": ("tgt", "memory")}
_DECODER_PADDING = {"tgt_key_padding_mask": "tgt", "memory_key_padding_mask": "memory"}
_BOTH_MASKS = {"src_mask": ("src", "src"), "tgt_mask": ("tgt", "tgt"), "memory_mask": ("tgt", "src")}
_BOTH_PADDING = {
    "src_key_padding_mask": "src",
    "tgt_key_padding_mask": "tgt",
    "memory_key_padding_mask": "src",
}


def _encode(call: ShapeCall) -> Specs:
    return _check(call, _ENCODER_MASKS, {"src_key_padding_mask": "src"})


def _decode(call: ShapeCall) -> Specs:
    return _check(call, _DECODER_MASKS, _DECODER_PADDING)


def _translate(call: ShapeCall) -> Specs:
    return _check(call, _BOTH_MASKS, _BOTH_PADDING)


@dataclass(frozen=True, slots=True)
class _Mask:
    """How a mask port becomes an argument of torch's `forward`.

    Attributes:
        port: The port.
        looking: The sequence that looks.
        causal: Whether the parameter `causal` is about it.
        name: torch's name of the argument.
        hint: torch's argument that tells whether the mask is the causal one; without it torch looks at every
            number of the mask, which no export can follow. "" where torch does not look.
    """

    port: str
    looking: str
    name: str
    causal: bool = False
    hint: str = ""


def _code(call: CodeCall, sequences: tuple[str, ...], masks: tuple[_Mask, ...]) -> str:
    arguments = [call.inputs[port][0] for port in sequences]
    heads = int(str(call.values["nhead"]))
    for mask in masks:
        causal = mask.causal and bool(call.values["causal"])
        text = mask_argument(call, mask.port, heads, call.inputs[mask.looking][0] if causal else "")
        if text:
            arguments.append(f"{mask.name}={text}")
        if text and mask.hint:
            arguments.append(f"{mask.hint}={causal and mask.port not in call.inputs}")
    padding = [port for port in call.inputs if port.endswith("_padding_mask")]
    arguments += [f"{port}={call.inputs[port][0]}" for port in padding]
    return f"self.{call.name}({', '.join(arguments)})"


def _block_count(features: int, values: Mapping[str, Value], attentions: int) -> int:
    """Weights of one block with one or two attentions, and one normalization more than that."""
    width, bias = int(str(values["dim_feedforward"])), bool(values["bias"])
    attention = 4 * features * (features + bias)
    linears = features * (width + bias) + width * (features + bias)
    return attentions * attention + linears + (attentions + 1) * features * (1 + bias)


def _counted(attentions: int) -> Callable[[ShapeCall], int]:
    def count(call: ShapeCall) -> int:
        features, layers = _features(call), call.values.get("num_layers", 1)
        assert isinstance(layers, int)
        ending = 2 * features if call.values.get("norm") else 0
        return layers * _block_count(features, call.values, attentions) + ending

    return count


def _count_both(call: ShapeCall) -> int:
    features = _features(call)
    encoder = call.integer("num_encoder_layers") * _block_count(features, call.values, 1)
    decoder = call.integer("num_decoder_layers") * _block_count(features, call.values, 2)
    return encoder + decoder + 2 * features * (1 + bool(call.values["bias"]))


def _block_macs(size: int, length: int, width: int, reach: int = 0) -> int:
    """Of one block; `reach` is the length of the memory that a decoder's block looks at."""
    looks = looks_macs(size, length, length, 2 * size)
    looks += looks_macs(size, length, reach, 2 * size) if reach else 0
    return looks + 2 * length * size * width


def _macs(call: ShapeCall, outputs: Specs) -> int:
    length, size = sequence_dims(call)
    reach = sequence_dims(call, "memory")[0] if "memory" in call.inputs else 0
    layers = call.values.get("num_layers", 1)
    assert isinstance(layers, int)
    return layers * _block_macs(size, length, call.integer("dim_feedforward"), reach)


def _macs_both(call: ShapeCall, outputs: Specs) -> int:
    width, (reach, size), (length, _) = (
        call.integer("dim_feedforward"),
        sequence_dims(call, "src"),
        sequence_dims(call, "tgt"),
    )
    encoder = call.integer("num_encoder_layers") * _block_macs(size, reach, width)
    return encoder + call.integer("num_decoder_layers") * _block_macs(size, length, width, reach)


def _block_kept(call: ShapeCall, length: int, reach: int = 0) -> list[TensorSpec]:
    """Of one block: its attentions, what the normalizations and Linear layers are given, and the masks of dropout."""
    size, width, heads = _features(call), call.integer("dim_feedforward"), call.integer("nhead")
    dropout = bool(call.values["dropout"])
    kept = [looks_kept(size, length, heads, reach=length, other=0, dropout=dropout)]
    if reach:
        kept.append(looks_kept(size, length, heads, reach=reach, other=size, dropout=dropout))
    norms = len(kept) + 1
    wide = 3 if dropout else 1 + (call.values["activation"] == "gelu")
    narrow = 1 + norms * (1 + dropout)
    return [*kept, TensorSpec((BATCH, length, narrow * size + wide * width))]


def _keeps(call: ShapeCall, outputs: Specs) -> Kept:
    length, _ = sequence_dims(call)
    reach = sequence_dims(call, "memory")[0] if "memory" in call.inputs else 0
    layers = call.values.get("num_layers", 1)
    assert isinstance(layers, int)
    return Kept(inside=tuple(_block_kept(call, length, reach) * layers))


def _keeps_both(call: ShapeCall, outputs: Specs) -> Kept:
    reach, length = sequence_dims(call, "src")[0], sequence_dims(call, "tgt")[0]
    encoder = _block_kept(call, reach) * call.integer("num_encoder_layers")
    return Kept(inside=(*encoder, *_block_kept(call, length, reach) * call.integer("num_decoder_layers")))


def _block_source(layer: str) -> Callable[[Mapping[str, Value]], str]:
    """The block that a stack repeats, as the code writes it."""

    def spell(values: Mapping[str, Value]) -> str:
        given = [f"{p.name}={values[p.name]!r}" for p in _BLOCK if values[p.name] != p.default]
        arguments = ", ".join(
            [str(values["d_model"]), f"nhead={values['nhead']}", *given, "batch_first=True"]
        )
        return f"nn.{layer}({arguments})".replace("'", '"')

    return spell


def _norm_source(values: Mapping[str, Value]) -> str:
    return f"nn.LayerNorm({values['d_model']})"


def _kind(
    name: str,
    *,
    summary: str,
    doc: str,
    decoder: bool,
    stack_of: str = "",
    parameters: tuple[Parameter, ...] = (),
) -> Kind:
    masks: tuple[_Mask, ...]
    if decoder:
        hint = "tgt_is_causal" if stack_of else ""
        masks = (
            _Mask("tgt_mask", "tgt", "tgt_mask", causal=True, hint=hint),
            _Mask("memory_mask", "tgt", "memory_mask"),
        )
    else:
        name_of, hint = ("mask", "is_causal") if stack_of else ("src_mask", "")
        masks = (_Mask("mask", "src", name_of, causal=True, hint=hint),)
    sequences = ("tgt", "memory") if decoder else ("src",)
    inside = ("nhead", *(p.name for p in _BLOCK)) if stack_of else ()
    fixed: dict[str, Value] = {"batch_first": True} if not stack_of else {}
    if name == "TransformerEncoder":
        fixed["enable_nested_tensor"] = False
    spelled = {"d_model": _block_source(stack_of), "norm": _norm_source} if stack_of else {}
    return Kind(
        name=name,
        category="Attention",
        summary=summary,
        doc=doc,
        formula=_FORMULA[decoder],
        source=TORCH + f"{name}.html",
        keywords=("transformer", "self-attention", "sequence", "bert", "gpt"),
        parameters=(_HEADS, *parameters, *_BLOCK, _causal()),
        inputs=_TARGET if decoder else _SOURCE,
        outputs=(Port(name="output", doc="N×length×features"),),
        derived=(Derived(name="d_model", compute=_features, doc="Features of the sequence."),),
        shape=_decode if decoder else _encode,
        module=f"nn.{name}",
        fixed=fixed,
        named=("num_layers",) if stack_of else ("nhead",),
        spelled=spelled,
        call_only=("causal", *inside),
        forward=lambda call: _code(call, sequences, masks),
        support=CAUSAL_MASK,
        parameter_count=_counted(2 if decoder else 1),
        macs=_macs,
        keeps=_keeps,
        views=("attention",),
    )


TRANSFORMER_ENCODER_LAYER = _kind(
    "TransformerEncoderLayer",
    summary="One block of a transformer: every place looks at all others, then thinks for itself.",
    doc=f"{_PAPER} Put an Embedding and a positional encoding before the first block.",
    decoder=False,
)
TRANSFORMER_DECODER_LAYER = _kind(
    "TransformerDecoderLayer",
    summary="One block that writes a sequence while it reads another.",
    doc=f"{_PAPER} It looks at what is written so far, then at the memory of an encoder. Switch causal on, so that no "
    "place sees what comes after it.",
    decoder=True,
)
TRANSFORMER_ENCODER = _kind(
    "TransformerEncoder",
    summary="A stack of transformer blocks, each with weights of its own.",
    doc="Reads a sequence and gives every place a summary of what it means there. The body of BERT; with causal on, "
    "that of GPT.",
    decoder=False,
    stack_of="TransformerEncoderLayer",
    parameters=(_layers("num_layers", "blocks"), _NORM),
)
TRANSFORMER_DECODER = _kind(
    "TransformerDecoder",
    summary="A stack of blocks that write a sequence while they read another.",
    doc="The second half of a translator. Switch causal on, so that no place sees what comes after it.",
    decoder=True,
    stack_of="TransformerDecoderLayer",
    parameters=(_layers("num_layers", "blocks"), _NORM),
)
_TRANSFORMER_MASKS = (
    _Mask("src_mask", "src", "src_mask", hint="src_is_causal"),
    _Mask("tgt_mask", "tgt", "tgt_mask", causal=True, hint="tgt_is_causal"),
    _Mask("memory_mask", "tgt", "memory_mask"),
)
TRANSFORMER = Kind(
    name="Transformer",
    category="Attention",
    summary="The whole transformer: an encoder that reads one sequence, a decoder that writes another.",
    doc="Made for translation (Vaswani et al., 2017). Put embeddings and positional encodings before both inputs and "
    "a Linear behind; switch causal on for training.",
    formula="decoder(tgt, encoder(src))",
    source=TORCH + "Transformer.html",
    keywords=("translation", "seq2seq", "encoder", "decoder", "self-attention"),
    parameters=(
        _HEADS,
        _layers("num_encoder_layers", "blocks that read"),
        _layers("num_decoder_layers", "blocks that write"),
        *_BLOCK,
        _causal(where=" of tgt"),
    ),
    inputs=(
        _sequence_port("src", "the sequence that is read"),
        _sequence_port("tgt", "the sequence that is written"),
        mask_port("src_mask", "source length×source length"),
        mask_port("tgt_mask", "length×length"),
        mask_port("memory_mask", "length×source length"),
        padding_port("src_key_padding_mask", "src"),
        padding_port("tgt_key_padding_mask", "tgt"),
        padding_port("memory_key_padding_mask", "the encoder's answer"),
    ),
    outputs=(Port(name="output", doc="N×length×features, of tgt"),),
    derived=(Derived(name="d_model", compute=_features, doc="Features of both sequences."),),
    shape=_translate,
    module="nn.Transformer",
    fixed={"batch_first": True},
    named=("nhead",),
    call_only=("causal",),
    forward=lambda call: _code(call, ("src", "tgt"), _TRANSFORMER_MASKS),
    support=CAUSAL_MASK,
    parameter_count=_count_both,
    macs=_macs_both,
    keeps=_keeps_both,
    views=("attention",),
)
