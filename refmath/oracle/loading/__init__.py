"""From what a command names, or a project's settings, to the functions that are meant."""
