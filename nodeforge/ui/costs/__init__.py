"""What the network costs: a table, a forecast of training memory, and colours on the canvas."""
