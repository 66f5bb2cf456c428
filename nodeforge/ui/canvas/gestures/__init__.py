"""What a hand does on the canvas: one object for each gesture, from press to release."""
