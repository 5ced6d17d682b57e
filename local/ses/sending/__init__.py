"""Mail out: what is taken, what is changed, where it goes."""
