"""What came back: SES events, delivery reports, complaints and bounces become one record, `report.Feedback`."""
