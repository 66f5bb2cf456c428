"""Live plots of training. The only package that imports pyqtgraph; import it once it is to be shown."""
