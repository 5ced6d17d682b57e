"""A desk's model of categories, before a stack is started with it."""

from pathlib import Path

from local.stack.errors import StackError
from postroom.categories import form


def read(path: Path) -> bytes:
    """The file, known to be a model; StackError where it is none, or can't be read."""
    try:
        model = path.expanduser().read_bytes()
        form.read(model)
    except OSError as error:
        raise StackError(f"{path}: can't be read ({error.strerror}): check the path and its permissions") from error
    except form.Unusable as error:
        raise StackError(f"{path}: {error}") from error
    return model
