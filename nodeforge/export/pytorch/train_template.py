"""The text of train.py. `rendering` says what `#?` and `$name` mean."""

from __future__ import annotations

TRAIN = '''\
"""Trains the network of model.py on the samples of samples.npz: $title.

    python train.py

Prints the loss of every step and the mean of every epoch; ends by writing weights.safetensors.
"""

from __future__ import annotations

import argparse
import math
import os
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_model
from torch import Tensor, nn
from torch.optim import lr_scheduler  #? schedule

import model
from samples import load_split  #? not regression
from samples import load_split, restore  #? regression

WEIGHTS = Path(__file__).resolve().parent / "weights.safetensors"

SEED = $seed
EPOCHS = $epochs
BATCH_SIZE = $batch_size
EVALUATION_BATCH = $evaluation_batch  # samples at a time where nothing is learned
CLIP_NORM = $clip_norm  # a longer gradient is shortened to this length  #? clip
VALIDATE_EVERY = $validate_every  # epochs  #? sparse
PATIENCE = $patience  # validations without improvement before the training stops  #? patience
MIN_DELTA = $min_delta  # how much better a validation must be to count  #? delta
THREADS = $threads  # of the processor; another number may round differently

Samples = list[Tensor]
"""One tensor for each argument of the network's `objectives`, in their order."""


def main() -> None:
    options = parse_options()
    device = choose_device(options.device)
    torch.set_num_threads(min(THREADS, os.cpu_count() or 1))
    torch.manual_seed(SEED)
    network = model.$class_name().to(device)
    if device.type == "cpu":  # faster for convolutions there  #? channels_last and on_cpu_only
        network = network.to(memory_format=torch.channels_last)  #? channels_last and on_cpu_only
    network = network.to(memory_format=torch.channels_last)  #? channels_last and not on_cpu_only
    training = load("train", device)
    train(network, training, load("validation", device), every=options.every)  #? validation
    train(network, training, every=options.every)  #? not validation
    loss = evaluate(network, load("test", device))  #? test and not metric
    print(f"test: loss {loss:.6f}")  #? test and not metric
    loss, $metric = evaluate(network, load("test", device))  #? test and metric
    print(f"test: loss {loss:.6f}, $metric {$metric:.4f}")  #? test and metric
    save_model(network, str(options.weights))


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Train the network of model.py.")
    parser.add_argument("--device", default="$device", help="auto, cpu, cuda or mps (default: %(default)s)")
    parser.add_argument("--every", type=int, default=1, help="print the loss of every N-th step")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="the file to write")
    return parser.parse_args()


def choose_device(name: str) -> torch.device:
    """The device of that name; "auto" takes a graphics card if there is one."""
    if name == "auto":
        graphics = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else ""
        name = graphics or "cpu"
    if name == "cuda":  # let it give the same numbers for the same seed, as a processor does anyway
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.backends.cudnn.benchmark = False
        torch.use_deterministic_algorithms(True, warn_only=True)
        torch.utils.deterministic.fill_uninitialized_memory = False
    return torch.device(name)


def train($train_parameters) -> None:
    """Train for EPOCHS epochs$ending."""
    count = len(training[0])
    sizes = batch_sizes(count, BATCH_SIZE)  #? not drop_last
    sizes = [BATCH_SIZE] * (count // BATCH_SIZE) or [count]  # a smaller last batch is left out  #? drop_last
$optimizer
$scheduler  #? schedule
    best = math.inf  #? watches
    stale = 0  #? patience
    best_weights: dict[str, Tensor] = {}  #? restore_best
    step = 0
    for epoch in range(EPOCHS):
        network.train()
        losses = []
        outputs = []  #? training_metric
        order = epoch_order(epoch, count).to(training[0].device)  #? shuffle
        samples = [in_order(tensor, order) for tensor in training]  #? shuffle
        samples = training  #? not shuffle
        for batch in zip(*(tensor.split(sizes) for tensor in samples), strict=True):  #? not drop_last
        for batch in zip(*(tensor[: sum(sizes)].split(sizes) for tensor in samples), strict=True):  #? drop_last
            optimizer.zero_grad()
            objectives, _ = network.objectives(*batch)  #? not training_metric
            objectives, output = network.objectives(*batch)  #? training_metric
            loss = $total
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), CLIP_NORM)  #? clip
            optimizer.step()
            scheduler.step()  #? schedule_per_batch
            losses.append(loss.detach())
            outputs.append(output$chosen.detach())  #? training_metric
            step += 1
            if step % every == 0:
                print(f"step {step}: loss {loss.item():.9g}")
        mean_loss = mean(losses, sizes)
        if not math.isfinite(mean_loss):
            raise SystemExit("The loss is not finite any more: lower the learning rate or clip the gradient.")
        scheduler.step()  #? schedule_per_epoch
        told = f"epoch {epoch + 1}/{EPOCHS}: training loss {mean_loss:.6f}"
        print(told)  #? not validation
        scheduler.step($training_value)  #? not validation and schedule_on_plateau
        if (epoch + 1) % VALIDATE_EVERY and epoch + 1 < EPOCHS:  #? validation and sparse
            print(told)  #? validation and sparse
            continue  #? validation and sparse
        validation_loss = evaluate(network, validation)  #? validation and not metric
        print(f"{told}, validation loss {validation_loss:.6f}")  #? validation and not metric
        validation_loss, $metric = evaluate(network, validation)  #? validation and metric
        print(f"{told}, validation loss {validation_loss:.6f}, $metric {$metric:.4f}")  #? validation and metric
        scheduler.step($value)  #? validation and schedule_on_plateau
        if $value < best:  #? watches and not delta
        if $value < best - MIN_DELTA:  #? delta
            best = $value  #? watches
            stale = 0  #? patience
            best_weights = {name: tensor.clone() for name, tensor in network.state_dict().items()}  #? restore_best
        else:  #? patience
            stale += 1  #? patience
        if stale == PATIENCE:  #? patience
            print(f"Stopped early: no better for {PATIENCE} validations.")  #? patience
            break  #? patience
    if best_weights:  # end with the weights that did best on the validation samples  #? restore_best
        network.load_state_dict(best_weights)  #? restore_best


def load(split: str, device: torch.device) -> Samples:
    return [tensor.to(device) for tensor in load_split(split)]  #? not channels_last
    return [in_memory_order(tensor.to(device)) for tensor in load_split(split)]  #? channels_last


def in_memory_order(tensor: Tensor) -> Tensor:  #? channels_last
    """Images with their channels last in memory."""  #? channels_last
    if tensor.dim() == 4 and tensor.device.type == "cpu":  #? channels_last and on_cpu_only
    if tensor.dim() == 4:  #? channels_last and not on_cpu_only
        return tensor.contiguous(memory_format=torch.channels_last)  #? channels_last
    return tensor  #? channels_last


def epoch_order(epoch: int, count: int) -> Tensor:  #? shuffle
    """The order of the training samples in an epoch: it depends on the seed and the epoch alone."""  #? shuffle
    state = np.random.SeedSequence([SEED, 0, epoch]).generate_state(1, np.uint64)  #? shuffle
    generator = torch.Generator().manual_seed(int(state[0] >> 1))  #? shuffle
    return torch.randperm(count, generator=generator)  #? shuffle


def in_order(tensor: Tensor, order: Tensor) -> Tensor:  #? shuffle
    return tensor.index_select(0, order)  #? shuffle and not channels_last
    return in_memory_order(tensor.index_select(0, order))  #? shuffle and channels_last


def batch_sizes(count: int, size: int) -> list[int]:
    """Sizes of the batches. A single sample left over joins the last: batch norm cannot learn from one."""
    full, rest = divmod(count, size)
    sizes = [size] * full
    if rest == 1 and full:
        sizes[-1] += 1
    elif rest:
        sizes.append(rest)
    return sizes


def mean(losses: list[Tensor], sizes: list[int]) -> float:
    """The mean loss of a sample, from those of batches."""
    return float(torch.stack(losses).cpu().numpy() @ np.array(sizes, np.float64) / sum(sizes))


@torch.inference_mode()
def evaluate(network: nn.Module, samples: Samples) -> $evaluated:
    """$evaluated_words of the network as it is used: no dropout, running statistics."""
    network.eval()
    sizes = batch_sizes(len(samples[0]), EVALUATION_BATCH)
    losses = []
    outputs = []  #? metric
    for batch in zip(*(tensor.split(sizes) for tensor in samples), strict=True):
        objectives, _ = network.objectives(*batch)  #? not metric
        objectives, output = network.objectives(*batch)  #? metric
        losses.append($total)
        outputs.append(output$chosen)  #? metric
    return mean(losses, sizes)  #? not metric
    return mean(losses, sizes), measure_$metric(torch.cat(outputs), samples[$target])  #? metric


def measure_accuracy(output: Tensor, target: Tensor) -> float:  #? classification
    """The share of right answers; `output` holds one score per class, (N, C, …)."""  #? classification
    return (output.argmax(dim=1).flatten() == target.flatten()).cpu().numpy().mean().item()  #? classification


def measure_accuracy(output: Tensor, target: Tensor) -> float:  #? binary
    """The share of right answers; an output above $threshold means yes."""  #? binary
    return ((output > $threshold).flatten() == target.flatten().long()).cpu().numpy().mean().item()  #? binary


def measure_nrmse(output: Tensor, target: Tensor) -> float:  #? regression
    """Root mean squared error divided by the spread of the true values, in their own unit."""  #? regression
    count = len(target)  #? regression
    truth = restore($target_field, target.cpu().numpy().reshape(count, -1))  #? regression
    prediction = restore($target_field, output.float().cpu().numpy().reshape(count, -1))  #? regression
    errors = ((prediction - truth) ** 2).mean(axis=0)  #? regression
    return np.sqrt(errors / truth.var(axis=0)).mean().item()  #? regression


if __name__ == "__main__":
    main()
'''
