"""`python -m bench.replay [FOLDER...]`: how many mails a minute `postroom replay` gets through, by processes.

Without a folder the mails are made here, with fixed seeds: most of some KB, some larger, a few with attachments. Each
round is the whole command but its report: files are read, parsed, and decided under two sets of rules. Exit status 1
where fewer than 1,000 a minute were done.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from bench.parse import pieces
from cli.paths import RULES
from cli.replay import sources
from cli.replay.replaying import Plan, replay
from cli.replay.sides import Side, Written
from cli.replay.tally import Tally
from postroom.desk import Desk

_WANTED = 1_000  # mails a minute, on two cores
_SIZES = (4_500, 6_000, 9_000, 15_000, 4_500, 7_000, 50_000, 12_000, 300_000, 5_000)  # bytes, in turn


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folders", nargs="*", metavar="FOLDER", type=Path, help="mail to be replayed")
    parser.add_argument("--mails", type=int, default=1_000, help="how many are made (default: %(default)s)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folders = args.folders or [_made(Path(made), args.mails)]
        fastest = max(_round(folders, processes) for processes in (1, 2))
    return 0 if fastest >= _WANTED else 1


def _made(folder: Path, count: int) -> Path:
    for number in range(count):
        (folder / f"{number:05}.eml").write_bytes(b"".join(pieces(_SIZES[number % len(_SIZES)] + number)))
    return folder


def _round(folders: list[Path], processes: int) -> float:
    """Mails a minute on so many processes; prints them."""
    text = RULES.read_text(encoding="utf-8")
    plan = Plan(
        present=Side(rules=Written(text=text, source="present")),
        new=Side(rules=Written(text=f"{text}\n# changed\n", source="new")),
        desk=Desk(address="", from_name=""),
    )
    tally, begun, spent = Tally(shown=0), time.perf_counter(), _spent()
    for found in replay(plan, sources.of_paths(folders).mails, processes):
        tally.add(found)
    seconds = time.perf_counter() - begun
    a_minute = 60 * tally.mails / seconds
    print(
        f"{processes} of {os.cpu_count()} cores: {tally.mails:,} mails in {seconds:.1f} s, {a_minute:,.0f} a minute,"
        f" {1_000 * (_spent() - spent) / max(tally.mails, 1):.1f} ms of a core each"
        f" ({tally.unread} unread, load {os.getloadavg()[0]:.1f})"
    )
    return a_minute


def _spent() -> float:
    """Seconds of all cores that this process and those that it has ended have had."""
    return sum(os.times()[:4])


if __name__ == "__main__":
    sys.exit(main())
