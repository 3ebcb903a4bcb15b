"""Benchmarks: `python -m benchmarks` measures, writes results/results.json, and renders docs/benchmarks.md from it."""
