"""A bounce from the command line: seen, explained, lifted here and at SES, counted, and erased with its person."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from postroom.address import State
from postroom.outcome import Stage
from postroom.reasons import Reason
from tests.journeys.conftest import Town, until

pytestmark = pytest.mark.journey


@pytest.fixture
def said(town: Town, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """What a command answers as JSON."""
    monkeypatch.setenv("POSTROOM_AGENT", "ann@staff.example")

    def answer(*words: str) -> Any:
        capsys.readouterr()
        assert main([*words, "--state", str(town.known.state), "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return answer


def test_a_bounce_is_seen_explained_lifted_and_erased(town: Town, said: Any, tmp_path: Path) -> None:
    who = f"gone-{town.fresh()}@gone.invalid"
    row = town.outcome(town.send(town.mail(sender=who)))
    assert row.records[Stage.REPLY].reason is Reason.ACKNOWLEDGED

    def bounces() -> list[Any]:
        return [each for each in said("bounces", "--since", "1h", "--domain", "GONE.invalid") if each["address"] == who]

    [bounce] = until(bounces, "bounce in the list")
    assert (bounce["permanence"], bounce["conversation"]) == ("permanent", row.fact(Stage.CLASSIFY, "conversation"))
    shown = said("suppressions", "show", who)
    assert (shown["suppressed"], shown["ses_list"]["reason"]) == (True, "BOUNCE")
    assert who in [each["address"] for each in said("suppressions", "list")]

    lifted = said("suppressions", "lift", who, "--reason", "she has a new account")
    assert (lifted["after"], lifted["ses_list_changed"]) == ("healthy", True)
    shown = said("suppressions", "show", who)
    assert (shown["state"], shown["ses_list"], len(shown["history"])) == ("healthy", None, 2)

    added = said("suppressions", "add", who, "--reason", "she asked on the phone", "--complaint")
    assert (added["after"], said("suppressions", "show", who)["ses_list"]["reason"]) == ("complained", "COMPLAINT")
    file = tmp_path / "held.csv"
    until(lambda: _exported(town, file, who), "address in the export")
    again = said("suppressions", "import", str(file), "--yes")
    assert (again["moved"], again["refused"]) == (0, [])

    said("erase", who, "--yes")
    until(lambda: not bounces(), "empty list of bounces")
    assert said("suppressions", "show", who)["history"] == []
    assert town.addresses.state(who) is State.HEALTHY


def test_what_was_sent_is_counted_here_and_at_ses(town: Town, said: Any, tmp_path: Path) -> None:
    town.outcome(town.send(town.mail()))
    until(lambda: said("stats", "--days", "1")["total"]["delivered"], "counted delivery")
    until(lambda: [day for day in said("stats", "--ses")["days"] if day["ses"]["attempts"]], "SES's counts")
    file = tmp_path / "mail.svg"
    assert main(["stats", "--chart", str(file), "--state", str(town.known.state)]) == 0
    assert file.read_text(encoding="utf-8").startswith("<svg")
    assert isinstance(said("stats", "--domains"), list)


def _exported(town: Town, file: Path, who: str) -> bool:
    assert main(["suppressions", "export", str(file), "--in", "complained", "--state", str(town.known.state)]) == 0
    return who in file.read_text(encoding="utf-8")
