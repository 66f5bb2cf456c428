"""Losses that belong to one architecture: capsules, variational autoencoders, mixtures of experts."""

from __future__ import annotations

from nodeforge.catalog.kind import (
    INTEGER_DTYPES,
    WEIGHT_DTYPES,
    WIDE_DTYPES,
    Answers,
    Kept,
    Kind,
    Port,
    Role,
    ShapeCall,
)
from nodeforge.catalog.nodes.losses import REDUCTION, class_target, one_number, scores_of
from nodeforge.catalog.rules import Specs, same_shapes, sample_dims
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Choice, Number, Parameter

_ONE = (Port(name="loss", doc="one number"),)
_SHARE = Number(minimum=0.0, maximum=1.0)

_MARGIN = '''\
class MarginLoss(nn.Module):
    """The capsule of the right class must be long, all others short; Sabour et al. (2017), section 3."""

    def __init__(
        self, upper: float = 0.9, lower: float = 0.1, absent: float = 0.5, reduction: str = "mean"
    ) -> None:
        super().__init__()
        self.upper, self.lower, self.absent, self.reduction = upper, lower, absent, reduction

    def forward(self, lengths: Tensor, target: Tensor) -> Tensor:
        """Lengths (N, classes) and labels (N,)."""
        right = target.unsqueeze(1) == torch.arange(lengths.shape[1], device=lengths.device)
        too_short = (self.upper - lengths).relu().square()
        too_long = (lengths - self.lower).relu().square()
        loss = torch.where(right, too_short, self.absent * too_long).sum(dim=1)
        return loss.mean() if self.reduction == "mean" else loss.sum()
'''

_DIVERGENCE = '''\
class KLDivergence(nn.Module):
    """How far normal distributions are from the standard one; Kingma and Welling (2013), appendix B."""

    def __init__(self, beta: float = 1.0, free_bits: float = 0.0, reduction: str = "mean") -> None:
        super().__init__()
        self.beta, self.free_bits, self.reduction = beta, free_bits, reduction

    def forward(self, mean: Tensor, log_variance: Tensor) -> Tensor:
        divergence = (mean.square() + log_variance.exp() - 1 - log_variance) / 2
        if self.free_bits > 0:  # in nats for each value, averaged over the batch
            loss = self.beta * divergence.mean(dim=0).clamp_min(self.free_bits).sum()
            return loss if self.reduction == "mean" else loss * len(mean)
        loss = self.beta * divergence.sum()
        return loss / len(mean) if self.reduction == "mean" else loss
'''

_BALANCE = '''\
class LoadBalance(nn.Module):
    """Grows when a gate (N, ..., experts) leaves some experts without work."""

    def __init__(self, measure: str = "importance", scale: float = 0.01) -> None:
        super().__init__()
        self.measure, self.scale = measure, scale

    def forward(self, weights: Tensor) -> Tensor:
        weights = weights.flatten(0, -2)
        experts = weights.shape[1]
        share = weights.mean(dim=0)
        if self.measure == "importance":  # variance over squared mean; Shazeer et al. (2017)
            return self.scale * share.var(correction=0) / share.mean().square()
        if self.measure == "entropy":  # how far below its greatest value, log E
            return self.scale * (share * (experts * share + 1e-12).log()).sum()
        chosen = nn.functional.one_hot(weights.argmax(dim=1), experts).to(weights.dtype)
        return self.scale * experts * (chosen.mean(dim=0) * share).sum()  # Switch; Fedus et al. (2021)
'''


def _margin(call: ShapeCall) -> Specs:
    scores = scores_of(call)
    if scores.rank != 2:
        raise ShapeError(f"{call.name} needs lengths N×classes; it gets {scores}.", port="input")
    class_target(call, scores, call.input("target"))
    return one_number(call)


def _divergence(call: ShapeCall) -> Specs:
    sample_dims(call, "mean")
    same_shapes(call, "mean", "log_variance")
    return one_number(call)


def _divergence_keeps(call: ShapeCall, outputs: Specs) -> Kept:
    """Means and variances."""
    return Kept(inputs=("mean",), inside=(call.input("log_variance"),))


def _balance(call: ShapeCall) -> Specs:
    if not sample_dims(call):
        raise ShapeError(
            f"{call.name} needs the weights of a gate, N×…×experts; it gets {call.input()}.", port="input"
        )
    return one_number(call)


