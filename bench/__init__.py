"""Measurements. Nothing here is asserted: the figures go into docs/benchmarks.md with machine and date."""
