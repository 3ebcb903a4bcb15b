"""Activations: from pre-activations to outputs, one formula a module."""
