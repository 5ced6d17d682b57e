"""What becomes of sent mail, and the events that tell of it."""
