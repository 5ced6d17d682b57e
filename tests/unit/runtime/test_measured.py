"""Gauges are lines of the log in CloudWatch's embedded metric format: one series, whoever writes them."""

import io
import json
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from postroom.breaker import Tally
from postroom.feedback.report import BounceReason
from postroom.runtime import breaking, log


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    stream = io.StringIO()
    ours = Logger(service=f"measured-{id(stream)}", stream=stream)
    monkeypatch.setattr(log, "logger", lambda: ours)
    return stream


def line(written: io.StringIO) -> dict[str, Any]:
    (only,) = written.getvalue().splitlines()
    found: dict[str, Any] = json.loads(only)
    return found


def test_the_rates_are_one_line_by_the_table_of_addresses(written: io.StringIO) -> None:
    breaking.rates("desk-addresses", Tally(sent=4_000, bounces=80, complaints=2))
    found = line(written)
    assert (found["bounce_rate"], found["complaint_rate"], found["addresses"]) == (2.0, 0.05, "desk-addresses")
    (directive,) = found["_aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["addresses"]]
    assert directive["Metrics"] == [{"Name": n, "Unit": "Percent"} for n in ("bounce_rate", "complaint_rate")]


def test_refusals_are_counted_together_and_by_reason(written: io.StringIO) -> None:
    breaking.blocked("desk-addresses", BounceReason.SPAM_OR_BLOCKED, 3)
    found = line(written)
    assert (found["blocked"], found["reason"]) == (3, "spam_or_blocked")
    (directive,) = found["_aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["addresses"], ["addresses", "reason"]]
