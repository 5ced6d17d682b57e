"""The `postroom` command. It is never deployed."""
