"""Frames and notes: what is under the pointer, their commands, the fields in which they are written."""
