"""postroom suppressions: to which addresses nothing is sent, and a person's word on each."""
