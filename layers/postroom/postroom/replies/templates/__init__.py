"""Templates of the mails that we send, and the one renderer for all of them.

A folder per template, a folder per language, three files in each, in the part of Handlebars that SES documents. Strict
where SES is lenient: a variable without a value is an error here; SES would accept it and fail later, unseen.
"""

from postroom.replies.templates.folder import Templates, checked, load
from postroom.replies.templates.languages import DEFAULT_LANGUAGE
from postroom.replies.templates.rendering import MissingVariable
from postroom.replies.templates.template import Rendered, Template
from postroom.replies.templates.variables import VARIABLES

__all__ = (
    "DEFAULT_LANGUAGE",
    "VARIABLES",
    "MissingVariable",
    "Rendered",
    "Template",
    "Templates",
    "checked",
    "load",
)
