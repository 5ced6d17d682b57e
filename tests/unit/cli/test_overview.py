"""The help of `postroom`: every command once, in the group where one would look for it."""

import argparse
from itertools import chain

import pytest

from cli.main import _parser, main
from cli.overview import GROUPS


def _commands() -> "argparse._SubParsersAction[argparse.ArgumentParser]":
    (commands,) = (each for each in _parser()._actions if isinstance(each, argparse._SubParsersAction))
    return commands


def test_every_command_stands_in_one_group() -> None:
    assert sorted(chain(*GROUPS.values())) == sorted(_commands().choices)


def test_the_help_has_each_command_with_its_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert main([]) == 2
    told = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "conversations:" in told
    assert "why every decision about one mail, and its reason" in told
    assert len([line for line in told if line.split(" ")[0] in _commands().choices]) >= len(_commands().choices)
