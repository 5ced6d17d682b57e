"""The mail templates of an account ("Using templates to send personalized email")."""

import re
from dataclasses import dataclass
from datetime import datetime

from local.ses.refused import Refused

MAX_TEMPLATES = 20_000  # "Service quotas": email templates per Region
MAX_BYTES = 500 * 1024  # of one template, in all its parts
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """The parts of a mail, before anything is filled in. A part that is missing is None."""

    name: str
    subject: str | None
    text: str | None
    html: str | None
    created_at: datetime

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise Refused("InvalidParameterValue", f"Not a name for a template: <{self.name}>")
        size = sum(len(part.encode("utf-8", "surrogatepass")) for part in self.parts)
        if size > MAX_BYTES:
            raise Refused("LimitExceeded", f"Template {self.name} has {size} bytes; the most is {MAX_BYTES}.")

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(part for part in (self.subject, self.text, self.html) if part is not None)


class Templates:
    def __init__(self) -> None:
        self._templates: dict[str, Template] = {}

    def create(self, template: Template) -> None:
        if template.name in self._templates:
            raise Refused("AlreadyExists", f"Template {template.name} already exists")
        if len(self._templates) >= MAX_TEMPLATES:
            raise Refused("LimitExceeded", f"An account has at most {MAX_TEMPLATES} templates.")
        self._templates[template.name] = template

    def update(self, template: Template) -> None:
        self.get(template.name)
        self._templates[template.name] = template

    def get(self, name: str) -> Template:
        if name not in self._templates:
            raise Refused("TemplateDoesNotExist", f"Template {name} does not exist")
        return self._templates[name]

    def delete(self, name: str) -> None:
        """Forgets a template; one that isn't there is no error here: API v2 asks with `get` first."""
        self._templates.pop(name, None)

    def all(self) -> list[Template]:
        """Newest first, as ListTemplates has them."""
        return sorted(self._templates.values(), key=lambda one: (one.created_at, one.name), reverse=True)
