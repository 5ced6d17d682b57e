"""postroom templates: what the mails of a desk say; looked at, checked, and kept in SES."""
