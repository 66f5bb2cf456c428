"""What both the window and the command line do with a project. No Qt, no torch."""
