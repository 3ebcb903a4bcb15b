"""Somebody else's code in this process: imported, looked at, called in the guarded way, and what was observed."""
