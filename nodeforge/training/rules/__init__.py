"""Learning rules by name. A rule is one class in one file of this folder, declared in `catalog.learning_rules`."""

from __future__ import annotations

from collections.abc import Mapping

from nodeforge.training.rules.base import Context, Draw, LearningRule, RuleState, StepResult
from nodeforge.training.rules.competitive import CompetitiveRule
from nodeforge.training.rules.contrastive_divergence import ContrastiveDivergenceRule
from nodeforge.training.rules.frozen import FrozenRule
from nodeforge.training.rules.gradient import GradientRule
from nodeforge.training.rules.k_means import KMeansRule
from nodeforge.training.rules.perceptron import PerceptronRule
from nodeforge.training.rules.players import Player, Players
from nodeforge.training.rules.ridge import RidgeRule

RULES: Mapping[str, type[LearningRule]] = {
    "gradient": GradientRule,
    "perceptron": PerceptronRule,
    "ridge": RidgeRule,
    "k-means": KMeansRule,
    "competitive": CompetitiveRule,
    "contrastive-divergence": ContrastiveDivergenceRule,
    "frozen": FrozenRule,
}

__all__ = [
    "RULES",
    "Context",
    "Draw",
    "LearningRule",
    "Player",
    "Players",
    "RuleState",
    "StepResult",
]
