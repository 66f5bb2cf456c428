"""Settings of a training stage, as data."""

from __future__ import annotations

from nodeforge.core.parameters import Boolean, Choice, Declaration, Integer, Number, Optional, Parameter

SETTINGS = Declaration(
    name="training",
    title="Training",
    summary="How long and in which portions a stage trains, and when it stops.",
    parameters=(
        Parameter(
            "epochs",
            Integer(minimum=1, maximum=1_000_000),
            10,
            "How many times the training goes through all samples.",
            unit="epochs",
        ),
        Parameter(
            "batch_size",
            Integer(minimum=1, maximum=1_000_000),
            64,
            "Samples per step. Larger batches run faster and give steadier, but fewer, steps.",
            unit="samples",
        ),
        Parameter(
            "gradient_clip_norm",
            Optional(of=Number(minimum=0.0, exclusive_minimum=True), empty="off"),
            None,
            "Shortens gradients longer than this. Tames sudden jumps of the loss; 1.0 is usual for "
            "recurrent networks.",
        ),
        Parameter(
            "early_stopping_patience",
            Optional(of=Integer(minimum=1), empty="off"),
            None,
            "Stops after so many checks on the validation data without improvement.",
            unit="checks",
        ),
        Parameter(
            "early_stopping_monitor",
            Choice(options=("loss", "metric")),
            "loss",
            "What counts as improvement: a lower validation loss, or a better main metric (accuracy, for "
            "classes). "
            "Also decides which checkpoint is the best.",
        ),
        Parameter(
            "early_stopping_min_delta",
            Number(minimum=0.0),
            0.0,
            "How much better it must get to count as an improvement.",
            advanced=True,
        ),
        Parameter(
            "restore_best",
            Boolean(),
            True,
            "End with the weights that did best on the validation data instead of the last ones.",
        ),
        Parameter(
            "validate_every",
            Integer(minimum=1),
            1,
            "Epochs between two checks on the validation data.",
            unit="epochs",
            advanced=True,
        ),
        Parameter(
            "checkpoint_every",
            Integer(minimum=1),
            1,
            "Epochs between two checkpoints to resume from.",
            unit="epochs",
            advanced=True,
        ),
        Parameter(
            "turn_steps",
            Integer(minimum=1, maximum=1000),
            1,
            "Steps in each turn, where stages take turns: the first takes so many batches, then the next makes so many "
            "steps on the last of them.",
            unit="steps",
            advanced=True,
        ),
        Parameter(
            "shuffle",
            Boolean(),
            True,
            "Go through the training samples in a new random order every epoch.",
            advanced=True,
        ),
        Parameter(
            "drop_last",
            Boolean(),
            False,
            "Leave out the last batch of an epoch when it is smaller than the others.",
            advanced=True,
        ),
        Parameter(
            "device",
            Choice(options=("auto", "cpu", "cuda", "mps")),
            "auto",
            "Where it is computed. auto takes a graphics card if there is one.",
            advanced=True,
        ),
        Parameter(
            "threads",
            Optional(of=Integer(minimum=1, maximum=1024), empty="auto"),
            None,
            "Processor threads to compute with. auto takes one for small networks, else all but one.",
            unit="threads",
            advanced=True,
        ),
        Parameter(
            "channels_last",
            Choice(options=("auto", "on", "off")),
            "auto",
            "Memory order of images. Channels last is up to twice as fast for convolutions on a processor.",
            advanced=True,
        ),
    ),
)
