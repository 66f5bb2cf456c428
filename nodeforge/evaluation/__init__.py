"""How good it is: metrics, and the baselines it must beat."""
