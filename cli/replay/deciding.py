"""What decides at present: of a stack what its classify function goes by, otherwise what this checkout would deploy."""

from collections.abc import Iterator

from cli import deployed
from cli.paths import MODEL, ROOT, RULES
from cli.replay.sides import Trained, Written, loaded, named, written
from cli.running import Running
from postroom.errors import Misconfigured
from postroom.ports import NotFound, RuleFile, RuleFiles

_DEPLOYED = f"{RULES.relative_to(ROOT)} as it was deployed"
_EARLIER = " (an earlier version: the newest has faults)"


def rules(stack: Running | None) -> Written:
    """The file that the function was deployed with, unless the stack keeps its rules in the bucket and has put a right
    one there. NotFound where the function's code can't be had."""
    if stack is None:
        return written(RULES)
    pushed = _right(stack.rule_files, f"s3://{stack.bucket}/{stack.rules_key}") if stack.rules_in_bucket else None
    return pushed or Written(text=deployed.rules(stack).decode(errors="replace"), source=_DEPLOYED)


def model(stack: Running | None) -> Trained | None:
    """The model that the stack's parameter names, or else the file beside the function, if there is one."""
    if stack is None or not stack.category_model:
        return Trained.of(MODEL.read_bytes(), named(MODEL)) if MODEL.exists() else None
    source = f"s3://{stack.bucket}/{stack.category_model}"
    try:
        return Trained.of(stack.objects.read(stack.category_model), source)
    except NotFound:
        return Trained.of(b"", source)  # as unusable as the function finds it


def _right(files: RuleFiles, source: str) -> Written | None:
    """As the function looks for it (`postroom.stages.current_rules`): the newest, or the last one before it that is
    right."""
    for number, file in enumerate(_newest_first(files)):
        try:
            found = Written(text=file.text.decode(), source=f"{source}{_EARLIER * bool(number)}")
            loaded(found)
        except (UnicodeDecodeError, Misconfigured):
            continue
        return found
    return None


def _newest_first(files: RuleFiles) -> Iterator[RuleFile]:
    try:
        newest = files.newest()
    except NotFound:
        return
    if newest is not None:
        yield newest
    yield from files.earlier()
