"""`python -m bench.templates`: what a mail's words cost: finding the templates, reading one, filling it in.

CPU time of the process, median and 99th of many. Reading is with the files in the system's cache; what a function does
once at its start is measured apart from what it does for each mail. The worst template is made here.
"""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from postroom.replies.templates import load
from postroom.replies.templates.handlebars import Source, parse
from postroom.replies.templates.lint import lint
from postroom.replies.templates.rendering import MAX_STEPS, Unrendered, render
from postroom.replies.templates.variables import EXAMPLES

FOLDER = Path(__file__).resolve().parents[1] / "functions" / "reply" / "templates"
_TIMES = 300


def main() -> None:
    print(f"{'':44}{'median ms':>12}{'99th ms':>12}{'bytes':>10}")
    found = load(FOLDER)
    _row("once: find every template and language", lambda: load(FOLDER))
    _row("once a language: read the acknowledgement", lambda: load(FOLDER).pick("acknowledgement", "de"))
    for name in found.by_name:
        template = found.pick(name, "de")
        rendered = template.render(EXAMPLES)
        size = sum(len(part.encode()) for part in (rendered.subject, rendered.text, rendered.html))
        _row(f"each mail: render {name}", partial(template.render, EXAMPLES), size)
    _row(f"a template that never ends, stopped at {MAX_STEPS:,}", _endless, times=5)
    _row("lint of every template", lambda: lint(FOLDER), times=5)


def _endless() -> None:
    nodes = parse(Source("endless", "{{#each l}}{{#each ../l}}{{#each ../../l}}x{{/each}}{{/each}}{{/each}}"))
    try:
        render(nodes, {"l": list(range(1_000))})
    except Unrendered:
        return
    raise AssertionError("a billion letters were written")


def _row(name: str, run: Callable[[], object], size: int = 0, times: int = _TIMES) -> None:
    spent = [_timed(run) for _ in range(times)]
    print(f"{name:44}{median(spent):>12.3f}{quantiles(spent, n=100)[-1]:>12.3f}{size or '':>10}")


def _timed(run: Callable[[], object]) -> float:
    """Milliseconds."""
    start = time.process_time()
    run()
    return (time.process_time() - start) * 1e3


if __name__ == "__main__":
    main()
