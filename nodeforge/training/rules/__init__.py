"""Learning rules by name. A rule is one class in one file of this folder."""

from __future__ import annotations

from collections.abc import Mapping

from nodeforge.training.rules.base import Context, LearningRule, RuleState, StepResult
from nodeforge.training.rules.gradient import GradientRule

RULES: Mapping[str, type[LearningRule]] = {"gradient": GradientRule}

__all__ = ["RULES", "Context", "LearningRule", "RuleState", "StepResult"]
