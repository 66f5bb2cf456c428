"""Embeddings of whole bags of symbols at once."""

from __future__ import annotations

from nodeforge.catalog.kind import INTEGER_DTYPES, WEIGHT_DTYPES, CodeCall, Kind, Port, ShapeCall
from nodeforge.catalog.nodes.embedding import TABLE, check_padding
from nodeforge.catalog.rules import TORCH, Specs, insert_flatten, sample_dims, set_parameter
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Choice, Parameter
from nodeforge.core.specs import BATCH, TensorSpec


def _shape(call: ShapeCall) -> Specs:
    check_padding(call)
    if len(sample_dims(call)) != 1:
        raise ShapeError(
            f"{call.name} needs N×symbols, one bag of symbols per sample; it gets {call.input()}.",
            port="input",
            suggestions=(insert_flatten(),) if call.input().rank > 2 else (),
        )
    if call.values["mode"] == "max" and call.values["scale_grad_by_freq"]:
        raise ShapeError(
            f"{call.name} cannot scale gradients by frequency in mode max.",
            suggestions=(set_parameter("scale_grad_by_freq", False),),
        )
    if "per_sample_weights" in call.inputs:
        _check_weights(call)
    return {"output": TensorSpec((BATCH, call.integer("embedding_dim")))}


def _check_weights(call: ShapeCall) -> None:
    if call.values["mode"] != "sum":
        raise ShapeError(
            f"{call.name} takes per_sample_weights in mode sum only, not in mode {call.values['mode']}.",
            port="per_sample_weights",
            suggestions=(set_parameter("mode", "sum"),),
        )
    if call.input("per_sample_weights").shape != call.input().shape:
        raise ShapeError(
            f"{call.name} needs one weight for each symbol of {call.input()}; it gets "
            f"{call.input('per_sample_weights')}.",
            port="per_sample_weights",
        )


def _code(call: CodeCall) -> str:
    weights = call.inputs.get("per_sample_weights")
    return f"self.{call.name}({call.x}{f', per_sample_weights={weights[0]}' if weights else ''})"


EMBEDDING_BAG = Kind(
    name="EmbeddingBag",
    category="Embedding",
    summary="Looks up a vector for each symbol of a bag and makes one vector of them.",
    doc="A quick summary of a text whose order does not matter. The same as Embedding followed by Mean, in less "
    "memory.",
    formula="y = mean, sum or max over i of W[xᵢ]",
    source=TORCH + "EmbeddingBag.html",
    keywords=("bag of words", "text", "categorical", "lookup"),
    parameters=(
        *TABLE,
        Parameter("mode", Choice(options=("mean", "sum", "max")), "mean", "How the vectors become one."),
    ),
    inputs=(
        Port(name="input", doc="N×symbols: whole numbers", dtypes=INTEGER_DTYPES),
        Port(
            name="per_sample_weights",
            doc="N×symbols: how much each symbol counts, in mode sum",
            dtypes=WEIGHT_DTYPES,
            optional=True,
        ),
    ),
    outputs=(Port(name="output", doc="N×embedding_dim"),),
    shape=_shape,
    module="nn.EmbeddingBag",
    forward=_code,
    parameter_count=lambda call: call.integer("num_embeddings") * call.integer("embedding_dim"),
)
