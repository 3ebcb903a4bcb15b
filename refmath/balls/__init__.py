"""Certified values: a SymPy definition evaluated in ball arithmetic, an interval with a proof."""
