"""Sound: reading files, changing the rate, cutting windows, spectrograms."""
