"""What can be typed: commands, options and their help."""

from __future__ import annotations

import argparse
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

import nodeforge
from nodeforge.core.specs import SPLITS
from nodeforge.engine.messages import HIGH_RATE, LOW_RATE, RATE_STEPS

FORMATS = ("onnx", "pytorch")

_DESCRIPTION = """\
Draw a neural network, train it, watch it, take it away.

  nodeforge [PROJECT]           open the window, with a project if one is named
  nodeforge COMMAND ...         do the same work without a window
"""

_EPILOG = """\
a first round:
  nodeforge new my-net --from mnist-cnn
  nodeforge check my-net
  nodeforge train my-net --seed 0
  nodeforge evaluate my-net
  nodeforge export my-net --to onnx --output my-net.onnx

PROJECT is a project folder or its project.json. `nodeforge COMMAND --help` tells more.

exit codes:
  0  done
  1  the graph, the data or a file is at fault: one sentence says what and where
  2  the command line is at fault
  3  NodeForge is at fault: the log says where
"""

_SETTINGS = """\
--set changes something for this run only; the project's file stays as it is:
  epochs=3  batch_size=32  early_stopping_patience=5    the training
  optimizer=SGD  optimizer.lr=0.01  schedule=constant   how it learns
  conv1.out_channels=8  drop1.p=0.3                     parameters of nodes
  preparation.scaling=standard                          the data

Ctrl-C stops after the batch, with a checkpoint to resume from.
"""


_FORMATS = """\
formats:
  onnx     a file that runs without Python, in onnxruntime and many other programs
  pytorch  a folder with the network, its training and its samples as PyTorch code that runs without
           NodeForge and gives the same losses; a project without a run is written without weights
"""


