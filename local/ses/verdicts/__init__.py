"""What SES says of a received mail: spam, virus, SPF, DKIM, DMARC."""
