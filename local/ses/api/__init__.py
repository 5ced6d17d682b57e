"""The two APIs over HTTP."""
