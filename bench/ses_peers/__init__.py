"""Programs that play Amazon SES, side by side: what each does of what a mail desk asks of SES."""
