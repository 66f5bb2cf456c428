"""Reading tables of text: what encoding and delimiter, which column is what, and the numbers in it."""
