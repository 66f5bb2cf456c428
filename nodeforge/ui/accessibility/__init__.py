"""What a screen reader finds and hears where Qt does not tell it by itself."""
