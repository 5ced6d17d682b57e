"""A command of `postroom`, with its sentence of help."""

import argparse
from collections.abc import Callable

#: Where commands are added. argparse has no public name for it.
Commands = argparse._SubParsersAction
Run = Callable[[argparse.Namespace], int]


def command(commands: "Commands[argparse.ArgumentParser]", name: str, about: str, run: Run) -> argparse.ArgumentParser:
    """Adds it; `run` gives the exit status."""
    added = commands.add_parser(name, help=about, description=about[0].upper() + about[1:] + ".")
    added.set_defaults(command=run)
    return added
