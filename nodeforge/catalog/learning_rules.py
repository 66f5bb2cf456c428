"""Learning rules as data: what each is told, and what of a stage it follows. `training.rules` carries them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from nodeforge.catalog.recipes import GRADIENT_ONLY, SETTINGS
from nodeforge.core.parameters import Boolean, Choice, Declaration, Integer, Number, Optional, Parameter

_STOPPING = (
    "early_stopping_patience",
    "early_stopping_monitor",
    "early_stopping_min_delta",
    "restore_best",
)
_REPEATING = (
    "epochs",
    "validate_every",
    "checkpoint_every",
    "shuffle",
    "sampling",
    "drop_last",
    "turn_steps",
)
_POSITIVE = Number(minimum=0.0, exclusive_minimum=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Declaration):
    """A way of learning.

    Attributes:
        repeats: Whether it goes through the samples for as many epochs as the stage says; else once.
        by_batches: Whether it takes one step for each batch, so that larger batches mean fewer steps.
        by_optimizer: Whether it moves by an optimizer with a learning-rate schedule.
        needs_loss: Whether it asks for a loss: to make smaller, or to tell by it what the answers are.
        follows_loss: Whether it makes the losses smaller, so that a lower one is a better network: only then do
            early stopping and the best weights mean anything.
        reads_answers: Whether it sets a layer's outputs against the answers themselves.
        formula: What it does, in plain text with Unicode.
    """

    repeats: bool = True
    by_batches: bool = False
    by_optimizer: bool = False
    needs_loss: bool = False
    follows_loss: bool = False
    reads_answers: bool = False
    formula: str = ""

    @property
    def settings(self) -> tuple[str, ...]:
        """The settings of a stage (`recipes.SETTINGS`) that mean something to it."""
        left_out = {
            *(() if self.repeats else _REPEATING),
            *(() if self.follows_loss and self.repeats else _STOPPING),
            *(() if self.by_optimizer else GRADIENT_ONLY),
        }
        return tuple(parameter.name for parameter in SETTINGS.parameters if parameter.name not in left_out)


GRADIENT = Rule(
    name="gradient",
    title="Gradient descent",
    summary="Propagates the losses back through the network and lets an optimizer move every weight downhill.",
    doc="The way in which most networks learn. It needs a loss, and operations with a slope all the way to the weights.",
    source="https://doi.org/10.1038/323533a0",
    keywords=("backpropagation", "back-propagation", "sgd", "deep learning"),
    parameters=(
        Parameter(
            "truncate_steps",
            Optional(of=Integer(minimum=1, maximum=1_000_000), empty="off"),
            None,
            "Recurrent layers (RNN, LSTM, GRU) learn from so many steps at a time: what they remember is passed on, "
            "gradients are not. Saves long sequences from gradients that vanish or explode.",
            unit="steps",
            advanced=True,
        ),
    ),
    by_batches=True,
    by_optimizer=True,
    needs_loss=True,
    follows_loss=True,
)

PERCEPTRON = Rule(
    name="perceptron",
    title="Perceptron rule",
    summary="Adds every sample that is answered wrongly to the weights, or subtracts it.",
    doc="Rosenblatt's rule, for a Linear layer whose outputs are set against classes by a loss. Where a straight border "
    "parts the classes, it finds one; else it never comes to rest. Each output of several is a perceptron of its "
    "own, for one class against all others.",
    source="https://doi.org/10.1037/h0042519",
    keywords=("rosenblatt", "error correction"),
    parameters=(
        Parameter("learning_rate", _POSITIVE, 1.0, "How much of a sample is added to the weights."),
        Parameter(
            "updates",
            Choice(options=("sample", "batch")),
            "sample",
            "After each sample, as Rosenblatt did; or after each batch, the sum of all its corrections at once.",
        ),
        Parameter(
            "start_at_zero",
            Boolean(),
            True,
            "Begin with weights of 0 instead of random ones.",
            advanced=True,
        ),
    ),
    needs_loss=True,
    follows_loss=True,
    reads_answers=True,
)

RIDGE = Rule(
    name="ridge",
    title="Ridge regression",
    summary="Solves for the best weights of a Linear layer at once, in a single pass over the samples.",
    doc="What arrives at the layer is summed up, and one linear system gives the weights with the least squared error. "
    "The readout of echo state networks, extreme learning machines and radial basis functions. Of classes, each output "
    "learns 1 for its own class and 0 for the others.",
    formula="W = YᵀH·(HᵀH + λI)⁻¹",
    source="https://doi.org/10.1080/00401706.1970.10488634",
    keywords=("closed form", "least squares", "pseudo-inverse", "tikhonov", "readout"),
    parameters=(
        Parameter(
            "penalty",
            Number(minimum=0.0),
            1.0,
            "λ: how strongly large weights are held back, set against sums over all samples; the bias is free.",
        ),
    ),
    repeats=False,
    needs_loss=True,
    follows_loss=True,
    reads_answers=True,
)

K_MEANS = Rule(
    name="k-means",
    title="K-means",
    summary="Moves each centre into the middle of the samples that lie nearest to it.",
    doc="Puts the centres of a RadialBasis layer where samples crowd, and makes each bell as wide as its neighbours are "
    "far. Needs no answers.",
    source="https://doi.org/10.1109/TIT.1982.1056489",
    keywords=("lloyd", "clustering", "centres", "unsupervised"),
    parameters=(
        Parameter(
            "updates",
            Choice(options=("epoch", "batch")),
            "epoch",
            "Once an epoch, exactly (Lloyd); or after each batch, a little and sooner (mini-batch).",
        ),
        Parameter(
            "start",
            Choice(options=("k-means++", "samples", "as drawn")),
            "k-means++",
            "Where centres begin: on samples far from each other, on any samples, or where they are.",
        ),
        Parameter(
            "tolerance",
            Number(minimum=0.0),
            1e-4,
            "Stops when an epoch lowers the mean squared distance by less than this share of it.",
            advanced=True,
        ),
        Parameter(
            "neighbours",
            Integer(minimum=0, maximum=1000),
            2,
            "Each bell becomes as wide as the root mean square distance to so many nearest centres; 0 leaves widths "
            "as they are.",
        ),
        Parameter("width_factor", _POSITIVE, 1.0, "Makes all bells wider or narrower.", advanced=True),
    ),
)

COMPETITIVE = Rule(
    name="competitive",
    title="Competitive learning",
    summary="Pulls the prototype nearest to a sample, and its neighbours on the map, towards the sample.",
    doc="Kohonen's rule. Rate and radius shrink over the whole stage: first the map unfolds, then each unit settles. "
    "Needs no answers.",
    formula="p[j] ← p[j] + α·exp(−d(j, winner)² / (2·σ²))·(x − p[j])",
    source="https://doi.org/10.1007/BF00337288",
    keywords=("kohonen", "som", "unsupervised", "winner"),
    parameters=(
        Parameter(
            "updates",
            Choice(options=("sample", "epoch")),
            "sample",
            "After each sample, as Kohonen did; or once an epoch, each prototype in the weighted middle of all samples "
            "(batch map), which needs no learning rate.",
        ),
        Parameter(
            "start",
            Choice(options=("samples", "plane", "as drawn")),
            "samples",
            "Where prototypes begin: on any samples, spread over the plane in which samples differ most, or where "
            "they are.",
        ),
        Parameter(
            "learning_rate",
            _POSITIVE,
            0.5,
            "α at the start: the share of the way that the winner moves.",
            visible_if=("updates", ("sample",)),
        ),
        Parameter(
            "final_learning_rate",
            _POSITIVE,
            0.01,
            "α at the end.",
            visible_if=("updates", ("sample",)),
        ),
        Parameter(
            "radius",
            Optional(of=_POSITIVE, empty="half the map"),
            None,
            "σ at the start: how far on the map neighbours are pulled along.",
            unit="units",
        ),
        Parameter("final_radius", _POSITIVE, 0.5, "σ at the end.", unit="units"),
        Parameter(
            "decay",
            Choice(options=("exponential", "linear", "asymptotic")),
            "exponential",
            "How both shrink: by the same share each step; by the same amount; or as start/(1 + 2·t/T) at step t of T, "
            "whatever the ends.",
            advanced=True,
        ),
    ),
)

CONTRASTIVE_DIVERGENCE = Rule(
    name="contrastive-divergence",
    title="Contrastive divergence",
    summary="Makes the samples more probable than what a Boltzmann machine makes of them in k steps.",
    doc="A machine goes from the sample to hidden units, back and forth k times, and learns the difference. It gets what "
    "the layers below it give: with a stage for each machine, the lowest first, a deep belief network is trained "
    "greedily, layer by layer. Needs no answers.",
    formula="ΔW = α·(⟨h·v⟩ of the data − ⟨h·v⟩ after k steps)",
    source="https://www.cs.toronto.edu/~hinton/absps/guideTR.pdf",
    keywords=("cd-k", "rbm", "dbn", "hinton", "gibbs", "greedy", "unsupervised"),
    parameters=(
        Parameter("k", Integer(minimum=1, maximum=1000), 1, "Steps back and forth before the comparison."),
        Parameter(
            "learning_rate", _POSITIVE, 0.1, "α: how far a step goes; about 0.01 for gaussian visible units."
        ),
        Parameter(
            "momentum",
            Number(minimum=0.0, maximum=0.999),
            0.5,
            "Share of the last step that is taken again; smooths a noisy way.",
        ),
        Parameter(
            "weight_decay",
            Number(minimum=0.0),
            0.0002,
            "Pulls weights towards zero; biases are left alone.",
        ),
    ),
    by_batches=True,
)


FROZEN = Rule(
    name="frozen",
    title="Measure only",
    summary="Changes nothing: goes through the samples once and measures.",
    doc="For a network whose weights were brought along, or to see what an untrained one gives.",
    keywords=("none", "fixed", "evaluate"),
    repeats=False,
    needs_loss=True,
)

_ALL = MappingProxyType(
    {
        rule.name: rule
        for rule in (GRADIENT, PERCEPTRON, RIDGE, K_MEANS, COMPETITIVE, CONTRASTIVE_DIVERGENCE, FROZEN)
    }
)


def learning_rules() -> Mapping[str, Rule]:
    """All learning rules by name, the most used first."""
    return _ALL
