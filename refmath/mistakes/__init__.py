"""Mistakes that operators make of a definition: named wrong formulas, for any formula, without a typed program for each."""
