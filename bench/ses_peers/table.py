"""What was found, as a table in Markdown and as JSON."""

import json
from collections.abc import Mapping, Sequence
from itertools import groupby

from bench.ses_peers.probe import Answer, Probe, Verdict

Answers = Mapping[str, Sequence[Answer]]  # by target, in the order of the probes


def counts(answers: Answers) -> dict[str, dict[str, int]]:
    return {name: {one: sum(a.verdict is one for a in found) for one in Verdict} for name, found in answers.items()}


def markdown(probes: Sequence[Probe], answers: Answers) -> str:
    """A row for each probe, with a row of counts for each group; then the counts of all."""
    head = f"| Operation | {' | '.join(answers)} |\n|---|{'---|' * len(answers)}"
    lines = [head]
    for group, rows in groupby(enumerate(probes), key=lambda row: row[1].group):
        listed = list(rows)
        numbers = [number for number, _ in listed]
        sums = [sum(found[n].verdict is Verdict.YES for n in numbers) for found in answers.values()]
        lines.append(f"| **{group}** | {' | '.join(f'**{one} of {len(numbers)}**' for one in sums)} |")
        lines += [_row(probe.name, [found[n] for found in answers.values()]) for n, probe in listed]
    lines += ["", f"| Of {len(probes)} | {' | '.join(Verdict)} |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {' | '.join(str(one) for one in found.values())} |" for name, found in counts(answers).items()
    ]
    return "\n".join(lines) + "\n"


def _row(name: str, found: Sequence[Answer]) -> str:
    cells = [one.verdict + (f": {_cell(one.why)}" if one.verdict is Verdict.PARTLY else "") for one in found]
    return f"| {_cell(name)} | {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def as_json(probes: Sequence[Probe], answers: Answers) -> str:
    rows = [
        {
            "group": probe.group,
            "name": probe.name,
            **{name: {"verdict": found[n].verdict, "why": found[n].why} for name, found in answers.items()},
        }
        for n, probe in enumerate(probes)
    ]
    return json.dumps({"counts": counts(answers), "probes": rows}, indent=1, ensure_ascii=False) + "\n"
