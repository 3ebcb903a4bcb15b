"""Coverage-guided fuzzing of what the command line reads: `nox -s fuzz`."""
