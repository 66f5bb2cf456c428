"""Images as sequences of patches."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import keeps_nothing
from nodeforge.catalog.kind import WEIGHT_DTYPES, Derived, Kind, Port, ShapeCall
from nodeforge.catalog.rules import Specs, channels_and_space, sequence_dims, set_parameter
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Integer, Number, Parameter, Size
from nodeforge.core.specs import BATCH, TensorSpec

_PAPER = "https://arxiv.org/abs/2010.11929"

_PATCHES = '''\
class PatchEmbedding(nn.Module):
    """Cuts images into patches and maps each to a vector: (N, C, H, W) to (N, patches, features)."""

    def __init__(self, channels: int, features: int, patch_size: int | tuple[int, int]) -> None:
        super().__init__()
        self.projection = nn.Conv2d(channels, features, kernel_size=patch_size, stride=patch_size)

    def forward(self, x: Tensor) -> Tensor:
        return self.projection(x).flatten(2).transpose(1, 2)
'''

_TOKEN = '''\
class ClassToken(nn.Module):
    """Puts a learned vector before every sequence: (N, length, features) to (N, 1 + length, features)."""

    def __init__(self, features: int, std: float = 0.02) -> None:
        super().__init__()
        self.token = nn.Parameter(torch.randn(features) * std)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.token.expand(x.shape[0], 1, -1), x], dim=1)
'''


def _patches(call: ShapeCall) -> Specs:
    _, sizes = channels_and_space(call, 2)
    patch = call.per_axis("patch_size", 2)
    if any(size % side for size, side in zip(sizes, patch, strict=True)):
        fitting = tuple(
            max(d for d in range(1, min(side, size) + 1) if size % d == 0)
            for size, side in zip(sizes, patch, strict=True)
        )
        raise ShapeError(
            f"{call.name} cuts patches of {patch[0]}×{patch[1]}, which do not fill an image of "
            f"{sizes[0]}×{sizes[1]} evenly.",
            suggestions=(set_parameter("patch_size", fitting[0] if len(set(fitting)) == 1 else fitting),),
        )
    count = (sizes[0] // patch[0]) * (sizes[1] // patch[1])
    return {"output": TensorSpec((BATCH, count, call.integer("features")))}


def _patches_count(call: ShapeCall) -> int:
    channels, _ = channels_and_space(call, 2)
    height, width = call.per_axis("patch_size", 2)
    return (channels * height * width + 1) * call.integer("features")


def _patches_macs(call: ShapeCall, outputs: Specs) -> int:
    channels, (height, width) = channels_and_space(call, 2)
    return channels * height * width * call.integer("features")


def _preceded(call: ShapeCall) -> Specs:
    length, features = sequence_dims(call)
    return {"output": call.input().with_shape((BATCH, length + 1, features))}


PATCH_EMBEDDING = Kind(
    name="PatchEmbedding",
    category="Embedding",
    summary="Cuts an image into patches and gives a learned vector for each.",
    doc="The first layer of a vision transformer: an image becomes a sequence, which attention can read. A convolution "
    "whose window moves by its own size does it. Positions must be added behind it, since a sequence of patches no "
    "longer says where each came from.",
    formula="y[p] = W·patch[p] + b",
    source=_PAPER,
    keywords=("vit", "vision transformer", "patch", "image", "token"),
    parameters=(
        Parameter(
            "features", Integer(minimum=1, maximum=65_536), 64, "Length of each vector.", positional=True
        ),
        Parameter(
            "patch_size",
            Size(axes=2),
            4,
            "Size of a patch; must divide the size of the image.",
            unit="px",
            positional=True,
        ),
    ),
    inputs=(Port(name="input", doc="N×channels×height×width", dtypes=WEIGHT_DTYPES),),
    outputs=(Port(name="output", doc="N×patches×features, row by row"),),
    derived=(
        Derived(
            name="channels",
            compute=lambda call: channels_and_space(call, 2)[0],
            doc="Channels of the input.",
        ),
    ),
    shape=_patches,
    module="PatchEmbedding",
    support=_PATCHES,
    parameter_count=_patches_count,
    macs=_patches_macs,
)

CLASS_TOKEN = Kind(
    name="ClassToken",
    category="Embedding",
    summary="Puts one learned vector before every sequence, to gather what the sequence says as a whole.",
    doc="Attention lets it look at all places; Select with dim 1 and index 0 takes it out again, and a Linear layer "
    "classifies by it. Add positions behind it.",
    formula="y = [token, x[0], x[1], …]",
    source=_PAPER,
    keywords=("cls", "vit", "bert", "transformer", "classification", "token"),
    parameters=(
        Parameter("std", Number(minimum=0.0), 0.02, "Spread of the vector before training.", advanced=True),
    ),
    inputs=(Port(name="input", doc="N×length×features", dtypes=WEIGHT_DTYPES),),
    outputs=(Port(name="output", doc="N×(1 + length)×features"),),
    derived=(
        Derived(name="features", compute=lambda call: sequence_dims(call)[1], doc="Size of the last axis."),
    ),
    shape=_preceded,
    module="ClassToken",
    support=_TOKEN,
    parameter_count=lambda call: sequence_dims(call)[1],
    keeps=keeps_nothing,
)
