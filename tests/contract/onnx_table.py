"""Which kinds cannot be written as ONNX, or not be compared with onnxruntime, and why. All others can."""

NOTHING = "ONNX has nothing for it, and torch does not take it apart"
CHANCE = "it draws anew at every run, so there is nothing to compare"

NO_ONNX = {
    "RReLU": NOTHING,
    "AdaptiveAvgPool3d": f"{NOTHING}, unless the output is one place",
    "AdaptiveMaxPool2d": f"{NOTHING}; MaxPool2d of the right size gives the same",
    "AdaptiveMaxPool3d": f"{NOTHING}; MaxPool3d of the right size gives the same",
    "FractionalMaxPool2d": NOTHING,
    "FractionalMaxPool3d": NOTHING,
    "Median": f"{NOTHING}; Sort and Select give the same",
    "CumProd": f"{NOTHING}; Log, CumSum and Exp give the same for positive values",
    "Bernoulli": CHANCE,
    "RandomNormal": CHANCE,
    "RandomUniform": CHANCE,
    "Categorical": CHANCE,
    "GumbelSoftmax": CHANCE,
    "SpikeEncoder": f"in the coding rate {CHANCE}",
}
"""By kind, the reason."""
