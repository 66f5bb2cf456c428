"""Drawn uses of a kind: parameters, and input specs that mostly fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contract import architectures
from contract.shapes import drawn_inputs
from hypothesis import strategies as st

from nodeforge.analysis.evaluation import normalise
from nodeforge.catalog import Kind, kinds
from nodeforge.catalog.kind import ShapeCall
from nodeforge.core import parameters as p
from nodeforge.core.parameters import Value
from nodeforge.core.specs import BATCH, TensorSpec

Inputs = dict[str, tuple[TensorSpec, ...]]

BORDERS = ("Input", "Output", "Target")
NAMES = [name for name in kinds() if name not in BORDERS]


@dataclass(frozen=True)
class Case:
    """One use of a kind: what a node would be told, and what would arrive."""

    name: str
    values: Mapping[str, Value]
    inputs: Inputs

    @property
    def kind(self) -> Kind:
        return kinds()[self.name]

    @property
    def call(self) -> ShapeCall:
        return ShapeCall("subject", self.values, self.inputs)


def values_of(kind_type: p.ParameterType) -> st.SearchStrategy[Value]:
    """Small values that a parameter type accepts."""
    match kind_type:
        case p.Boolean():
            return st.booleans()
        case p.Integer(minimum=low, maximum=high):
            low = -3 if low is None else low
            return st.integers(low, low + 6 if high is None else min(high, low + 6))
        case p.Number(minimum=low, maximum=high, exclusive_minimum=exclusive):
            low, high = (-2.0 if low is None else low), (3.0 if high is None else min(high, 3.0))
            return st.sampled_from(
                [low + 0.25 * (high - low), low + 0.5 * (high - low)] + [low] * (not exclusive)
            )
        case p.Choice(options=options):
            return st.sampled_from(options)
        case p.Size(axes=axes, minimum=low, words=words):
            one = st.integers(low, low + 3)
            spelled = st.tuples(*[one] * axes)
            return st.one_of(one, spelled, *([st.sampled_from(words)] if words else []))
        case p.Integers(minimum=low, min_length=shortest, max_length=longest):
            low = -2 if low is None else low
            size = min(longest, 4)
            return st.lists(st.integers(low, low + 6), min_size=shortest, max_size=size).map(tuple)
        case p.Numbers(min_length=shortest, max_length=longest):
            return st.lists(
                st.sampled_from([0.5, 1.0, 2.0]), min_size=shortest, max_size=min(longest, 4)
            ).map(tuple)
        case p.Text():
            return st.sampled_from(
                ["ni,ni->n", "ni,ni->ni", "ni,ni->i", "nij,njk->nik", "nij->nji", "ni -> n", "ni;ni"]
            )
        case p.Optional(of=inner):
            return st.none() | values_of(inner)
        case _:
            raise AssertionError(f"no strategy for {kind_type}")


_AXES = st.sampled_from([1, 1, -1, -1, 2, -2, 0])
"""What a parameter called dim is mostly told: axes that are there, and the batch."""

OVERRIDES: dict[tuple[str, str], st.SearchStrategy[Value]] = {
    ("Embedding", "num_embeddings"): st.integers(3, 9),
    ("MultiheadAttention", "num_heads"): st.sampled_from([1, 2, 2, 3]),
    **{
        (f"Transformer{part}", name): strategy
        for part in ("EncoderLayer", "DecoderLayer", "Encoder", "Decoder", "")
        for name, strategy in (
            ("nhead", st.sampled_from([1, 2, 2, 3])),
            ("dim_feedforward", st.integers(1, 5)),
            ("num_layers", st.integers(1, 2)),
            ("num_encoder_layers", st.integers(1, 2)),
            ("num_decoder_layers", st.integers(1, 2)),
        )
    },
    ("Reshape", "shape"): st.sampled_from([(-1,), (2, -1), (3, 2), (1, 6), (6,), (12,), (2, 2, 3), (-1, 1)]),
    ("Permute", "dims"): st.integers(1, 4).flatmap(lambda n: st.permutations(range(n)).map(tuple)),
    ("Mean", "dim"): st.sampled_from([(1,), (-1,), (1, 2), (2, -1), (0,)]),
    ("Threshold", "value"): st.sampled_from([-1.0, 0.0, 2.0]),
    ("LSTM", "proj_size"): st.integers(0, 3),
    ("LSTM", "num_layers"): st.integers(1, 2),
    ("GRU", "num_layers"): st.integers(1, 2),
    ("RNN", "num_layers"): st.integers(1, 2),
    **{
        (f"Conv{axes}d", name): st.sampled_from(options)
        for axes in (1, 2, 3)
        for name, options in (
            ("groups", [1, 1, 2]),
            ("stride", [1, 1, 2]),
            ("padding", [0, 1, "same", "same", "valid"]),
        )
    },
    **{(f"ConvTranspose{axes}d", "groups"): st.sampled_from([1, 1, 2]) for axes in (1, 2, 3)},
    **{
        (f"FractionalMaxPool{axes}d", "output_ratio"): st.sampled_from([None, 0.25, 0.5, 0.5, 0.7])
        for axes in (2, 3)
    },
    ("PixelShuffle", "upscale_factor"): st.sampled_from([1, 2, 2]),
    ("PixelUnshuffle", "downscale_factor"): st.sampled_from([1, 2, 2]),
    ("ChannelShuffle", "groups"): st.sampled_from([1, 2, 2]),
    ("EmbeddingBag", "num_embeddings"): st.integers(3, 9),
    ("Unflatten", "unflattened_size"): st.sampled_from([(2, 3), (-1, 2), (1, 6), (3, 1, 2)]),
    ("PairwiseDistance", "p"): st.sampled_from([1.0, 2.0, 3.0]),
    ("Upsample", "mode"): st.sampled_from(["nearest", "linear", "bilinear", "bicubic", "trilinear"]),
    ("Upsample", "size"): st.sampled_from([None, None, 5]),
    ("Upsample", "scale_factor"): st.sampled_from([None, 1.0, 2.0, 1.5, 0.5]),
    ("Interpolate", "size"): st.sampled_from([None, None, None, (5,), (3, 4)]),
    ("Interpolate", "scale_factor"): st.sampled_from([None, (2.0,), (1.5,), (0.5,), (2.0, 1.5)]),
    ("Interpolate", "align_corners"): st.sampled_from([None, None, True, False]),
    ("Interpolate", "antialias"): st.sampled_from([False, False, True]),
    ("Interpolate", "recompute_scale_factor"): st.sampled_from([None, None, True]),
    ("Split3", "sizes"): st.sampled_from([(1, 1, 1), (2, 1, 1), (1, 2, 3)]),
    ("Split4", "sizes"): st.sampled_from([(1, 1, 1, 1), (1, 2, 1, 4)]),
    ("AdaptiveLogSoftmaxWithLoss", "n_classes"): st.sampled_from([2, 6, 9]),
    ("AdaptiveLogSoftmaxWithLoss", "cutoffs"): st.sampled_from([(1,), (2, 4), (3, 5), (4, 2)]),
    ("AdaptiveLogSoftmaxWithLoss", "div_value"): st.sampled_from([1.0, 2.0]),
    ("Unsqueeze", "dim"): st.integers(-2, 3),
    ("Stack", "dim"): st.integers(-2, 3),
    ("Squeeze", "dim"): st.sampled_from([-1, 1, 2]),
    **{("Transpose", name): st.sampled_from([1, 2, -1, -2]) for name in ("dim0", "dim1")},
    **{(name, "p"): st.sampled_from([1.0, 2.0, 3.0]) for name in ("Norm",)},
    ("Split", "size"): st.integers(1, 3),
    ("Slice", "end"): st.sampled_from([None, None, -1, 2]),
    ("Slice", "start"): st.integers(-3, 2),
    ("Gather", "dim"): st.sampled_from([1, -1, 2]),
    ("Pad", "dim"): st.sampled_from([1, -1, 2]),
    ("CTCLoss", "blank"): st.sampled_from([0, 0, 1, 3]),
    ("TripletMarginLoss", "p"): st.sampled_from([1.0, 2.0]),
    ("Fold", "output_size"): st.sampled_from([4, (3, 5)]),
    ("Fold", "kernel_size"): st.sampled_from([1, 2, 2, (2, 1)]),
    **architectures.VALUES,
}


def _samples(*sizes: st.SearchStrategy[int]) -> st.SearchStrategy[tuple[int, ...]]:
    return st.tuples(*sizes)


_few, _many = st.integers(1, 4), st.integers(1, 9)
_anything = st.lists(_few, max_size=3).map(tuple)
_signal = _samples(st.sampled_from([1, 2, 4, 6]), _many)
_image = _samples(st.sampled_from([1, 2, 4, 6]), _many, _many)
_volume = _samples(st.sampled_from([1, 2, 4]), *[st.integers(2, 6)] * 3)
_sequence = _samples(_few, st.sampled_from([1, 2, 4, 6]))

SAMPLES: dict[str, st.SearchStrategy[tuple[int, ...]]] = {
    "Linear": st.lists(_few, min_size=1, max_size=3).map(tuple),
    "LayerNorm": st.lists(_few, min_size=1, max_size=3).map(tuple),
    "GroupNorm": st.lists(st.sampled_from([2, 4, 6]), min_size=1, max_size=3).map(tuple),
    "BatchNorm1d": _signal | _samples(_few),
    **{f"MaxUnpool{axes}d": {1: _signal, 2: _image, 3: _volume}[axes] for axes in (1, 2, 3)},
    "Reshape": st.sampled_from([(6,), (2, 3), (12,), (2, 3, 2), ()]),
    **dict.fromkeys(
        (
            "Sum",
            "Max",
            "Min",
            "ArgMax",
            "Std",
            "Norm",
            "Squeeze",
            "Transpose",
            "Slice",
            "Split",
            "Gather",
            "Pad",
        ),
        st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple),
    ),
    **dict.fromkeys(
        ("Flatten", "Mean", "Select", "Permute"), st.lists(_few, min_size=1, max_size=3).map(tuple)
    ),
    **dict.fromkeys(("Unfold", "PixelShuffle", "PixelUnshuffle"), _image),
    "ChannelShuffle": _image | _volume,
    **dict.fromkeys(("Upsample", "Interpolate"), _signal | _image | _volume),
    **dict.fromkeys(
        ("Chunk6", "Chunk8", "Split3", "Split4", "Unbind3", "Unbind4"),
        st.lists(st.sampled_from([3, 4, 6, 8]), min_size=1, max_size=2).map(tuple),
    ),
    "EmbeddingBag": _samples(_few),
    "Unflatten": st.sampled_from([(6,), (6, 2), (3, 6), (5,)]),
    **dict.fromkeys(("RNNCell", "LSTMCell", "GRUCell"), _samples(_few)),
    **dict.fromkeys(
        ("RNN", "LSTM", "GRU", "SinusoidalPositionalEncoding", "LearnedPositionalEncoding"), _sequence
    ),
}


ALWAYS = ("n_classes", "cutoffs", "dim_feedforward", "num_layers", "num_encoder_layers", "num_decoder_layers")
"""Parameters that are always drawn, since their defaults make large networks."""

PAIRS = {
    "Bilinear": ("input1", "input2"),
    "CosineSimilarity": ("x1", "x2"),
    "PairwiseDistance": ("x1", "x2"),
    "Subtract": ("input", "other"),
    "Divide": ("input", "other"),
}
"""Kinds of two equal partners, by the names of their ports."""


def spec(sample: tuple[int, ...], dtype: str = "float32") -> TensorSpec:
    return TensorSpec((BATCH, *sample), dtype)


def _dtypes(kind: Kind) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(kind.inputs[0].dtypes))


@st.composite
def _inputs(draw: st.DrawFn, kind: Kind, values: Mapping[str, Value]) -> Inputs:
    if kind.name in architectures.INPUTS:
        return draw(architectures.INPUTS[kind.name])
    dtype = draw(_dtypes(kind))
    if kind.name == "MultiheadAttention":
        return draw(_attention(values))
    if kind.name.startswith("Transformer"):
        return draw(_transformer(kind, values))
    if kind.role == "objective" and kind.module.startswith("nn."):
        return draw(_loss(kind.name, dtype))
    if kind.name in OF_SEVERAL:
        return draw(OF_SEVERAL[kind.name](dtype))
    if kind.name in ("Parameter", "Constant"):
        return {"like": (spec(draw(_anything)),)}
    if kind.name == "Fold":
        return {"input": (spec(draw(_folded(values)), dtype),)}
    if not _is_written_out(kind):
        return draw(drawn_inputs(kind))
    sample = draw(SAMPLES.get(kind.name, _anything))
    if kind.inputs[0].many:
        others = st.sampled_from([sample, sample, tuple(1 for _ in sample), draw(_anything)])
        return {"inputs": tuple(spec(s, dtype) for s in [sample, *draw(st.lists(others, max_size=2))])}
    found: Inputs = {"input": (spec(sample, dtype),)}
    if pair := PAIRS.get(kind.name):
        other = draw(st.sampled_from([sample, sample, (*sample[:-1], 3)]))
        return dict(zip(pair, ((spec(sample, dtype),), (spec(other, dtype),)), strict=True))
    if kind.name == "EmbeddingBag" and values["mode"] == "sum" and draw(st.booleans()):
        found["per_sample_weights"] = (spec(draw(st.sampled_from([sample, sample, (1,)]))),)
    if kind.name.startswith("MaxUnpool"):
        other = draw(st.sampled_from([sample, sample, sample, sample[:-1]]))
        found["indices"] = (spec(other, "int64"),)
    if kind.category == "Recurrent" and draw(st.booleans()):
        found |= _states(kind, values)
    if kind.input_port("lengths") and not values["dropout"] and draw(st.booleans()):
        found["lengths"] = (spec((), "int64"),)
    return found


def _is_written_out(kind: Kind) -> bool:
    """Whether the inputs of a kind follow here by its name, and not from what its ports say."""
    return kind.name in SAMPLES or kind.name in PAIRS or kind.inputs[0].many


def _states(kind: Kind, values: Mapping[str, Value]) -> Inputs:
    """First states of a recurrent kind."""
    size = int(str(values["hidden_size"]))
    if "Cell" in kind.name:
        return {port.name: (spec((size,)),) for port in kind.inputs[1:]}
    layers = int(str(values["num_layers"])) * (2 if values["bidirectional"] else 1)
    sizes = {"initial_hidden": int(str(values.get("proj_size", 0))) or size}
    ports = [port.name for port in kind.inputs if port.name.startswith("initial")]
    return {port: (TensorSpec((layers, BATCH, sizes.get(port, size))),) for port in ports}


@st.composite
def _compared(draw: st.DrawFn, dtype: str) -> Inputs:
    sample = draw(_anything)
    other = draw(st.sampled_from([sample, sample, tuple(1 for _ in sample), (*sample, 2)]))
    found: Inputs = {"input": (spec(sample, dtype),)}
    return found | {"other": (spec(other, dtype),)} if draw(st.booleans()) else found


@st.composite
def _switched(draw: st.DrawFn, dtype: str) -> Inputs:
    sample = draw(_anything)
    other = draw(st.sampled_from([sample, sample, tuple(1 for _ in sample)]))
    condition = draw(st.sampled_from([sample, sample, sample, (*sample, 1)]))
    return {"condition": (spec(condition, "bool"),), "input": (spec(sample),), "other": (spec(other),)}


@st.composite
def _multiplied(draw: st.DrawFn, dtype: str) -> Inputs:
    front, (rows, inner, columns) = draw(st.sampled_from([(), (2,)])), draw(_samples(_few, _few, _few))
    other = draw(st.sampled_from([inner, inner, inner, 3]))
    return {"input": (spec((*front, rows, inner), dtype),), "other": (spec((*front, other, columns), dtype),)}


@st.composite
def _picked(draw: st.DrawFn, dtype: str) -> Inputs:
    sample = draw(SAMPLES["Gather"])
    index = draw(st.sampled_from([sample, (*sample[:-1], 4), (2, *sample[1:])]))
    return {"input": (spec(sample, dtype),), "index": (spec(index, "int64"),)}


@st.composite
def _looked(draw: st.DrawFn, dtype: str) -> Inputs:
    front, (length, places, features) = draw(st.sampled_from([(), (2,)])), draw(_samples(_few, _few, _few))
    others = draw(st.sampled_from([places, places, places, 2]))
    shared = (1,) if front and draw(st.booleans()) else front
    found: Inputs = {
        "query": (spec((*front, length, features)),),
        "key": (spec((*shared, places, features)),),
        "value": (spec((*shared, others, draw(_few))),),
    }
    if draw(st.booleans()):
        mask = (*front, length, draw(st.sampled_from([places, places, 5])))
        found["attn_mask"] = (spec(mask, draw(st.sampled_from(["bool", "float32"]))),)
    return found


OF_SEVERAL = {
    "Compare": _compared,
    "Where": _switched,
    "MatMul": _multiplied,
    "Gather": _picked,
    "ScaledDotProductAttention": _looked,
}
"""Inputs of kinds whose ports carry different things."""


@st.composite
def _folded(draw: st.DrawFn, values: Mapping[str, Value]) -> tuple[int, ...]:
    """As many blocks as there should be, by counting them, or one too many."""
    names = ("output_size", "kernel_size", "stride", "padding", "dilation")
    blocks = area = 1
    for size, kernel, stride, padding, dilation in zip(
        *(p.Size(axes=2).per_axis(values[n]) for n in names), strict=True
    ):
        starts = range(-padding, size + padding - dilation * (kernel - 1), stride)
        blocks, area = blocks * len(starts), area * kernel
    return draw(st.integers(1, 2)) * area, max(blocks, 1) + draw(st.sampled_from([0, 0, 0, 1]))


_MASKS = st.sampled_from(["bool", "bool", "float32"])
"""Conditions, or numbers that are added."""


@st.composite
def _attention(draw: st.DrawFn, values: Mapping[str, Value]) -> Inputs:
    length, features = draw(_sequence)
    looks = draw(_MASKS)
    found: Inputs = {"query": (spec((length, features)),)}
    places = length
    if draw(st.booleans()):
        places = draw(st.sampled_from([length, length + 1]))
        found["key"] = (spec((places, draw(st.sampled_from([features, 3])))),)
        if draw(st.booleans()):
            found["value"] = (spec((places, draw(st.sampled_from([features, 5])))),)
    if draw(st.booleans()):
        found["key_padding_mask"] = (spec((places,), draw(st.sampled_from([looks, looks, "bool"]))),)
    if draw(st.integers(0, 3)) == 0:
        heads = draw(st.sampled_from([(), (values["num_heads"],)]))
        found["attn_mask"] = (spec((*heads, length, draw(st.sampled_from([places, places, 7]))), looks),)
    return found


@st.composite
def _transformer(draw: st.DrawFn, kind: Kind, values: Mapping[str, Value]) -> Inputs:
    of_masks = draw(_MASKS)
    features = draw(st.sampled_from([2, 4, 6]))
    lengths = {"src": draw(_few), "tgt": draw(_few), "memory": draw(_few)}
    read = "memory" if "Decoder" in kind.name else "src"
    looks = {
        "mask": ("src", "src"),
        "src_mask": ("src", "src"),
        "tgt_mask": ("tgt", "tgt"),
        "memory_mask": ("tgt", read),
    }
    found: Inputs = {}
    for port in kind.inputs:
        if port.name in lengths:
            size = draw(st.sampled_from([features, features, features, 2]))
            found[port.name] = (spec((lengths[port.name], size)),)
        elif draw(st.integers(0, 2)) == 0:
            of = (
                "src"
                if kind.name == "Transformer" and port.name.startswith("memory")
                else port.name.split("_")[0]
            )
            wanted = looks.get(port.name, (of,))
            heads = draw(st.sampled_from([(), (values["nhead"],)])) if len(wanted) == 2 else ()
            found[port.name] = (spec((*heads, *(lengths[sequence] for sequence in wanted)), of_masks),)
    return found


ROWS = (
    "MultiMarginLoss", "MultiLabelMarginLoss", "MultiLabelSoftMarginLoss", "CosineEmbeddingLoss", "GaussianNLLLoss",
    "MarginRankingLoss", "TripletMarginLoss", "TripletMarginWithDistanceLoss",
)  # fmt: skip
"""Losses that take rows of features or scores."""


@st.composite
def _transcripts(draw: st.DrawFn) -> Inputs:
    places, classes, symbols = draw(st.integers(2, 5)), draw(st.integers(2, 4)), draw(st.integers(1, 3))
    lengths = draw(st.sampled_from([(), (), (), (1,)]))
    return {
        "log_probs": (spec((places, classes)),),
        "targets": (spec((symbols,), "int64"),),
        "input_lengths": (spec((), "int64"),),
        "target_lengths": (spec(lengths, "int64"),),
    }


@st.composite
def _loss(draw: st.DrawFn, name: str, dtype: str) -> Inputs:
    if name in ("CrossEntropyLoss", "NLLLoss"):
        scores = (draw(st.integers(2, 4)), *draw(st.lists(_few, max_size=2)))
        labels = draw(st.sampled_from([scores[1:], scores[1:], scores[:-1], (*scores[1:], 1)]))
        target = spec(labels, "int64")
        if name == "CrossEntropyLoss" and draw(st.integers(0, 3)) == 0:
            target = spec(scores, dtype)
        return {"input": (spec(scores, dtype),), "target": (target,)}
    if name == "AdaptiveLogSoftmaxWithLoss":
        return {
            "input": (spec(draw(_samples(_many))),),
            "target": (spec(draw(st.sampled_from([(), (), (1,)])), "int64"),),
        }
    if name == "CTCLoss":
        return draw(_transcripts())
    sample = draw(
        _anything if name not in ROWS else _samples(st.integers(2, 4), *[_few] * (name != "MultiMarginLoss"))
    )
    if name in ("MultiLabelMarginLoss", "MultiLabelSoftMarginLoss", "CosineEmbeddingLoss"):
        sample = sample[:1]
    other = draw(st.sampled_from([sample, sample, sample, (*sample, 1), sample[:-1]]))
    if name in ROWS:
        ports = [port for port in kinds()[name].inputs if port.name != "target"]
        found: Inputs = {port.name: (spec(sample, dtype),) for port in ports}
        if name in ("GaussianNLLLoss", "TripletMarginLoss", "TripletMarginWithDistanceLoss"):
            found[ports[-1].name] = (spec(draw(st.sampled_from([sample, sample, other])), dtype),)
        for port in kinds()[name].inputs:
            if port.name == "target":
                targets = {"MultiMarginLoss": ((), "int64"), "MultiLabelMarginLoss": (sample, "int64")}
                usual = ((), dtype) if name == "CosineEmbeddingLoss" else (sample, dtype)
                shape, kind = targets.get(name, usual)
                found[port.name] = (spec(draw(st.sampled_from([shape, shape, shape, other])), kind),)
        return {port.name: found[port.name] for port in kinds()[name].inputs}
    return {"input": (spec(sample, dtype),), "target": (spec(other, dtype),)}


def _told(name: str, parameter: p.Parameter) -> st.SearchStrategy[Value]:
    is_axis = parameter.name == "dim" and parameter.type == p.Integer()
    usual = _AXES if is_axis else values_of(parameter.type)
    return OVERRIDES.get((name, parameter.name), usual)


@st.composite
def cases(draw: st.DrawFn, name: str) -> Case:
    """A use of the kind; its rule may accept or refuse it."""
    kind = kinds()[name]
    given = {
        parameter.name: draw(_told(name, parameter))
        for parameter in kind.parameters
        if parameter.required or parameter.name in ALWAYS or draw(st.booleans())
    }
    values, sound = normalise(kind, given)
    assert sound, (name, given)
    return Case(name, values, draw(_inputs(kind, values)))
