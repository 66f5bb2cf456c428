"""What stands below the canvas: problems, code, data, training, plots and runs."""
