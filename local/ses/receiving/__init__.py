"""Mail in: SMTP, receipt rules, and what each action does with a mail."""
