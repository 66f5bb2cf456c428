"""What can be done to training batches so that no epoch shows the same samples twice; declarations only.

`training.augmentation` carries them out. Validation and test samples are never touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from nodeforge.core.parameters import Boolean, Declaration, Integer, Number, Parameter
from nodeforge.data.source import Layout

PICTURES = (Layout.IMAGE,)
NUMBERS = (Layout.FEATURES, Layout.IMAGE, Layout.SERIES, Layout.WAVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Augmentation(Declaration):
    """A change that can be chosen by name.

    Attributes:
        layouts: Which fields it can change.
        mixes: Whether it mixes samples, and with them their answers.
    """

    layouts: tuple[Layout, ...] = PICTURES
    mixes: bool = False


def _share(name: str, default: float, doc: str, maximum: float = 1.0) -> Parameter:
    return Parameter(name, Number(minimum=0.0, maximum=maximum), default, doc)


ROTATION = Augmentation(
    name="rotation",
    title="Rotation",
    summary="Turns each picture by a random angle.",
    doc="What comes into view at the edge repeats the outermost pixels.",
    parameters=(
        Parameter(
            "degrees", Number(minimum=0.0, maximum=180.0), 10.0, "The greatest angle, either way.", unit="°"
        ),
    ),
)
FLIP = Augmentation(
    name="flip",
    title="Flip",
    summary="Mirrors half of the pictures.",
    doc="Only where a mirrored picture still means the same: clothes, yes; digits and letters, no.",
    parameters=(
        Parameter("horizontal", Boolean(), True, "Left and right change places."),
        Parameter("vertical", Boolean(), False, "Top and bottom change places."),
    ),
)
ZOOM = Augmentation(
    name="zoom",
    title="Zoom",
    summary="Makes each picture larger or smaller.",
    parameters=(_share("amount", 0.1, "0.1: between 90 % and 110 % of the size.", 0.9),),
)
SHIFT = Augmentation(
    name="shift",
    title="Shift",
    summary="Moves each picture to a side.",
    parameters=(_share("amount", 0.1, "The greatest shift, as a share of height and width."),),
)
CROP = Augmentation(
    name="crop",
    title="Random crop",
    summary="Puts an edge around each picture and cuts a piece of the old size out of it.",
    parameters=(
        Parameter(
            "pixels",
            Integer(minimum=1, maximum=512),
            2,
            "How wide the edge is; it repeats the outermost pixels.",
            unit="px",
        ),
    ),
)
NOISE = Augmentation(
    name="noise",
    title="Noise",
    summary="Adds Gaussian noise to the inputs.",
    doc="In the unit in which the network gets the values: 0 to 1 for pixels, standard deviations for scaled numbers.",
    layouts=NUMBERS,
    parameters=(
        Parameter("spread", Number(minimum=0.0, maximum=10.0), 0.05, "Standard deviation of the noise."),
    ),
)
BRIGHTNESS = Augmentation(
    name="brightness",
    title="Brightness",
    summary="Makes each picture brighter or darker.",
    doc="As a share of the range of the training pixels; what leaves the range is cut off.",
    parameters=(_share("amount", 0.1, "The greatest change."),),
)
CONTRAST = Augmentation(
    name="contrast",
    title="Contrast",
    summary="Makes each picture's contrast stronger or weaker.",
    doc="Pixels move away from the picture's mean or towards it; what leaves the range of the training pixels is cut off.",
    parameters=(_share("amount", 0.2, "0.2: between 80 % and 120 % of the contrast."),),
)
MIXUP = Augmentation(
    name="mixup",
    title="Mixup",
    summary="Lays two samples over each other, and mixes their answers in the same proportion.",
    doc="Classes become shares, which CrossEntropyLoss takes. Accuracy on the training samples then compares with the class "
    "of the greater share.",
    source="H. Zhang, M. Cissé, Y. Dauphin, D. Lopez-Paz (2018), mixup: Beyond Empirical Risk Minimization. "
    "https://arxiv.org/abs/1710.09412",
    layouts=NUMBERS,
    mixes=True,
    parameters=(
        Parameter(
            "alpha",
            Number(minimum=0.0, maximum=10.0, exclusive_minimum=True),
            0.2,
            "Of the Beta distribution of the proportion: small values leave most samples nearly alone.",
        ),
    ),
)
CUTMIX = Augmentation(
    name="cutmix",
    title="CutMix",
    summary="Puts a rectangle of another picture into each, and mixes their answers by area.",
    doc="Classes become shares, which CrossEntropyLoss takes.",
    source="S. Yun et al. (2019), CutMix: Regularization Strategy to Train Strong Classifiers with Localizable Features. "
    "https://arxiv.org/abs/1905.04899",
    mixes=True,
    parameters=(
        Parameter(
            "alpha",
            Number(minimum=0.0, maximum=10.0, exclusive_minimum=True),
            1.0,
            "Of the Beta distribution of the area that stays: 1 makes all areas equally likely.",
        ),
    ),
)

_ALL = (ROTATION, FLIP, ZOOM, SHIFT, CROP, NOISE, BRIGHTNESS, CONTRAST, MIXUP, CUTMIX)
_BY_NAME: Mapping[str, Augmentation] = MappingProxyType({one.name: one for one in _ALL})


def augmentations() -> Mapping[str, Augmentation]:
    """All augmentations by name."""
    return _BY_NAME
