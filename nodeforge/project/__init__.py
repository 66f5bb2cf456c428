"""Files: schema, atomic save, recovery, runs, and where the shipped ones lie."""
