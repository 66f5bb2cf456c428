"""NodeForge: draw a neural network, train it, watch it, take it away.

```python
import nodeforge as nf

project = nf.open("my-net")
run = project.train(seed=0)
project.export("onnx", "my-net.onnx")
```

The names come from `nodeforge.api`, which is loaded when the first of them is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from nodeforge.api import Network, Project, Run, UserError, examples, open

__all__ = ["Network", "Project", "Run", "UserError", "__version__", "examples", "open"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module("nodeforge.api"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
