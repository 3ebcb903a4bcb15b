"""The name of the mistake: which wrong program answers as the candidate does."""
