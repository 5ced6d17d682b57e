"""`make demo`: a dozen mails, or the user's own, through the whole local stack, and what became of each."""
