"""How each view is drawn: from a scene and a wish to what is shown."""

from __future__ import annotations

from collections.abc import Callable

from nodeforge.engine.live.scene import Scene
from nodeforge.engine.live.showing import attention, decisions, generating, gradients, layers, vitals
from nodeforge.engine.live.showing.memory import Memory
from nodeforge.engine.messages import LiveShown, Wish

Show = Callable[[Scene, Wish, Memory], LiveShown]

SHOWING: dict[str, Show] = {
    "forward": layers.forward,
    "activations": layers.activations,
    "weights": layers.weights,
    "map": layers.prototypes,
    "spikes": layers.spikes,
    "states": layers.states,
    "attention": attention.attention,
    "reconstruction": generating.reconstruction,
    "latent": generating.latent,
    "samples": generating.samples,
    "text": generating.text,
    "neurons": decisions.neurons,
    "boundary": decisions.boundary,
    "gradients": gradients.over_time,
    "flow": gradients.flow,
    "vitals": vitals.vitals,
}
"""By name of the view (`analysis.views.VIEWS`)."""
