"""Commands that look: examples, new, check, runs. Only the deep check needs torch, in the engine."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nodeforge.analysis import Report
from nodeforge.analysis.sizes import AcceptedSizes, accepted_by_inputs
from nodeforge.cli.costs import cost_record, macs_text, memory_record, memory_text, write_costs
from nodeforge.cli.data import data_record, data_text, readable_data
from nodeforge.cli.deep import deep_record, deep_text, require_sound, try_out
from nodeforge.cli.text import json_line, number, run_record, table, typed
from nodeforge.core.diagnostics import Diagnostic
from nodeforge.core.document import Document
from nodeforge.core.errors import one_line
from nodeforge.core.specs import DataFacts, format_shape
from nodeforge.project import files, shipped
from nodeforge.project.runs import RunInfo, RunStore
from nodeforge.session.checking import check_project, describe, require_ok
from nodeforge.session.costing import ProjectCosts, project_costs
from nodeforge.session.deep_checking import diagnostics_of


def examples(options: argparse.Namespace) -> int:
    """List the shipped projects."""
    rows = []
    for name in shipped.project_names():
        document = files.load(shipped.project(name))
        rows.append([name, document.description.partition("\n")[0] or document.title])
    print(table(rows))
    return 0


def new(options: argparse.Namespace) -> int:
    """Copy a shipped project."""
    folder = files.copy_example(options.example, options.folder)
    print(f"{options.example} is now in {folder}\nNext: nodeforge train {typed(options.folder)}")
    return 0


def check(options: argparse.Namespace) -> int:
    """Tell what is wrong, and shapes and counts of what is right."""
    folder = files.project_folder(options.project)
    document = files.load(folder)
    report = check_project(document, folder)
    costs = project_costs(document, report)
    if options.costs is not None:
        write_costs(report, costs, options.costs)
    sizes = accepted_by_inputs(document)
    facts = readable_data(document, folder)
    if not options.json:
        print(_report_text(document, report, costs, sizes, facts))
    record = {**report_record(report, costs), "data": data_record(facts)}
    record["networks"][document.main]["accepts"] = {
        name: {"text": accepted.text, "axes": accepted.axes} for name, accepted in sizes.items()
    }
    deep_findings = _deep(options, document, folder, record) if options.deep and report.ok else []
    if options.json:
        print(json_line(record))
    require_ok(report)
    require_sound(deep_findings)
    return 0


def _deep(
    options: argparse.Namespace, document: Document, folder: Path, record: dict[str, Any]
) -> list[Diagnostic]:
    """Try the running network; the result goes into the record, or is printed."""
    checked = try_out(document, folder, causal=options.causal, limit_s=options.limit)
    findings = diagnostics_of(document, checked.verdicts)
    record["deep"] = {**deep_record(checked), "findings": [_diagnostic_record(f) for f in findings]}
    if not options.json:
        print(deep_text(checked, findings))
    return findings


def runs(options: argparse.Namespace) -> int:
    """List the runs of a project."""
    found = RunStore(files.project_folder(options.project)).runs()
    if options.json:
        print(json_line({"runs": [_listed_record(info) for info in found]}))
    elif not found:
        print(f"No runs yet. Make one with: nodeforge train {typed(options.project)}")
    else:
        print(
            table([["run", "name", "status", "epochs", "seed", "test"], *map(_run_row, found)], right=(3, 4))
        )
    return 0


def report_record(report: Report, costs: ProjectCosts) -> dict[str, Any]:
    """A report as plain data, as `check --json` prints it."""
    return {
        "ok": report.ok,
        "memory": memory_record(costs),
        "diagnostics": [_diagnostic_record(diagnostic) for diagnostic in report.diagnostics],
        "networks": {
            name: {
                "parameters": network.parameters,
                **cost_record(costs.networks[name].total),
                "nodes": {
                    node: {
                        "kind": known.kind.name if known.kind else "",
                        **({"mode": known.mode} if known.mode != "active" else {}),
                        "parameters": known.parameters,
                        **cost_record(costs.networks[name].nodes[node]),
                        "outputs": {
                            port: {"shape": list(spec.shape), "dtype": spec.dtype}
                            for port, spec in known.outputs.items()
                        },
                    }
                    for node, known in network.nodes.items()
                },
            }
            for name, network in report.networks.items()
        },
    }


def _diagnostic_record(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "code": diagnostic.code,
        "severity": str(diagnostic.severity),
        "network": diagnostic.network,
        "node": diagnostic.node,
        "port": diagnostic.port,
        "message": diagnostic.message,
        "fixes": [fix.label for fix in diagnostic.fixes],
    }


def _report_text(
    document: Document,
    report: Report,
    costs: ProjectCosts,
    sizes: Mapping[str, AcceptedSizes],
    facts: DataFacts | None,
) -> str:
    parts = [one_line(document.title)]
    if facts is not None:
        parts.append(f"\n{data_text(facts)}")
    for name, network in report.networks.items():
        parts.append(
            f"\nNetwork {name}: {network.parameters:,} parameters{macs_text(costs.networks[name].total)}"
        )
        graph = document.networks[name]
        rows = []
        for node in graph.ordered_nodes():
            known = network.nodes[node.name]
            shapes = ", ".join(format_shape(spec.shape) for spec in known.outputs.values())
            rows.append(
                ["", node.name, node.kind, shapes, f"{known.parameters:,}" if known.parameters else ""]
            )
        if rows:
            parts.append(table(rows, right=(4,)))
        if name == document.main:
            parts += [f"{node} takes {accepted.text}" for node, accepted in sizes.items()]
    parts.append(memory_text(costs))
    for diagnostic in report.diagnostics:
        parts.append(f"{diagnostic.severity}: {one_line(describe(report, diagnostic))}")
        parts += [f"  fix: {fix.label}" for fix in diagnostic.fixes]
    if not report.diagnostics:
        parts.append("No problems.")
    return "\n".join(parts)


def _listed_record(info: RunInfo) -> dict[str, Any]:
    return {**run_record(info), "name": info.name, "created": info.created, "seed": info.seed}


def _run_row(info: RunInfo) -> list[str]:
    test = ", ".join(f"{name} {number(value)}" for name, value in info.metrics.get("test", {}).items())
    return [info.id, info.name, info.status, str(info.epochs), str(info.seed), test]
