"""What SES itself doesn't have: looking at what passed."""
