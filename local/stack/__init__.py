"""The local stack: MiniStack plays AWS, `local.ses` plays SES, and this very template is deployed into them."""
