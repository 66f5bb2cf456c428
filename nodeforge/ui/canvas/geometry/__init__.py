"""Where everything is: the shown network as arrays, the courses of its wires, and what lies under a point."""
