"""Replying: may this mail be answered (preflight), in which words (templates), and as which bytes (compose)."""
