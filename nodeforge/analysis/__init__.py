"""Checks a drawing: structure, shapes, element types, data. Findings are diagnostics with fixes."""

from nodeforge.analysis.checker import Checker, check
from nodeforge.analysis.network_memory import Steps
from nodeforge.analysis.report import NetworkReport, NodeReport, Report

__all__ = ["Checker", "NetworkReport", "NodeReport", "Report", "Steps", "check"]
