"""Capsules: groups of neurons whose length says whether a thing is there, and whose direction says how it looks."""

from __future__ import annotations

from nodeforge.catalog.kind import (
    INTEGER_DTYPES,
    WEIGHT_DTYPES,
    CodeCall,
    Derived,
    Kept,
    Kind,
    Port,
    ShapeCall,
)
from nodeforge.catalog.rules import (
    Specs,
    channels_and_space,
    check_window,
    insert_reshape,
    sample_dims,
    window_positions,
)
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Integer, Parameter, Size
from nodeforge.core.specs import BATCH, TensorSpec

_PAPER = "https://arxiv.org/abs/1710.09829"

_SQUASH = '''\
def squash(x: Tensor) -> Tensor:
    """Makes long vectors almost 1 long and short ones almost 0: |s|^2 / (1 + |s|^2) * s / |s|."""
    length = x.norm(dim=-1, keepdim=True)
    return x * length / (1 + length.square())
'''

_PRIMARY = '''\
class PrimaryCapsules(nn.Module):
    """A convolution whose channels, cut into groups, are capsules: (N, C, H, W) to (N, capsules, dim)."""

    def __init__(
        self,
        channels: int,
        groups: int = 8,
        dim: int = 8,
        kernel_size: int | tuple[int, int] = 9,
        stride: int | tuple[int, int] = 2,
        padding: int | tuple[int, int] = 0,
    ) -> None:
        super().__init__()
        self.groups = groups
        self.conv = nn.Conv2d(channels, groups * dim, kernel_size, stride, padding)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x).unflatten(1, (self.groups, -1)).flatten(3)  # N, groups, dim, places
        return squash(x.transpose(2, 3).flatten(1, 2))
'''

_CAPSULES = '''\
class Capsules(nn.Module):
    """Capsules (N, inputs, input_dim) vote for capsules (N, capsules, dim), by agreement; Sabour et al. (2017).

    The coupling is settled on votes without gradient; gradients flow through the last weighted sum.
    """

    def __init__(
        self, inputs: int, input_dim: int, capsules: int = 10, dim: int = 16, iterations: int = 3
    ) -> None:
        super().__init__()
        self.iterations = iterations
        self.weight = nn.Parameter(torch.randn(inputs, input_dim, capsules, dim) * 0.1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The capsules and their lengths."""
        votes = torch.einsum("nid,idce->ncie", x, self.weight)
        settled = votes.detach()
        logits = torch.zeros_like(settled[..., :1]).transpose(2, 3)  # N, capsules, 1, inputs
        for _ in range(self.iterations - 1):
            capsules = squash(logits.softmax(dim=1) @ settled)
            logits = logits + capsules @ settled.transpose(2, 3)
        capsules = squash(logits.softmax(dim=1) @ votes).squeeze(2)
        return capsules, capsules.norm(dim=-1)
'''

_MASK = '''\
def class_mask(capsules: Tensor, label: Tensor | None = None) -> Tensor:
    """Keeps of (N, classes, dim) the capsule of the label, or the longest, and sets the others to zero."""
    chosen = capsules.detach().norm(dim=-1).argmax(dim=1) if label is None else label
    classes = torch.arange(capsules.shape[1], device=capsules.device)
    return capsules * (classes == chosen.unsqueeze(1)).unsqueeze(2)
'''


def _places(call: ShapeCall) -> int:
    """Where the window of primary capsules stands."""
    _, sizes = channels_and_space(call, 2)
    kernel, stride, padding = (call.per_axis(name, 2) for name in ("kernel_size", "stride", "padding"))
    outputs = [
        window_positions(sizes[axis], kernel[axis], stride=stride[axis], padding=(padding[axis],) * 2)
        for axis in range(2)
    ]
    check_window(call, sizes, outputs, kernel)
    return outputs[0] * outputs[1]


def _primary(call: ShapeCall) -> Specs:
    capsules = call.integer("groups") * _places(call)
    return {"output": TensorSpec((BATCH, capsules, call.integer("dim")))}


