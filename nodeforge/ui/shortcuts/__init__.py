"""Keys of commands, as a person wants them."""
