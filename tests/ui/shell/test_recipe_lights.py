"""What the recipe speaks of is lit on the canvas."""

from __future__ import annotations

import numpy as np

from nodeforge.ui.canvas.geometry.mirror import State


def test_the_node_at_hand_is_lit_until_the_choice_closes(open_window, project) -> None:
    window = open_window(project)
    button = window.workbench.training.recipe.head.learners
    mirror = window.canvas.mirror

    def lit() -> set[str]:
        return {
            name
            for name in window.model.graph.nodes
            if mirror.states[mirror.slots_of([name])] & np.uint8(State.LIT)
        }

    window.workbench.show_panel("training")
    button.open_choice()
    (fc,) = (button.choice.tree.topLevelItem(row) for row in range(button.choice.tree.topLevelItemCount()))
    button.choice.tree.setCurrentItem(fc)
    assert lit() == {"fc"}
    button.choice.close()
    assert lit() == set()
