"""The texts of samples.py, predict.py and README.md. `rendering` says what `#?` and `$name` mean."""

from __future__ import annotations

SAMPLES = '''\
"""The samples of samples.npz, prepared like those the network was trained on."""

from __future__ import annotations

import json
import re  #? words
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

FOLDER = Path(__file__).resolve().parent
FIELDS = json.loads((FOLDER / "fields.json").read_text(encoding="utf-8"))
"""By field: the shape of a sample, what its values are called, and how they are prepared."""

INPUTS = {
$inputs
}
"""By argument of the network: the field that it takes, and its element type."""
TARGETS = {  #? targets
$targets  #? targets
}  #? targets
"""The same for the answers, which `objectives` takes behind the inputs."""  #? targets


def load_split(split: str) -> list[Tensor]:
    """The samples of "train", "validation" or "test": a tensor for each argument of `objectives`."""
    arguments = [*INPUTS.values(), *TARGETS.values()]  #? targets
    arguments = list(INPUTS.values())  #? not targets
    with np.load(FOLDER / "samples.npz", allow_pickle=False) as file:
        rows = file[f"rows/{split}"]
        return [torch.tensor(prepare(field, file[field][rows]), dtype=dtype) for field, dtype in arguments]


def prepare(field: str, values: np.ndarray) -> np.ndarray:
    """Values of a field, ready for the network: missing ones filled in, scaled, float32."""
    how = FIELDS[field]
    if "scale" not in how:
        return values  # $as_they_are
    values = values.astype(np.float64)
    if "fill" in how:
        values = np.where(np.isnan(values), how["fill"], values)
    return ((values - how["center"]) / how["scale"]).astype(np.float32)  #? not gaps
    scaled = (values - how["center"]) / how["scale"]  #? gaps
    if "padded" in how:  #? gaps
        scaled = np.nan_to_num(scaled)  # where a sample has ended  #? gaps
    return scaled.astype(np.float32)  #? gaps


def restore(field: str, values: np.ndarray) -> np.ndarray:  #? restores
    """Prepared values of a field, or predictions of them, back in their own unit."""  #? restores
    how = FIELDS[field]  #? restores
    return values.astype(np.float64) * how["scale"] + how["center"]  #? restores


def encode(texts: list[str]) -> np.ndarray:  #? texts
    """The numbers of the $unit of texts, int64 (N, length); −1 where a text has ended."""  #? texts
    how = FIELDS[$text_field]  #? texts
    known = {word: number for number, word in enumerate(how["words"])}  #? texts
    rows = np.full((len(texts), *how["shape"]), -1, np.int64)  #? texts
    for row, text in zip(rows, texts, strict=True):  #? texts
        numbers = [known.get(token, known["<unknown>"]) for token in cut(text)][: len(row)]  #? texts
        row[: len(numbers)] = numbers  #? texts and not from_start
        row[len(row) - len(numbers) :] = numbers  #? texts and from_start
    return rows  #? texts


def cut(text: str) -> list[str]:  #? texts
    """The $unit of a text."""  #? texts
    text = text.lower()  #? texts and lower
    return list(text)  #? texts and not words
    return re.findall(r"\\w+(?:['’]\\w+)*|[^\\w\\s]", text)  #? words
'''

