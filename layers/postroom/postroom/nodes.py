"""A YAML text as nodes, which know where they stand; one that is nested too deeply is refused before it is composed.

PyYAML's composer over libyaml calls itself for each level and has no bound: some thousands of brackets end the process
(no exception is raised). The events come without recursion, so the levels are counted there first.
"""

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's where PyYAML was built with it: ten times faster
_DEEPEST = 100  # levels; the deepest file that means something to us has twenty
_OPENING = "[{-?:"  # each level is opened by one of them
_FEW = 1_000  # levels that any stack has room for


def compose(text: str) -> yaml.Node | None:
    """The root of the document; None where it is empty. Raises yaml.YAMLError."""
    if sum(map(text.count, _OPENING)) > _FEW:
        _check_depth(text)
    return yaml.compose(text, Loader=_LOADER)


def _check_depth(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise yaml.YAMLError(f"it is nested over {_DEEPEST} levels deep")
