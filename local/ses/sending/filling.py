"""A template and its data become the parts of a mail. Pure.

Source: "Using templates to send personalized email with the Amazon SES API".
"""

from collections.abc import Mapping
from dataclasses import replace

from local.ses.account import Template
from local.ses.refused import Refused
from local.ses.sending import handlebars
from local.ses.sending.compose import Simple
from local.ses.values import Json, read_json

MAX_DATA = 262_144  # characters of TemplateData (API_Template)


def checked(template: Template) -> Template:
    """The template itself, where its parts can be understood; raises Refused (InvalidTemplate)."""
    if not template.parts:
        raise Refused("InvalidTemplate", f"Template {template.name} has no part: Subject, Text or Html.")
    for part in template.parts:
        try:
            handlebars.parsed(part)
        except handlebars.Malformed as error:
            raise Refused("InvalidTemplate", f"Template {template.name} is invalid. {error}") from error
    return template


def data(text: str) -> Mapping[str, Json]:
    """TemplateData understood; raises Refused (InvalidRenderingParameter)."""
    if len(text) > MAX_DATA:
        raise Refused("InvalidRenderingParameter", f"TemplateData has more than {MAX_DATA} characters.")
    try:
        found = read_json(text or "{}")
    except ValueError as error:
        raise Refused("InvalidRenderingParameter", "TemplateData is not JSON.") from error
    if not isinstance(found, dict):
        raise Refused("InvalidRenderingParameter", "TemplateData is not a JSON object.")
    return found


def filled(template: Template, found: Mapping[str, Json], simple: Simple) -> Simple:
    """The mail with the template's parts; raises handlebars.Unrendered."""
    # A template of API v2 is checked when it is made; the inline one of SendEmail here for the first time.
    checked(template)
    subject = _part(template.subject, found) or ""
    return replace(
        simple,
        subject=" ".join(subject.split("\n")).replace("\r", ""),
        text=_part(template.text, found),
        html=_part(template.html, found),
    )


def _part(part: str | None, found: Mapping[str, Json]) -> str | None:
    return None if part is None else handlebars.rendered(handlebars.parsed(part), found)
