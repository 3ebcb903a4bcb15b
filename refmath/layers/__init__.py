"""Layers without an activation: affine maps and normalisations, each with its backward form, one formula a module."""
