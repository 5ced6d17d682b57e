"""Which conversation a mail belongs to, who may get into it, and what state it is in afterwards."""
