"""Values everything else is made of: graphs, edits, diagnostics. Standard library and networkx only."""
