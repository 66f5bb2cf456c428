"""Settings of a training stage, and of single nodes in it, as data."""

from __future__ import annotations

from nodeforge.core.parameters import Boolean, Choice, Declaration, Integer, Number, Optional, Parameter

_POSITIVE = Number(minimum=0.0, exclusive_minimum=True)

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
            Optional(of=_POSITIVE, empty="off"),
            None,
            "Shortens gradients longer than this. Tames sudden jumps of the loss; 1.0 is usual for "
            "recurrent networks.",
        ),
        Parameter(
            "gradient_clip_value",
            Optional(of=_POSITIVE, empty="off"),
            None,
            "Cuts every single number of the gradient to at most this, up or down.",
            advanced=True,
        ),
        Parameter(
            "accumulation_steps",
            Integer(minimum=1, maximum=100_000),
            1,
            "Batches whose gradients are added up before the weights move: as one batch so many times larger, in the "
            "memory of a small one.",
            unit="batches",
            advanced=True,
        ),
        Parameter(
            "warmup_epochs",
            Number(minimum=0.0, maximum=1_000_000),
            0.0,
            "Begins with a small learning rate and grows to that of the schedule, batch by batch. Keeps the first, "
            "wildest gradients from throwing the weights far off.",
            unit="epochs",
        ),
        Parameter(
            "ema_decay",
            Optional(of=Number(minimum=0.0, maximum=0.999999), empty="off"),
            None,
            "Keeps a running average of the weights, which is checked, kept and exported in their place: each step keeps "
            "this share of it. 0.99 to 0.9999 are usual.",
        ),
        Parameter(
            "l1",
            Number(minimum=0.0),
            0.0,
            "Adds so many times the sum of all absolute weights to what is made smaller: drives weights to exactly zero. "
            "Biases and normalisations are left alone.",
        ),
        Parameter(
            "l2",
            Number(minimum=0.0),
            0.0,
            "Adds so many times the sum of all squared weights to what is made smaller: keeps weights small. Goes through "
            "the gradient, unlike the weight decay of AdamW. Biases and normalisations are left alone.",
        ),
        Parameter(
            "class_weights",
            Choice(options=("off", "balanced")),
            "off",
            "balanced: mistakes on rare classes cost more, so that all classes count the same in the loss.",
        ),
        Parameter(
            "sampling",
            Choice(options=("plain", "balanced")),
            "plain",
            "balanced: each epoch draws every class equally often; samples of rare classes come several times.",
        ),
        Parameter(
            "precision",
            Choice(options=("float32", "bfloat16", "float16")),
            "float32",
            "Number format of the costly operations. bfloat16 is faster on newer processors and graphics cards; float16 "
            "needs a graphics card (CUDA), and gradients are scaled so that small ones do not vanish. Weights stay "
            "float32.",
            advanced=True,
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

GROUPS = {
    "Length": ("epochs", "batch_size", "shuffle", "sampling", "drop_last", "turn_steps"),
    "Stopping": (
        "early_stopping_patience",
        "early_stopping_monitor",
        "early_stopping_min_delta",
        "restore_best",
        "validate_every",
        "checkpoint_every",
    ),
    "Steps": (
        "warmup_epochs",
        "gradient_clip_norm",
        "gradient_clip_value",
        "accumulation_steps",
        "ema_decay",
    ),
    "Against overfitting": ("class_weights", "l1", "l2"),
    "Machine": ("device", "threads", "precision", "channels_last"),
}
"""The settings of a stage by what they are about, for forms and help."""

GRADIENT_ONLY = (*GROUPS["Steps"], "class_weights", "l1", "l2", "precision")
"""Settings that mean something only where an optimizer moves weights along a gradient."""

NODE_SETTINGS = Declaration(
    name="node_training",
    title="Training of a node",
    summary="How one node learns, where that differs from the stage.",
    parameters=(
        Parameter(
            "frozen",
            Boolean(),
            False,
            "Keeps the node's weights as they are.",
        ),
        Parameter(
            "frozen_statistics",
            Boolean(),
            True,
            "Lets a frozen normalisation use its running statistics and leave them as they are, and a frozen dropout let "
            "everything pass.",
            visible_if=("frozen", (True,)),
        ),
        Parameter(
            "lr_factor",
            Number(minimum=0.0, maximum=1e6, exclusive_minimum=True),
            1.0,
            "The node learns at so many times the learning rate of the stage: 0.1 for layers that were trained before.",
            visible_if=("frozen", (False,)),
        ),
        Parameter(
            "weight_decay",
            Optional(of=Number(minimum=0.0, maximum=10.0), empty="the optimizer's"),
            None,
            "Weight decay of this node.",
            visible_if=("frozen", (False,)),
        ),
        Parameter(
            "l1",
            Optional(of=Number(minimum=0.0), empty="the stage's"),
            None,
            "L1 of this node's weights.",
            visible_if=("frozen", (False,)),
        ),
        Parameter(
            "l2",
            Optional(of=Number(minimum=0.0), empty="the stage's"),
            None,
            "L2 of this node's weights.",
            visible_if=("frozen", (False,)),
        ),
    ),
)
"""What `Stage.per_node` may say of a node."""
