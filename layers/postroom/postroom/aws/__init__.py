"""The adapters to AWS. They translate botocore's errors; nothing above them knows botocore."""
