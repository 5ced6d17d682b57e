"""postroom stats: what became of our mail, day by day, and at what rates."""
