"""Projects with layers of their own, and texts that would leave a mark if anything ran them."""

from __future__ import annotations

from pathlib import Path

from nodeforge.core.document import CustomCode, Document
from nodeforge.core.edits import Connect, Disconnect, SetCustom, SetKind, apply
from nodeforge.core.graph import Wire
from nodeforge.project import files, shipped

SWISH = '''"""A layer."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def _bent(x: Tensor) -> Tensor:
    return torch.sigmoid(x)


class Swish(nn.Module):
    """Lets large values through. Its steepness is learnt."""

    def __init__(self, in_features: int, steepness: float = 1.0) -> None:
        super().__init__()
        self.steepness = nn.Parameter(torch.full((in_features,), steepness))

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        bent = F.relu(x) + x * _bent(self.steepness * x)
        return bent if mask is None else bent * mask
'''


def with_swish(text: str = SWISH, node: str = "relu1") -> Document:
    """The shipped perceptron with Swish in place of one activation."""
    document = files.load(shipped.project("iris-mlp"))
    apply(document, SetCustom({"Swish": CustomCode(text=text)}))
    apply(document, SetKind("main", node, "Swish", {"steepness": 2}))
    for wire in document.main_network.wires_of(node):
        if wire.target == node:
            apply(document, Disconnect("main", wire))
            apply(document, Connect("main", Wire(wire.source, wire.output, node, "x")))
    return document


def traps(mark: Path) -> dict[str, str]:
    """Texts that write a file as soon as anything imports or runs them, by how they do it."""
    fire = f"open({str(mark)!r}, 'w').close()"
    head = "import torch\nfrom torch import Tensor, nn\n\n\n"
    body = (
        "    def __init__(self) -> None:\n        super().__init__()\n\n"
        "    def forward(self, x: Tensor) -> Tensor:\n        return x\n"
    )
    plain = f"class Swish(nn.Module):\n{body}"
    return {
        "statement": f"{head}{fire}\n\n\n{plain}",
        "import": f"{head}import os\nos.system('touch {mark}')\n\n\n{plain}",
        "dunder import": f"{head}__import__('pathlib').Path({str(mark)!r}).touch()\n\n\n{plain}",
        "class body": f"{head}class Swish(nn.Module):\n    {fire}\n{body}",
        "decorator": f"{head}@(lambda c: ({fire}, c)[1])\n{plain}",
        "method decorator": head
        + plain.replace("    def forward", f"    @(lambda f: ({fire}, f)[1])\n    def forward"),
        "default": head + plain.replace("self)", f"self, p: int = {fire})"),
        "forward default": head + plain.replace("x: Tensor)", f"x: Tensor, y: Tensor | None = {fire})"),
        "annotation": head + plain.replace("x: Tensor)", f"x: {fire})"),
        "return annotation": head + plain.replace("-> Tensor", f"-> {fire}"),
        "base": head + plain.replace("nn.Module", f"({fire}, nn.Module)[1]"),
        "metaclass": head + plain.replace("nn.Module", f"nn.Module, metaclass=({fire}, type)[1]"),
        "keyword": head + plain.replace("nn.Module", f"nn.Module, told={fire}"),
        "helper": f"{head}class Helper:\n    {fire}\n\n\n{plain}",
        "init": head + plain.replace("super().__init__()", f"super().__init__()\n        {fire}"),
        "forward": head + plain.replace("return x", f"{fire}\n        return x"),
        "condition": f"{head}if {fire} is None:\n    pass\n\n\n{plain}",
        "format string": f'{head}f"{{{fire}}}"\n\n\n{plain}',
    }
