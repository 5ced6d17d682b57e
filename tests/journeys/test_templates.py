"""A stack that is deployed with SesTemplates "on": its custom resource has put the desk's templates into SES."""

import pytest

from cli.paths import TEMPLATES
from postroom.replies import templates
from postroom.replies.templates import ses
from tests.journeys.conftest import Town

pytestmark = pytest.mark.journey


def test_ses_has_the_templates_of_the_deployment(town: Town) -> None:
    name = town.stack.name
    wanted = {each.name: each for each in ses.all_for_ses(templates.load(TEMPLATES), name)}
    assert town.known.outputs["SesTemplatesState"] == f"{len(wanted)} templates are in SES"
    listed = town.stack.ses.list_email_templates(PageSize=100)["TemplatesMetadata"]
    assert {each["TemplateName"] for each in listed} == set(wanted)
    (some, *_) = wanted.values()
    assert town.stack.ses.get_email_template(TemplateName=some.name)["TemplateContent"]["Html"] == some.html
