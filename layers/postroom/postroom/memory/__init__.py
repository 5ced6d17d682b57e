"""Adapters that keep everything in memory, for tests and the command line; they pass the contract tests of AWS's."""
