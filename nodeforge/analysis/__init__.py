"""Checks a drawing: structure, shapes, element types, data. Findings are diagnostics with fixes."""
