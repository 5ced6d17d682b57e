"""What stands around a stage in Lambda: settings, the batch of a queue, the outcome line."""
