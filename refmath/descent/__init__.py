"""Descent: from a gradient to a smaller value, on the whole data or on a batch of it."""
