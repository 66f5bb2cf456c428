"""Codes drawn at random, in a way that gradients pass."""

from __future__ import annotations

from nodeforge.catalog.kind import WIDE_DTYPES, Kept, Kind, Port, ShapeCall
from nodeforge.catalog.rules import Specs, same_shapes

_REPARAMETERIZE = '''\
class Reparameterize(nn.Module):
    """Draws from normal distributions while training, and gives their means afterwards."""

    def forward(self, mean: Tensor, log_variance: Tensor) -> Tensor:
        if not self.training:
            return mean
        return mean + torch.randn_like(mean) * (log_variance / 2).exp()
'''


def _drawn(call: ShapeCall) -> Specs:
    same_shapes(call, "mean", "log_variance")
    return {"output": call.input("mean")}


def _keeps(call: ShapeCall, outputs: Specs) -> Kept:
    """The noise and the spread."""
    return Kept(inside=(outputs["output"],) * 2)


REPARAMETERIZE = Kind(
    name="Reparameterize",
    category="Architecture",
    summary="Draws a code from the normal distribution that an encoder gives, in a way that it can learn.",
    doc="The middle of a variational autoencoder: two Linear layers give the mean and the logarithm of the variance, a "
    "decoder takes the code. The noise comes from outside, so gradients pass to both. After training it gives the "
    "mean. KLDivergence belongs to it.",
    formula="z = μ + exp(½·log σ²)·ε, ε normal; z = μ after training",
    source="https://arxiv.org/abs/1312.6114",
    keywords=("vae", "variational", "autoencoder", "sampling", "latent", "noise", "trick"),
    inputs=(
        Port(name="mean", doc="N×…: means", dtypes=WIDE_DTYPES),
        Port(name="log_variance", doc="logarithms of the variances, same shape", dtypes=WIDE_DTYPES),
    ),
    outputs=(Port(name="output", doc="N×…: codes"),),
    shape=_drawn,
    module="Reparameterize",
    support=_REPARAMETERIZE,
    keeps=_keeps,
)
