"""A probe: one operation or behaviour of SES, and what a program that plays SES makes of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from botocore.exceptions import ClientError

from bench.ses_peers.target import Target

_WORDS = 140  # characters of a reason

# How programs say that they don't know a call, whatever name they give the refusal.
_UNKNOWN = re.compile(r"Unknown (?:action|SES)|UnknownOperation|<!doctype|not played|\A[45]\d\d: ", re.IGNORECASE)


class Verdict(StrEnum):
    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Partly(Exception):
    """It is there, and falls short of SES. The text says in a few words where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    verdict: Verdict
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """`ask` returns where the target does it, raises Partly where it falls short, anything else where it doesn't."""

    group: str
    name: str
    ask: Callable[[Target], None]

    def of(self, target: Target) -> Answer:
        try:
            self.ask(target)
        except Partly as short:
            return Answer(verdict=Verdict.PARTLY, why=str(short)[:_WORDS])
        except (
            Exception
        ) as error:  # a peer may fail in any way at all: whatever it is, it is the answer no, and its reason
            return Answer(verdict=Verdict.NO, why=_reason(error)[:_WORDS])
        return Answer(verdict=Verdict.YES)


def _reason(error: Exception) -> str:
    if isinstance(error, ClientError):
        found = error.response["Error"]
        return " ".join(f"{found.get('Code', '?')}: {found.get('Message', '')}".split())
    text = " ".join(str(error).split())
    return text if isinstance(error, AssertionError) and text else f"{type(error).__name__}: {text}"


class Group:
    """The probes of one subject, in the order in which they are written."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.probes: list[Probe] = []

    def probe(self, name: str) -> Callable[[Callable[[Target], None]], Callable[[Target], None]]:
        def kept(ask: Callable[[Target], None]) -> Callable[[Target], None]:
            self.probes.append(Probe(group=self.name, name=name, ask=ask))
            return ask

        return kept


def refused(call: Callable[[], object], *codes: str) -> None:
    """The call is refused, and with one of SES's own names for it."""
    try:
        call()
    except ClientError as error:
        found = error.response["Error"]
        code = found.get("Code", "?")
        if code == "500" or _UNKNOWN.search(found.get("Message", "")):
            raise
        if code not in codes:
            raise Partly(f"refused, as {code}") from error
        return
    raise AssertionError("accepted")


def same(found: object, wanted: object, what: str) -> None:
    if found != wanted:
        raise AssertionError(f"{what}: {found!r}, not {wanted!r}")
