"""Postroom: an inbound-mail desk. Importing any of its modules does nothing: no environment, no client, no I/O."""
