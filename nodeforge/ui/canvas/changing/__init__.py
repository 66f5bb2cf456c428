"""What is done to the drawing besides gestures: edits, laying out, aligning, copying, nesting."""