def _primary_count(call: ShapeCall) -> int:
    channels, _ = channels_and_space(call, 2)
    height, width = call.per_axis("kernel_size", 2)
    return (channels * height * width + 1) * call.integer("groups") * call.integer("dim")


def _primary_macs(call: ShapeCall, outputs: Specs) -> int:
    channels, _ = channels_and_space(call, 2)
    height, width = call.per_axis("kernel_size", 2)
    return channels * height * width * outputs["output"].sample_size


def _squash_keeps(capsules: TensorSpec) -> tuple[TensorSpec, ...]:
    """Vectors before and while they are squashed, and their lengths."""
    lengths = capsules.with_shape((*capsules.shape[:2], 1))
    return (capsules, capsules, lengths, lengths)


def _primary_keeps(call: ShapeCall, outputs: Specs) -> Kept:
    return Kept(inputs=("input",), inside=_squash_keeps(outputs["output"]))


def _capsule_dims(call: ShapeCall, port: str = "input") -> tuple[int, int]:
    """Number and size of the capsules that arrive."""
    dims = sample_dims(call, port)
    if len(dims) == 2:
        return dims[0], dims[1]
    raise ShapeError(
        f"{call.name} needs capsules N×capsules×dim; it gets {call.input(port)}.",
        port=port,
        suggestions=(insert_reshape(dims[0], 1),) if len(dims) == 1 else (),
    )


def _capsules(call: ShapeCall) -> Specs:
    _capsule_dims(call)
    capsules = TensorSpec((BATCH, call.integer("capsules"), call.integer("dim")))
    return {"output": capsules, "lengths": capsules.with_shape(capsules.shape[:2])}


def _capsules_count(call: ShapeCall) -> int:
    inputs, size = _capsule_dims(call)
    return inputs * size * call.integer("capsules") * call.integer("dim")


def _capsules_macs(call: ShapeCall, outputs: Specs) -> int:
    """Votes, then weighted sums, and agreement in every round but the last."""
    inputs, size = _capsule_dims(call)
    return inputs * outputs["output"].sample_size * (size + 2 * call.integer("iterations") - 1)


def _capsules_keeps(call: ShapeCall, outputs: Specs) -> Kept:
    """What votes and routing in its last round need."""
    (inputs, _), capsules = _capsule_dims(call), outputs["output"]
    coupling = TensorSpec((BATCH, inputs, call.integer("capsules")))
    return Kept(inputs=("input",), outputs=tuple(outputs), inside=(coupling, *_squash_keeps(capsules)))


def _mask_keeps(call: ShapeCall, outputs: Specs) -> Kept:
    return Kept(inside=(TensorSpec(call.input().shape[:2], "bool"),))


def _masked(call: ShapeCall) -> Specs:
    _capsule_dims(call)
    if "label" in call.inputs and call.input("label").shape != (BATCH,):
        raise ShapeError(
            f"{call.name} needs one class label for each sample in label; it gets {call.input('label')}.",
            port="label",
        )
    return {"output": call.input()}


def _mask_code(call: CodeCall) -> str:
    return f"class_mask({call.arguments})"


_DIM = Integer(minimum=1, maximum=4096)

