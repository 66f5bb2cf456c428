"""How everything looks: nodes, wires and frames in paint, on the screen and in pictures."""
