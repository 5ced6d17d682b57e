"""What a receipt rule does with a mail: a module for each type of action ("Action options", SES developer guide)."""
