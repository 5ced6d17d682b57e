"""What can go wrong before the stack is up. Each text is a sentence for the person who must act."""


class StackError(Exception):
    """The root."""


class PortTaken(StackError):
    """A port can't be listened on."""


class NotInstalled(StackError):
    """A part of the set-up is missing."""


class ChildFailed(StackError):
    """A child process ended, or didn't become ready in time. The text ends with the last lines that it logged."""


class TemplateFault(StackError, ValueError):
    """The template holds something that the local stack can't read or can't play."""


class BadParameter(StackError):
    """A parameter that the template doesn't have, or a value that it doesn't allow."""


class DeployFailed(StackError):
    """The template could not be deployed into MiniStack."""


class AlreadyRunning(StackError):
    """Another stack uses the same state folder."""


class NotRunning(StackError):
    """No stack is up in this state folder."""
