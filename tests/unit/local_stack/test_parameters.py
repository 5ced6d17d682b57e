"""The template's parameters as they are set for `make run`, and what is refused before anything starts."""

from pathlib import Path

import pytest

from local.stack import __main__ as command
from local.stack import parameters, tree
from local.stack.errors import BadParameter
from local.stack.stack import DEMO_DESK

TEMPLATE = tree.load((Path(__file__).parents[3] / "template.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("", {}),
        ("  ", {}),
        ("NotifyAgents=all", {"NotifyAgents": "all"}),
        (
            "QuietHours=22:00-07:00 Europe/Berlin NotifyAgents=all",
            {"QuietHours": "22:00-07:00 Europe/Berlin", "NotifyAgents": "all"},
        ),
        ("QuietHours='22:00-07:00 UTC' SesTemplates=on", {"QuietHours": "22:00-07:00 UTC", "SesTemplates": "on"}),
        ('FromName="Ann & Bob"', {"FromName": "Ann & Bob"}),
        ("QuietHours= CloseNoticeDays=2", {"QuietHours": "", "CloseNoticeDays": "2"}),
        ("Agents=a=b@desk.example", {"Agents": "a=b@desk.example"}),
    ],
)
def test_a_value_runs_up_to_the_next_name(text: str, given: dict[str, str]) -> None:
    assert parameters.read(text) == given


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("on", "'on' sets no parameter: write Name=value"),
        ("quietHours=22:00", "sets no parameter"),
        ("on NotifyAgents=all", "'on' sets no parameter"),
        ("LogLevel=INFO LogLevel=DEBUG", "LogLevel is set twice"),
    ],
)
def test_what_sets_nothing_is_told_with_an_example(text: str, told: str) -> None:
    with pytest.raises(BadParameter, match=told):
        parameters.read(text)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("NotifyAgent", "all", "no parameter NotifyAgent: did you mean NotifyAgents?"),
        ("Zzz", "1", "it has DeskAddress, FromName"),
        ("NotifyAgents", "on", "NotifyAgents can't be 'on': it is one of nobody, assigned, all"),
        ("AutomaticReplies", "True", "one of on, off"),
        ("LogRetentionDays", "31", "one of 1, 3, 5, 7"),
        ("QuietHours", "22:00-07:00", "can't be '22:00-07:00': it is two times of day and a time zone"),
        ("CloseNoticeDays", "366", "a number from 0 to 365"),
        ("CloseNoticeDays", "-1", "a whole number"),
        ("CloseNoticeDays", "1" * 5_000, "a number from 0 to 365"),
        ("Agents", "ann@desk.example,bob", "addresses or domains, with commas between"),
        ("DeskAddress", "support", "one plain address"),
    ],
)
def test_what_the_template_does_not_allow_is_refused_with_what_it_does(name: str, value: str, told: str) -> None:
    with pytest.raises(BadParameter) as refused:
        parameters.check(TEMPLATE, {name: value})
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("QuietHours", "22:00-07:00 Europe/Berlin"),
        ("QuietHours", ""),
        ("Agents", "ann@desk.example, staff.example"),
        ("Agents", ""),
        ("LogRetentionDays", "30"),
        ("CloseNoticeDays", "365"),
        ("SesTemplates", "on"),
    ],
)
def test_what_the_template_allows_passes(name: str, value: str) -> None:
    parameters.check(TEMPLATE, {name: value})


def test_the_demo_desk_is_allowed() -> None:
    parameters.check(TEMPLATE, DEMO_DESK)


def test_what_is_set_holds_over_the_options_beside_it() -> None:
    given = ["run", "--agents", "ann@desk.example", "--set", "RulesLocation=function NotifyAgents=all"]
    planned = command._plan(command._arguments(given)).parameters
    assert planned["Agents"] == "ann@desk.example"
    assert (planned["RulesLocation"], planned["NotifyAgents"]) == ("function", "all")


def test_a_wrong_value_ends_the_start_with_status_2_and_no_child(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "run"
    assert command.main(["run", "--smtp-port", "0", "--state", str(state), "--set", "NotifyAgents=on"]) == 2
    assert "NotifyAgents can't be 'on'" in capsys.readouterr().err
    assert not list((state / "logs").iterdir())