_TRUST = """\
Layers of a project's own are Python classes in its folder `custom`. None of that runs, not even to read it,
until you trust its text: on this machine, and until one letter of it changes.
"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and where help is."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\nTry: {self.prog} --help\n")


def command_parser() -> argparse.ArgumentParser:
    """The parser of the commands. What it parses has `command`, and the options of that command."""
    parser = _Parser(
        prog="nodeforge",
        usage="nodeforge [PROJECT]\n       nodeforge COMMAND ...",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"NodeForge {nodeforge.__version__}")
    commands = parser.add_subparsers(
        prog="nodeforge", dest="command", metavar="COMMAND", title="commands", required=True
    )

    _command(commands, "examples", "List the projects that come with NodeForge.")

    new = _command(commands, "new", "Copy an example into a new folder, to work on.")
    new.add_argument("folder", metavar="DIR", type=Path, help="a folder that is new or empty")
    new.add_argument("--from", dest="example", metavar="NAME", required=True, help="see `nodeforge examples`")

    check = _command(commands, "check", "Check a project: problems, shapes, costs.")
    _add_project(check)
    check.add_argument(
        "--costs", metavar="FILE", type=Path, help="write the costs of every node to a CSV file"
    )
    check.add_argument(
        "--deep", action="store_true", help="also run the network and try what only that can tell"
    )
    check.add_argument(
        "--causal", action="store_true", help="with --deep: no output may look ahead, whatever the layers"
    )
    check.add_argument(
        "--limit",
        metavar="SECONDS",
        type=_seconds,
        default=60.0,
        help="with --deep: time for it; default: 60",
    )
    _add_json(check)

    train = _command(commands, "train", "Train a project; the run is kept in its folder.", epilog=_SETTINGS)
    _add_project(train)
    train.add_argument(
        "--seed", metavar="N", help="seed of everything random; the same gives the same numbers"
    )
    train.add_argument(
        "--set", dest="settings", metavar="KEY=VALUE", type=_key_value, action="append", default=[],
        help="change a setting for this run; may be given several times",
    )  # fmt: skip
    train.add_argument("--resume", metavar="RUN", default="", help="go on with a stopped or interrupted run")
    _add_json(train)

    train.add_argument(
        "--weights", metavar="[NODE=]SOURCE", action="append", default=[],
        help="begin with the weights of a run or a file (.safetensors, .pt), for the network or one node; several times",
    )  # fmt: skip

    weights = _command(
        commands, "weights", "See which weights of a run or a file fit the network, by name and shape."
    )
    _add_project(weights)
    weights.add_argument(
        "--from", dest="source", metavar="SOURCE", required=True, help="a run, or a .safetensors or .pt file"
    )
    weights.add_argument(
        "--into", metavar="NODE", default="", help="the node that gets them; default: the network"
    )
    weights.add_argument("--prefix", default="", help="take only names that begin so, without it")
    weights.add_argument(
        "--keep", action="store_true", help="let the project's trainings begin with them from now on"
    )
    _add_json(weights)

    rates = _command(
        commands, "lr-range", "Train a little at growing learning rates and suggest one; no run is made."
    )
    _add_project(rates)
    rates.add_argument(
        "--stage", metavar="NAME", default="",
        help="the stage to test, one that learns by gradients; default: the first of those",
    )  # fmt: skip
    rates.add_argument("--low", metavar="LR", type=_above_zero, default=LOW_RATE, help="default: %(default)s")
    rates.add_argument(
        "--high", metavar="LR", type=_above_zero, default=HIGH_RATE, help="default: %(default)s"
    )
    rates.add_argument("--steps", metavar="N", type=int, default=RATE_STEPS, help="default: %(default)s")
    rates.add_argument("--csv", metavar="FILE", type=Path, help="write rates and losses to a CSV file")
    _add_json(rates)

    evaluate = _command(commands, "evaluate", "Measure a trained run on a split, beside simple baselines.")
    _add_project(evaluate)
    _add_run(evaluate)
    evaluate.add_argument("--split", choices=SPLITS, default="test", help="default: test")
    evaluate.add_argument(
        "--without", metavar="NODE", action="append", default=[],
        help="mute a node of the trained network, to see what it is worth; several times",
    )  # fmt: skip
    _add_json(evaluate)

    predict = _command(commands, "predict", "Run a trained network on the samples in a file; prints CSV.")
    _add_project(predict)
    predict.add_argument(
        "--input",
        metavar="FILE",
        type=Path,
        required=True,
        help="the samples: a CSV file, a .npy array or a picture",
    )
    _add_run(predict)
    _add_json(predict)

    export = _command(
        commands,
        "export",
        "Write a trained network to a file, run it there, and compare it with the original.",
        epilog=_FORMATS,
    )
    _add_project(export)
    export.add_argument("--to", dest="format", choices=FORMATS, required=True, help="the format")
    export.add_argument(
        "--output", metavar="PATH", type=Path, required=True, help="the file or folder to write"
    )
    _add_run(export)
    _add_json(export)

    picture = _command(
        commands, "picture", "Write the drawing as SVG, PDF or PNG, by the ending of the file."
    )
    _add_project(picture)
    picture.add_argument("--output", metavar="FILE", type=Path, required=True, help="the file to write")
    picture.add_argument("--network", metavar="NAME", default="", help="default: the main network")
    picture.add_argument("--dark", action="store_true", help="in the colours of the dark theme")
    picture.add_argument("--transparent", action="store_true", help="without a ground")
    picture.add_argument("--no-shapes", action="store_true", help="without the shapes on wires")
    picture.add_argument("--grid", action="store_true", help="with the dotted grid")
    picture.add_argument("--problems", action="store_true", help="with the marks at problems")
    picture.add_argument(
        "--scale",
        metavar="N",
        type=_above_zero,
        default=2.0,
        help="PNG: pixels for each of the canvas; default: 2",
    )

    trust = _command(commands, "trust", "Read the code that a project brings, and let it run.", epilog=_TRUST)
    _add_project(trust)
    trust.add_argument("--yes", action="store_true", help="trust it without a question")

    runs = _command(commands, "runs", "List the runs of a project, the newest first.")
    _add_project(runs)
    _add_json(runs)
    return parser


COMMANDS = (
    "examples",
    "new",
    "check",
    "train",
    "weights",
    "lr-range",
    "evaluate",
    "predict",
    "export",
    "picture",
    "trust",
    "runs",
)


def window_parser() -> argparse.ArgumentParser:
    """The parser of a command line that names no command: it opens the window."""
    parser = _Parser(prog="nodeforge", add_help=False)
    parser.add_argument("project", metavar="PROJECT", type=Path, nargs="?")
    parser.add_argument("--engine", choices=("child", "inprocess"), default="child")
    return parser


def near_command(word: str) -> str:
    """The command that was probably meant, or ""."""
    return next(iter(get_close_matches(word, COMMANDS, n=1, cutoff=0.7)), "")


def _command(commands: Any, name: str, summary: str, epilog: str = "") -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary[0].lower() + summary[1:].rstrip("."),
        description=summary,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return parser


def _add_project(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", metavar="PROJECT", type=Path, help="a project folder or its project.json")


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--run", metavar="RUN", default="", help="id or name of the run; default: the newest")


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object on the last line")


def _above_zero(text: str, what: str = "number") -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a {what} above 0")
    return value


def _seconds(text: str) -> float:
    return _above_zero(text, "number of seconds")


def _key_value(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE, such as epochs=3")
    return key.strip(), value.strip()
