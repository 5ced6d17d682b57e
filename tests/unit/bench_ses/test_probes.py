"""How a probe judges: yes, partly and no must each be earned."""

import json

import pytest
from botocore.exceptions import ClientError

from bench.ses_peers import table
from bench.ses_peers.mails import Moto
from bench.ses_peers.probe import Answer, Partly, Probe, Verdict, refused
from bench.ses_peers.probes import PROBES
from bench.ses_peers.target import Target, at

_NOWHERE = "http://127.0.0.1:9"  # discard: nothing listens


@pytest.fixture(scope="module")
def nobody() -> Target:
    return Target(name="nobody", url=_NOWHERE, aws=_NOWHERE, mails=Moto(url=_NOWHERE))


def _says(code: str, message: str = "It is so.") -> None:
    raise ClientError({"Error": {"Code": code, "Message": message}}, "Probe")


def _answer(target: Target, *codes: str, code: str, message: str = "It is so.") -> Verdict:
    ask = Probe(group="g", name="n", ask=lambda _: refused(lambda: _says(code, message), *codes))
    return ask.of(target).verdict


def test_a_refusal_by_its_name_is_a_yes(nobody: Target) -> None:
    assert _answer(nobody, "NotFoundException", code="NotFoundException") is Verdict.YES


def test_a_refusal_by_another_name_is_partly(nobody: Target) -> None:
    assert _answer(nobody, "NotFoundException", code="BadRequestException") is Verdict.PARTLY


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("InvalidAction", "Unknown action: SendBounce"),
        ("InvalidAction", "The action SendBounce is not played here."),
        ("NotFoundException", "Unknown SES v2 path: PUT /v2/email/account/sending"),
        ("404", "404: Not Found"),
        ("404", "<!doctype html>\n<html lang=en>"),
        ("404", "<UnknownOperationException/>"),
        ("500", "Internal Server Error"),
    ],
)
def test_a_call_that_is_not_there_is_no_refusal(nobody: Target, code: str, message: str) -> None:
    assert _answer(nobody, "NotFoundException", code=code, message=message) is Verdict.NO


def test_what_is_accepted_is_not_refused() -> None:
    with pytest.raises(AssertionError, match="accepted"):
        refused(lambda: None, "NotFoundException")


def test_a_program_that_is_not_there_does_nothing(nobody: Target) -> None:
    quick = [one for one in PROBES if one.group in ("rules", "identities", "account", "SMTP")]
    found = {one.name: one.of(nobody).verdict for one in quick}
    assert found == dict.fromkeys(found, Verdict.NO)


def test_no_two_probes_have_one_name() -> None:
    names = [(one.group, one.name) for one in PROBES]
    assert len(set(names)) == len(names)


def test_the_table_counts_each_group_and_all() -> None:
    probes = [
        Probe(group=group, name=name, ask=lambda _: None) for group, name in (("a", "x|y"), ("a", "z"), ("b", "w"))
    ]
    yes, short = Answer(verdict=Verdict.YES), Answer(verdict=Verdict.PARTLY, why="another name")
    answers = {"ours": [yes, yes, yes], "theirs": [yes, short, Answer(verdict=Verdict.NO, why="404")]}
    shown = table.markdown(probes, answers)
    assert "| **a** | **2 of 2** | **1 of 2** |" in shown
    assert "| x\\|y | yes | yes |" in shown
    assert "| z | yes | partly: another name |" in shown
    assert "| theirs | 1 | 1 | 1 |" in shown
    assert at(json.loads(table.as_json(probes, answers)), "probes.2.theirs.why") == "404"


def test_partly_is_said_with_its_reason(nobody: Target) -> None:
    def ask(_: Target) -> None:
        raise Partly("its content is another")

    assert Probe(group="g", name="n", ask=ask).of(nobody) == Answer(
        verdict=Verdict.PARTLY, why="its content is another"
    )
