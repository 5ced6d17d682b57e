"""The templates that an SES account keeps (API v2). Each call may be made once a second: the client waits for that."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from postroom.aws.failures import code_of
from postroom.errors import PostroomError
from postroom.replies.templates.ses import MAX_NAME, SesTemplate

if TYPE_CHECKING:
    from types_boto3_sesv2 import SESV2Client
    from types_boto3_sesv2.type_defs import EmailTemplateContentTypeDef

_PAGE = 100  # names: the most (ListEmailTemplates)
_PAGES = 20_000 // _PAGE + 1  # an account has 20,000 templates at most (service quotas)


@dataclass(frozen=True, slots=True, kw_only=True)
class SesTemplates:
    """`postroom.replies.templates.changes.Kept` over SES.

    Only templates whose names begin with `prefix` are seen, and none else can be changed or deleted.
    """

    client: "SESV2Client"
    prefix: str

    def names(self) -> Iterator[str]:
        token = ""
        for _ in range(_PAGES):
            more = {"NextToken": token} if token else {}
            page = self.client.list_email_templates(PageSize=_PAGE, **more)
            names = (each.get("TemplateName", "") for each in page["TemplatesMetadata"])
            yield from (name for name in names if name.startswith(self.prefix))
            if not (token := page.get("NextToken", "")):
                return

    def all(self) -> Iterator[SesTemplate]:
        """Those that are there, by name."""
        for name in sorted(self.names()):
            kept = self.client.get_email_template(TemplateName=name)["TemplateContent"]
            yield SesTemplate(
                name=name, subject=kept.get("Subject", ""), text=kept.get("Text", ""), html=kept.get("Html", "")
            )

    def create(self, template: SesTemplate) -> None:
        """Also where it is there already: the answer to a first try may have been lost."""
        name = self._ours(template.name)
        try:
            self.client.create_email_template(TemplateName=name, TemplateContent=_content(template))
        except ClientError as error:
            if code_of(error) != "AlreadyExistsException":
                raise
            self.update(template)

    def update(self, template: SesTemplate) -> None:
        self.client.update_email_template(TemplateName=self._ours(template.name), TemplateContent=_content(template))

    def delete(self, name: str) -> None:
        """Also where it is gone already."""
        try:
            self.client.delete_email_template(TemplateName=self._ours(name))
        except ClientError as error:
            if code_of(error) != "NotFoundException":
                raise

    def _ours(self, name: str) -> str:
        if not name.startswith(self.prefix) or len(name) > MAX_NAME:
            raise PostroomError(f"{name!r} should begin with {self.prefix!r} and have at most {MAX_NAME} characters")
        return name


def _content(template: SesTemplate) -> "EmailTemplateContentTypeDef":
    return {"Subject": template.subject, "Text": template.text, "Html": template.html}
