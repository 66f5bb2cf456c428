"""Makes the weights that come with the program: `python -m tests.pretrained` trains the projects beside them anew.

Each folder of `resources/weights` is a project; the file of the same name holds what a network of it learnt. The sums in
`SHA256SUMS` follow. On another machine the last digits differ, and with them the sum.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from safetensors.torch import save

import nodeforge as nf
from nodeforge.data.vendored import SUMS
from nodeforge.project import files, shipped
from nodeforge.training.weights import read_weights

TAKEN = {"digits-0-to-4": "features"}
"""By project, the node of its main network whose weights are kept."""


def make(name: str, node: str) -> bytes:
    """Train a project from random weights; a safetensors file of one of its nodes."""
    project = nf.open(shipped.resources() / "weights" / name)
    with tempfile.TemporaryDirectory() as folder:
        project.save(folder)
        run = project.train()
        print(f"{name}: {run.metrics['validation']}")
        found = read_weights(run.id, Path(folder))
    prefix = f"{node}."
    return save({key.removeprefix(prefix): found[key] for key in found if key.startswith(prefix)})


def main() -> None:
    """Write the files and their sums."""
    folder = shipped.resources() / "weights"
    sums = []
    for name, node in TAKEN.items():
        file, content = f"{name}.safetensors", make(name, node)
        files.write_atomic(folder / file, content)
        sums.append(f"{hashlib.sha256(content).hexdigest()}  {file}\n")
    files.write_atomic(folder / SUMS, "".join(sums).encode("ascii"))


if __name__ == "__main__":
    main()
