"""Values that no data brings: learned numbers, constants, noise."""

from __future__ import annotations

import math

from nodeforge.catalog.cost_rules import keeps_nothing
from nodeforge.catalog.kind import FLOAT_DTYPES, Kind, Port, ShapeCall
from nodeforge.catalog.rules import OPS, Specs, same_as_input
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Integers, Number, Parameter
from nodeforge.core.specs import BATCH, TensorSpec

_LIKE = Port(name="like", doc="anything with a batch: one copy is given for each of its samples")
_SHAPE = Parameter(
    "shape", Integers(min_length=0), (1,), "Shape for one sample, without the batch axis.", positional=True
)


def _dims(call: ShapeCall) -> tuple[int, ...]:
    dims = call.values["shape"]
    assert isinstance(dims, tuple)
    return dims


def _repeated(call: ShapeCall) -> Specs:
    if call.input("like").shape[:1] != (BATCH,):
        raise ShapeError(
            f"{call.name} needs the batch N as the first axis of `like`; it gets {call.input('like')}.",
            port="like",
        )
    return {"output": TensorSpec((BATCH, *_dims(call)))}


_PARAMETER = '''\
class FreeParameter(nn.Module):
    """A learned tensor, the same for every sample: (N, *shape), for a batch like x."""

    def __init__(self, shape: tuple[int, ...], std: float = 0.02) -> None:
        super().__init__()
        self.value = nn.Parameter(torch.randn(shape) * std)

    def forward(self, x: Tensor) -> Tensor:
        return self.value.expand(x.shape[0], *self.value.shape)
'''

_CONSTANT = '''\
class ConstantTensor(nn.Module):
    """A tensor of one number, the same for every sample: (N, *shape), for a batch like x."""

    def __init__(self, shape: tuple[int, ...], value: float = 0.0) -> None:
        super().__init__()
        self.register_buffer("value", torch.full(shape, value), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.value.expand(x.shape[0], *self.value.shape)
'''

_NOISE = '''\
class GaussianNoise(nn.Module):
    """Adds normal noise while training."""

    def __init__(self, std: float = 0.1) -> None:
        super().__init__()
        self.std = std

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.randn_like(x) * self.std if self.training else x
'''

PARAMETER = Kind(
    name="Parameter",
    category="Math",
    summary="A tensor of free numbers that are learned, the same for every sample.",
    doc="A class token to put before a sequence, a learned scale, a query of its own.",
    formula="y = W, for each sample",
    source=OPS + "nn.parameter.Parameter.html",
    keywords=("weight", "learned", "free", "variable", "class token"),
    parameters=(
        _SHAPE,
        Parameter("std", Number(minimum=0.0), 0.02, "Spread of the numbers before training.", advanced=True),
    ),
    inputs=(_LIKE,),
    outputs=(Port(name="output", doc="N×shape"),),
    shape=_repeated,
    module="FreeParameter",
    support=_PARAMETER,
    parameter_count=lambda call: math.prod(_dims(call)),
    keeps=keeps_nothing,
)
CONSTANT = Kind(
    name="Constant",
    category="Math",
    summary="A tensor that holds one number everywhere.",
    doc="Something to add, to compare with, or to fill up with. It does not learn.",
    formula="y = value",
    source=OPS + "full.html",
    keywords=("number", "fixed", "fill", "zeros", "ones"),
    parameters=(
        _SHAPE,
        Parameter("value", Number(), 0.0, "The number."),
    ),
    inputs=(_LIKE,),
    outputs=(Port(name="output", doc="N×shape"),),
    shape=_repeated,
    module="ConstantTensor",
    support=_CONSTANT,
    keeps=keeps_nothing,
)
GAUSSIAN_NOISE = Kind(
    name="GaussianNoise",
    category="Regularization",
    summary="Adds random noise while training.",
    doc="Small changes of the input must not change the answer: keeps a network from learning its samples by heart, "
    "and makes autoencoders that take noise away.",
    formula="y = x + std·ε, ε normal; y = x after training",
    source="https://en.wikipedia.org/wiki/Gaussian_noise",
    keywords=("random", "denoising", "overfitting", "normal"),
    parameters=(Parameter("std", Number(minimum=0.0), 0.1, "Spread of the noise."),),
    inputs=(Port(name="input", doc="any shape", dtypes=FLOAT_DTYPES),),
    outputs=(Port(name="output", doc="the shape of the input"),),
    shape=same_as_input,
    module="GaussianNoise",
    support=_NOISE,
    keeps=keeps_nothing,
)
