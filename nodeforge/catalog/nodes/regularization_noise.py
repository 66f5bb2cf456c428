"""Disturbances while training: what a network must not be thrown by."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import keeps_flags, keeps_mask, keeps_nothing, keeps_sample_mask
from nodeforge.catalog.kind import FLOAT_DTYPES, Kind, Port, ShapeCall
from nodeforge.catalog.rules import Specs, same_as_input, sample_dims
from nodeforge.core.parameters import Number, Parameter

_INPUT = (Port(name="input", doc="any shape", dtypes=FLOAT_DTYPES),)
_OUTPUT = (Port(name="output", doc="the shape of the input"),)
_SHARE = Number(minimum=0.0, maximum=1.0)

_UNIFORM = '''\
class UniformNoise(nn.Module):
    """Adds numbers between -width and width while training."""

    def __init__(self, width: float = 0.1) -> None:
        super().__init__()
        self.width = width

    def forward(self, x: Tensor) -> Tensor:
        return x + (2 * torch.rand_like(x) - 1) * self.width if self.training else x
'''
_MULTIPLICATIVE = '''\
class MultiplicativeNoise(nn.Module):
    """Multiplies each value with a normal number around one while training."""

    def __init__(self, std: float = 0.1) -> None:
        super().__init__()
        self.std = std

    def forward(self, x: Tensor) -> Tensor:
        return x * (1 + torch.randn_like(x) * self.std) if self.training else x
'''
_SALT_AND_PEPPER = '''\
class SaltAndPepperNoise(nn.Module):
    """Sets values to the lowest or highest number with probability p while training."""

    def __init__(self, p: float = 0.1, low: float = 0.0, high: float = 1.0) -> None:
        super().__init__()
        self.p, self.low, self.high = p, low, high

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        chance = torch.rand_like(x)
        x = x.masked_fill(chance < self.p / 2, self.low)
        return x.masked_fill(chance >= 1 - self.p / 2, self.high)
'''
_MASKING = '''\
class MaskingNoise(nn.Module):
    """Sets values to zero with probability p while training, and leaves the others as they are."""

    def __init__(self, p: float = 0.3) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        return x.masked_fill(torch.rand_like(x) < self.p, 0.0) if self.training else x
'''
_DROP_PATH = '''\
class DropPath(nn.Module):
    """Sets whole samples to zero with probability p while training; Huang et al. (2016)."""

    def __init__(self, p: float = 0.1) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        kept = x.new_ones(x.shape[0], *[1] * (x.dim() - 1))
        return x * nn.functional.dropout(kept, self.p)
'''

UNIFORM_NOISE = Kind(
    name="UniformNoise",
    category="Regularization",
    summary="Adds small numbers from an even spread while training.",
    doc="All changes up to the width are equally likely, none is larger. With width 0.5 it stands for rounding, as in "
    "learned image compression (Ballé et al., 2017).",
    formula="y = x + width·u, u even in −1…1; y = x after training",
    source="https://arxiv.org/abs/1611.01704",
    keywords=("random", "noise", "overfitting", "quantization"),
    parameters=(Parameter("width", Number(minimum=0.0), 0.1, "Largest change."),),
    inputs=_INPUT,
    outputs=_OUTPUT,
    shape=same_as_input,
    module="UniformNoise",
    support=_UNIFORM,
    keeps=keeps_nothing,
)
MULTIPLICATIVE_NOISE = Kind(
    name="MultiplicativeNoise",
    category="Regularization",
    summary="Multiplies every value with a random number around one while training.",
    doc="Large values are disturbed more than small ones, zero not at all. With std √(p / (1 − p)) it has the spread "
    "of Dropout with that p (Srivastava et al., 2014, section 10).",
    formula="y = x·(1 + std·ε), ε normal; y = x after training",
    source="https://jmlr.org/papers/v15/srivastava14a.html",
    keywords=("random", "noise", "gaussian dropout", "overfitting"),
    parameters=(Parameter("std", Number(minimum=0.0), 0.1, "Spread of the factor."),),
    inputs=_INPUT,
    outputs=_OUTPUT,
    shape=same_as_input,
    module="MultiplicativeNoise",
    support=_MULTIPLICATIVE,
    keeps=keeps_mask,
)
SALT_AND_PEPPER_NOISE = Kind(
    name="SaltAndPepperNoise",
    category="Regularization",
    summary="Turns some values into the lowest or the highest number while training.",
    doc="Dead and stuck pixels. An autoencoder that must mend them learns what pictures look like (Vincent et al., "
    "2010).",
    formula="y = low with probability p/2, high with probability p/2, else x; y = x after training",
    source="https://jmlr.org/papers/v11/vincent10a.html",
    keywords=("random", "noise", "denoising", "pixels", "impulse"),
    parameters=(
        Parameter("p", _SHARE, 0.1, "Share of the values that are changed.", positional=True),
        Parameter("low", Number(), 0.0, "The lowest number: pepper."),
        Parameter("high", Number(), 1.0, "The highest number: salt."),
    ),
    inputs=_INPUT,
    outputs=_OUTPUT,
    shape=same_as_input,
    module="SaltAndPepperNoise",
    keeps=keeps_flags(2),
    support=_SALT_AND_PEPPER,
)
MASKING_NOISE = Kind(
    name="MaskingNoise",
    category="Regularization",
    summary="Hides some values while training and leaves the others as they are.",
    doc="Unlike Dropout it does not scale up the rest, so what is left looks as it always does: for the input of a "
    "denoising autoencoder (Vincent et al., 2010).",
    formula="y = 0 with probability p, else x; y = x after training",
    source="https://jmlr.org/papers/v11/vincent10a.html",
    keywords=("random", "noise", "denoising", "hide", "dropout"),
    parameters=(Parameter("p", _SHARE, 0.3, "Share of the values that are hidden.", positional=True),),
    inputs=_INPUT,
    outputs=_OUTPUT,
    shape=same_as_input,
    module="MaskingNoise",
    support=_MASKING,
    keeps=keeps_flags(1),
)


def _by_sample(call: ShapeCall) -> Specs:
    sample_dims(call)
    return {"output": call.input()}


DROP_PATH = Kind(
    name="DropPath",
    category="Regularization",
    summary="While training, leaves out a whole path for some samples.",
    doc="Stands at the end of a residual branch, before its Add: those samples skip the block. Makes very deep "
    "networks trainable; also called stochastic depth (Huang et al., 2016).",
    formula="y = x·m / (1 − p), m = 0 with probability p, else 1, one m for each sample; y = x after training",
    source="https://arxiv.org/abs/1603.09382",
    keywords=("stochastic depth", "residual", "overfitting", "skip", "convnext", "swin"),
    parameters=(Parameter("p", _SHARE, 0.1, "Share of the samples that skip the path.", positional=True),),
    inputs=(Port(name="input", doc="N×…", dtypes=FLOAT_DTYPES),),
    outputs=_OUTPUT,
    shape=_by_sample,
    module="DropPath",
    keeps=keeps_sample_mask,
    support=_DROP_PATH,
)
