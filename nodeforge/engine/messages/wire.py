"""The bytes of messages on the wire between two processes: msgpack."""

from __future__ import annotations

import msgspec

from nodeforge.engine.messages.base import Done, Failed, Ping, Pong, Shutdown
from nodeforge.engine.messages.checking import (
    CancelDeepCheck,
    CustomShapes,
    DeepCheck,
    DeepCheckAdvanced,
    DeepChecked,
    ShapesFound,
)
from nodeforge.engine.messages.data import DataDescribed, DescribeData
from nodeforge.engine.messages.live import LiveShown, WatchLive
from nodeforge.engine.messages.runs import Evaluated, EvaluateRun, Exported, ExportModel, Predict, Predicted
from nodeforge.engine.messages.starting import MatchWeights, RatesTried, TryRates, WeightsMatched
from nodeforge.engine.messages.training import (
    ControlTraining,
    EpochEnded,
    MemoryMeasured,
    Progress,
    RunFinished,
    StartTraining,
    StepSamples,
    TrainingStarted,
    TrainingState,
)

AnyRequest = (
    Ping
    | DescribeData
    | StartTraining
    | ControlTraining
    | ExportModel
    | EvaluateRun
    | Predict
    | DeepCheck
    | CustomShapes
    | CancelDeepCheck
    | WatchLive
    | MatchWeights
    | TryRates
    | Shutdown
)

AnyReply = (
    Pong
    | Done
    | Failed
    | DataDescribed
    | TrainingStarted
    | Exported
    | Evaluated
    | Predicted
    | DeepChecked
    | ShapesFound
    | WeightsMatched
    | RatesTried
)

AnyEvent = (
    TrainingState
    | StepSamples
    | Progress
    | EpochEnded
    | MemoryMeasured
    | RunFinished
    | DeepCheckAdvanced
    | LiveShown
)

request_decoder = msgspec.msgpack.Decoder(AnyRequest)

answer_decoder = msgspec.msgpack.Decoder(AnyReply | AnyEvent)

encode = msgspec.msgpack.Encoder().encode
