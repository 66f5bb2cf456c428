"""Networks that draw samples: codes drawn at random, and what players need that learn against each other."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import keeps_nothing
from nodeforge.catalog.kind import FLOAT_DTYPES, WIDE_DTYPES, CodeCall, Kept, Kind, Port, ShapeCall
from nodeforge.catalog.rules import Specs, same_as_input, same_shapes, sample_dims
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Number, Parameter

_REPARAMETERIZE = '''\
class Reparameterize(nn.Module):
    """Draws from normal distributions while training, and gives their means afterwards."""

    def forward(self, mean: Tensor, log_variance: Tensor) -> Tensor:
        if not self.training:
            return mean
        return mean + torch.randn_like(mean) * (log_variance / 2).exp()
'''

_REVERSAL = '''\
class ReversedGradient(torch.autograd.Function):
    """Gives what it gets; the gradient comes back with its sign turned round."""

    @staticmethod
    def forward(ctx, x: Tensor, scale: float) -> Tensor:
        ctx.scale = scale
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None]:
        return -ctx.scale * gradient, None
'''

_DIVERSITY = '''\
def minibatch_std(x: Tensor) -> Tensor:
    """Adds a channel to (N, channels, ...): how much the samples of the batch differ, one number for all."""
    spread = (x.var(dim=0, correction=0) + 1e-8).sqrt().mean()
    return torch.cat([x, spread.expand_as(x[:, :1])], dim=1)
'''


def _drawn(call: ShapeCall) -> Specs:
    same_shapes(call, "mean", "log_variance")
    return {"output": call.input("mean")}


def _drawn_keeps(call: ShapeCall, outputs: Specs) -> Kept:
    """The noise and the spread."""
    return Kept(inside=(outputs["output"],) * 2)


def _one_more(call: ShapeCall) -> Specs:
    dims, spec = sample_dims(call), call.input()
    if not dims:
        raise ShapeError(
            f"{call.name} needs an axis of channels or features after the batch; it gets {spec}.",
            port="input",
        )
    return {"output": spec.with_shape((spec.shape[0], dims[0] + 1, *dims[1:]))}


def _reversal_code(call: CodeCall) -> str:
    return f"ReversedGradient.apply({call.x}, {call.values['scale']!r})"


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
    keeps=_drawn_keeps,
    views=("latent",),
)

MINIBATCH_STD = Kind(
    name="MinibatchStd",
    category="Architecture",
    summary="Shows a discriminator how much the samples of a batch differ from each other.",
    doc="A generator that always draws the same is found out at once. It puts one more channel behind the others. This "
    "is one of the few layers through which the samples of a batch see each other, also after training: use it in "
    "discriminators only.",
    formula="y = [x, mean over all values of √(Var over the batch + 10⁻⁸)]",
    source="https://arxiv.org/abs/1710.10196",
    keywords=("gan", "discriminator", "diversity", "mode collapse", "batch"),
    inputs=(Port(name="input", doc="N×channels×…", dtypes=WIDE_DTYPES),),
    outputs=(Port(name="output", doc="N×(channels + 1)×…"),),
    shape=_one_more,
    forward=lambda call: f"minibatch_std({call.x})",
    support=_DIVERSITY,
)

GRADIENT_REVERSAL = Kind(
    name="GradientReversal",
    category="Architecture",
    summary="Passes values through unchanged, and turns the gradient that comes back round.",
    doc="The layers behind it learn to tell two things apart; those before it learn to make them alike. So a network "
    "learns features that do not show where a sample comes from: which camera, which hospital.",
    formula="y = x, ∂L/∂x = −scale·∂L/∂y",
    source="https://arxiv.org/abs/1409.7495",
    keywords=("domain adaptation", "adversarial", "dann", "invariant", "transfer"),
    parameters=(
        Parameter(
            "scale", Number(minimum=0.0), 1.0, "How strongly the layers before it are pushed the other way."
        ),
    ),
    inputs=(Port(name="input", doc="any shape", dtypes=FLOAT_DTYPES),),
    outputs=(Port(name="output", doc="the shape of the input"),),
    shape=same_as_input,
    forward=_reversal_code,
    support=_REVERSAL,
    keeps=keeps_nothing,
)
