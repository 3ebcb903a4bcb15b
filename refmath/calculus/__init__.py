"""Calculus by values of a function alone: derivatives, gradients, and whether a gradient is the right one."""
