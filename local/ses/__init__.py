"""Amazon SES on one machine: mail in over SMTP, mail out over the SES APIs, S3 and SNS wherever an endpoint says.

A package of its own: it knows SES, and nothing of the programs that use it. `python -m local.ses --help` runs it.
Receiving follows "Email receiving with Amazon SES", sending "SES API v2" (SES developer guide and API references).
"""
