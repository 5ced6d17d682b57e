"""A template as its mail would be, for whoever wrote it (API_TestRenderEmailTemplate). Pure but for the date."""

from email.utils import format_datetime

from local.ses.account import Template
from local.ses.refused import Refused
from local.ses.sending import compose, filling
from local.ses.sending.compose import Simple
from local.ses.sending.handlebars import Unrendered
from local.ses.values import now


def shown(template: Template, data: str) -> str:
    """The whole MIME of the mail; raises Refused (InvalidRenderingParameter, MissingRenderingAttribute)."""
    try:
        filled = filling.filled(template, filling.data(data), Simple(source="", subject=""))
    except Unrendered as error:
        raise Refused("MissingRenderingAttribute", str(error)) from error
    mail = compose.composed(filled).decode("ascii", "replace")
    return f"Date: {format_datetime(now())}\r\n{mail}"