PREDICT = '''\
"""Answers of the trained network for new samples, as comma-separated text.

    python predict.py $files

$input_words
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_model
from torch import nn

import model
from samples import $imported

WEIGHTS = Path(__file__).resolve().parent / "weights.safetensors"


def main() -> None:
    options = parse_options()
    network = load_network(options.weights)
    output = predict(network, *map(read, INPUTS, options.files))  #? not texts
    output = predict(network, *read_texts(options.file))  #? texts
    writer = csv.writer(sys.stdout, lineterminator="\\n")
    names = FIELDS[$target_field]["classes"]  #? classes and named_classes
    names = [str(number) for number in range($class_count)]  #? classes and not named_classes
    header = FIELDS[$target_field]["columns"]  #? named_columns
    header = ["class"]  #? classes and not named_columns
    header = [$output_name]  #? not classes and not named_columns and one_value
    header = [$output_name + f"_{i + 1}" for i in range($width)]  #? not classes and not named_columns and not one_value
    writer.writerow([*header, *(f"P({name})" for name in names)])  #? classes
    for row, choice in zip(probabilities(output), choices(output), strict=True):  #? classes
        writer.writerow([names[choice], *(f"{share:.4f}" for share in row)])  #? classes
    writer.writerow(header)  #? not classes
    writer.writerows([f"{value:.6g}" for value in row] for row in output.reshape(len(output), -1))  #? not classes


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run the trained network on new samples.")
    parser.add_argument("file", type=Path, help="one text a line")  #? texts
    parser.add_argument("files", type=Path, nargs=len(INPUTS), help=f"samples for {', '.join(INPUTS)}")  #? not texts
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="a file that train.py wrote")
    return parser.parse_args()


def load_network(weights: Path = WEIGHTS) -> nn.Module:
    """The network with its weights, ready to be used."""
    network = model.$class_name()
    load_model(network, str(weights))
    return network.eval()


def read(argument: str, file: Path) -> np.ndarray:  #? not texts
    """Samples for an input of the network, from a .npy file or from rows of numbers."""  #? not texts
    field, _ = INPUTS[argument]  #? not texts
    if file.suffix == ".npy":  #? not texts
        values = np.load(file, allow_pickle=False)  #? not texts
    else:  #? not texts
        values = np.genfromtxt(file, delimiter=",", ndmin=2)  #? not texts
        if np.isnan(values[0]).all():  # a row of names  #? not texts
            values = values[1:]  #? not texts
    return values.reshape(-1, *FIELDS[field]["shape"])  #? not texts


def read_texts(file: Path) -> list[np.ndarray]:  #? texts
    """Texts, one a line, as the inputs of the network."""  #? texts
    lines = file.read_text(encoding="utf-8").splitlines()  #? texts
    numbers = encode([line for line in lines if line.strip()])  #? texts
    given = {$text_field: np.maximum(numbers, 0), "mask": numbers >= 0}  #? texts
    return [given[field] for field, _ in INPUTS.values()]  #? texts


@torch.inference_mode()
def predict(network: nn.Module, *inputs: np.ndarray) -> np.ndarray:
    """What the network answers: $output_words.

    Args:
        network: See `load_network`.
        inputs: Samples for each input, in the units in which they were measured.
    """
    tensors = [
        torch.tensor(prepare(field, values), dtype=dtype)
        for (field, dtype), values in zip(INPUTS.values(), inputs, strict=True)
    ]
    output = network(*tensors)$chosen.float().numpy()  #? regression
    return restore($target_field, output.reshape(len(output), -1))  #? regression
    return network(*tensors)$chosen.float().numpy()  #? not regression


def probabilities(output: np.ndarray) -> np.ndarray:  #? classes
    """Of each class, (N, C)."""  #? classes
    return torch.from_numpy(output).softmax(dim=1).numpy()  #? classes and classification
    yes = torch.from_numpy(output).sigmoid().numpy().reshape(-1, 1)  #? classes and binary and raw_score
    yes = output.reshape(-1, 1)  #? classes and binary and not raw_score
    return np.concatenate([1 - yes, yes], axis=1)  #? classes and binary


def choices(output: np.ndarray) -> np.ndarray:  #? classes
    """The number of the class that the network decides for, (N,)."""  #? classes
    return output.argmax(axis=1)  #? classes and classification
    return (output.ravel() > $threshold).astype(np.int64)  #? classes and binary


if __name__ == "__main__":
    main()
'''

README = """\
# $title

A network drawn in NodeForge $version, as PyTorch code. It needs Python 3.10 or newer and the packages in
requirements.txt, and not NodeForge.

```
pip install -r requirements.txt
python train.py
python predict.py $files  #? predicts
```

| File | What it is |
|---|---|
| model.py | The network: `$class_name`, a class for PyTorch |
| train.py | Trains it, from the first random weights to the end |
| predict.py | Answers for new samples; `load_network` and `predict` to use from other code |  #? predicts
| samples.py | Reads the samples and prepares them |
| samples.npz | The samples in their own units, and the rows of each split |
| fields.json | Shapes, names, and the numbers to fill and scale with, measured on the training samples |
| weights.safetensors | The weights of the run `$run`, $checkpoint |  #? weights
| nodeforge.json | What was exported, and the project as it was |

## The data

$notes
$columns  #? columns

## The same losses

train.py starts from the same random weights and sees the same batches in the same order as NodeForge did, so it prints
the same losses, to the last digit, on the same device with the versions of requirements.txt and as many threads (`THREADS`
in train.py). On another processor or graphics card the last digits may differ, and grow apart with the steps.

train.py writes weights.safetensors when it ends$replaces.
"""
