"""Layers that a person wrote: asking the engine about them, reading and trusting their code, editing their files."""
