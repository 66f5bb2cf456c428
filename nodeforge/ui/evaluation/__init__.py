"""How good a run is: tables, curves, comparisons with the truth, and the worst mistakes."""
