"""What AWS asks for a call: us-east-1, on demand, in USD, by its price pages of 2025. Free tiers are left out."""

from collections.abc import Mapping

MILLION = 1_000_000

#: S3 requests by operation; what isn't here (DELETE, abort) is free.
S3: Mapping[str, float] = {
    "PutObject": 5.00 / MILLION,
    "CreateMultipartUpload": 5.00 / MILLION,
    "UploadPart": 5.00 / MILLION,
    "CompleteMultipartUpload": 5.00 / MILLION,
    "ListObjectsV2": 5.00 / MILLION,
    "GetObject": 0.40 / MILLION,
    "HeadObject": 0.40 / MILLION,
}
DYNAMODB_WRITE = 0.625 / MILLION  # a write request unit
DYNAMODB_READ = 0.125 / MILLION  # a read request unit
EVENT = 1.00 / MILLION  # a custom event of 64 KB
SQS_REQUEST = 0.40 / MILLION
SNS_PUBLISH = 0.50 / MILLION  # deliveries to SQS are free
LAMBDA_REQUEST = 0.20 / MILLION
LAMBDA_GB_SECOND = 0.0000133334  # arm64
LOG_BYTE = 0.50 / 1_000_000_000