MARGIN_LOSS = Kind(
    name="MarginLoss",
    category="Loss",
    role=Role.OBJECTIVE,
    summary="For capsules: the one of the right class should be long, all others short.",
    doc="Takes the lengths of capsules. A length beyond its margin costs nothing more, so several classes may be there at "
    "once.",
    formula="t·max(0, m⁺ − ‖v‖)² + λ·(1 − t)·max(0, ‖v‖ − m⁻)², added up over classes",
    source="https://arxiv.org/abs/1710.09829",
    keywords=("loss", "objective", "capsule", "capsnet", "classification"),
    parameters=(
        Parameter("upper", _SHARE, 0.9, "From this length on, the right capsule is long enough (m⁺)."),
        Parameter("lower", _SHARE, 0.1, "Up to this length, a wrong capsule is short enough (m⁻)."),
        Parameter(
            "absent",
            Number(minimum=0.0),
            0.5,
            "How much the wrong classes count (λ); less than 1 keeps all capsules from shrinking at first.",
        ),
        REDUCTION,
    ),
    inputs=(
        Port(name="input", doc="N×classes: lengths of capsules", dtypes=WEIGHT_DTYPES),
        Port(
            name="target",
            doc="N: the number of the right class, from 0",
            dtypes=INTEGER_DTYPES - {"int32"},
        ),
    ),
    outputs=_ONE,
    shape=_margin,
    answers=Answers.CLASSES,
    module="MarginLoss",
    support=_MARGIN,
)

KL_DIVERGENCE = Kind(
    name="KLDivergence",
    category="Loss",
    role=Role.OBJECTIVE,
    summary="How far the distributions that an encoder gives are from the standard normal one.",
    doc="The second half of a variational autoencoder's loss; the first says how well the input is reconstructed. It keeps "
    "the codes close together, so that new ones can be drawn. Added up over the values of a code: take reduction sum "
    "here and in the reconstruction loss, or the two do not weigh alike.",
    formula="β·½·Σ (μ² + σ² − 1 − log σ²)",
    source="https://arxiv.org/abs/1312.6114",
    keywords=("loss", "objective", "vae", "variational", "elbo", "kullback leibler", "latent", "beta"),
    parameters=(
        Parameter(
            "beta",
            Number(minimum=0.0),
            1.0,
            "How much it counts; more than 1 untangles the values of a code, less reconstructs better.",
        ),
        Parameter(
            "free_bits",
            Number(minimum=0.0),
            0.0,
            "Up to this much, in nats for each value of a code, costs nothing more; keeps codes in use.",
            advanced=True,
        ),
        REDUCTION,
    ),
    inputs=(
        Port(name="mean", doc="N×…: means", dtypes=WIDE_DTYPES),
        Port(name="log_variance", doc="logarithms of the variances, same shape", dtypes=WIDE_DTYPES),
    ),
    outputs=_ONE,
    shape=_divergence,
    module="KLDivergence",
    support=_DIVERGENCE,
    keeps=_divergence_keeps,
)

LOAD_BALANCE = Kind(
    name="LoadBalance",
    category="Loss",
    role=Role.OBJECTIVE,
    summary="Keeps a gate from sending everything to the same few experts.",
    doc="Without it, an expert that is a little better gets more samples, learns more, and soon gets all of them. It looks "
    "at the weights of a whole batch, so take batches that are much larger than the number of experts.",
    formula="importance: Var(p) / Mean(p)²\nswitch: E·Σ f·p\nentropy: log E + Σ p·log p\n"
    "p: mean weight of an expert, f: its share of samples",
    source="https://arxiv.org/abs/1701.06538",
    keywords=("loss", "objective", "mixture of experts", "moe", "gate", "auxiliary"),
    parameters=(
        Parameter(
            "measure",
            Choice(options=("importance", "switch", "entropy")),
            "importance",
            "Spread of the experts' weights, the Switch Transformer's product of weight and share, or how far the mean "
            "weights are from equal.",
        ),
        Parameter("scale", Number(minimum=0.0), 0.01, "How much it counts beside the other losses."),
    ),
    inputs=(Port(name="input", doc="N×…×experts: weights of a gate", dtypes=WEIGHT_DTYPES),),
    outputs=_ONE,
    shape=_balance,
    module="LoadBalance",
    support=_BALANCE,
)
