"""Candidates, modules and programs that do what none should."""