PRIMARY_CAPSULES = Kind(
    name="PrimaryCapsules",
    category="Architecture",
    summary="Turns the feature maps of a convolution into many small capsules.",
    doc="A convolution gives groups·dim channels; at each place, the channels of a group become one vector, and squash "
    "brings its length between 0 and 1. Puts nothing together yet: that is what Capsules behind it does.",
    formula="v = ‖s‖² / (1 + ‖s‖²) · s / ‖s‖\ns: the channels of a group at one place",
    source=_PAPER,
    keywords=("capsnet", "capsule", "squash", "image"),
    parameters=(
        Parameter(
            "groups", Integer(minimum=1, maximum=4096), 8, "Capsules at each place: channels of capsules."
        ),
        Parameter("dim", _DIM, 8, "Values of each capsule."),
        Parameter("kernel_size", Size(axes=2), 9, "Size of the sliding window.", unit="px"),
        Parameter("stride", Size(axes=2), 2, "How far the window moves each time.", unit="px"),
        Parameter("padding", Size(axes=2, minimum=0), 0, "Border of zeros around the image.", unit="px"),
    ),
    inputs=(Port(name="input", doc="N×channels×height×width", dtypes=WEIGHT_DTYPES),),
    outputs=(Port(name="output", doc="N×capsules×dim"),),
    derived=(
        Derived(
            name="channels",
            compute=lambda call: channels_and_space(call, 2)[0],
            doc="Channels of the input.",
        ),
    ),
    shape=_primary,
    module="PrimaryCapsules",
    support=f"{_SQUASH}\n\n{_PRIMARY}",
    parameter_count=_primary_count,
    macs=_primary_macs,
    keeps=_primary_keeps,
)

CAPSULES = Kind(
    name="Capsules",
    category="Architecture",
    summary="Capsules of parts vote for capsules of wholes; a whole gets the votes that agree.",
    doc="Each part multiplies its vector by a matrix for each whole: its vote for how that whole looks. Routing then goes "
    "back and forth a few times: wholes are the weighted sums of votes, and a vote that agrees with its whole gets more "
    "weight. For classes, take one capsule each: `lengths` says how sure it is, and MarginLoss trains it.",
    formula="û[j|i] = W[i,j]·u[i]\nc[i] = softmax(b[i])\nv[j] = squash(Σ c[i,j]·û[j|i])\nb[i,j] += û[j|i]·v[j]",
    source=_PAPER,
    keywords=("capsnet", "capsule", "routing", "agreement", "digit capsules"),
    parameters=(
        Parameter(
            "capsules",
            Integer(minimum=1, maximum=10_000),
            10,
            "Number of capsules, such as one for each class.",
        ),
        Parameter("dim", _DIM, 16, "Values of each capsule."),
        Parameter(
            "iterations",
            Integer(minimum=1, maximum=20),
            3,
            "Rounds of routing; with 1, all votes count alike.",
        ),
    ),
    inputs=(Port(name="input", doc="N×capsules×dim, of the layer before", dtypes=WEIGHT_DTYPES),),
    outputs=(
        Port(name="output", doc="N×capsules×dim"),
        Port(name="lengths", doc="N×capsules, from 0 to 1: how surely each is there"),
    ),
    derived=(
        Derived(
            name="inputs", compute=lambda call: _capsule_dims(call)[0], doc="Number of capsules that vote."
        ),
        Derived(name="input_dim", compute=lambda call: _capsule_dims(call)[1], doc="Values of each of them."),
    ),
    shape=_capsules,
    module="Capsules",
    unpack="{output}, {lengths}",
    support=f"{_SQUASH}\n\n{_CAPSULES}",
    parameter_count=_capsules_count,
    macs=_capsules_macs,
    keeps=_capsules_keeps,
)

CLASS_MASK = Kind(
    name="ClassMask",
    category="Architecture",
    summary="Keeps the capsule of one class and sets all others to zero.",
    doc="Before a decoder that draws the input anew from the one capsule that should know it; Flatten comes behind. Wire "
    "the Target to `label` for the right class, as when training; unwired, the longest capsule stays.",
    formula="y[j] = v[j] if j is the class, else 0",
    source=_PAPER,
    keywords=("capsnet", "capsule", "reconstruction", "decoder", "one-hot"),
    inputs=(
        Port(name="input", doc="N×classes×dim", dtypes=WEIGHT_DTYPES),
        Port(
            name="label",
            doc="N: number of the class; the longest capsule if unwired",
            dtypes=INTEGER_DTYPES,
            optional=True,
        ),
    ),
    outputs=(Port(name="output", doc="N×classes×dim"),),
    shape=_masked,
    forward=_mask_code,
    support=_MASK,
    keeps=_mask_keeps,
)
