"""`postroom why`: the ledger's row of a mail as an explanation, in the order in which it was decided."""
