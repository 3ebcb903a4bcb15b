"""Somebody else's code in another process: a host of ours that imports it, or a program in any language."""
