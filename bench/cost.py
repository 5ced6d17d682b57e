"""`python -m bench.cost`: what a mail costs on AWS, stage by stage, from the calls that the real functions make.

The handlers run here, in this process, against the local stack: every call of theirs is counted, with the capacity
units that DynamoDB reports. What stands around a function (SQS, SNS, Lambda, the log) is counted by the template.
Lambda seconds are measured on this machine, warm: they are the softest figure, and stand in a column of their own.
"""

import importlib
import io
import json
import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from bench import prices
from bench.flow import a_stack
from cli.environment import variables
from cli.mailbox import Sample
from local.demo import samples
from local.stack import running as local_stack
from local.stack import tree
from postroom.aws import clients
from postroom.clock import iso, now
from postroom.envelope import Envelope, Received, Verdict, Verdicts
from postroom.ids import ANSWERS_TAG, SesId
from postroom.inbound import notification
from postroom.runtime import log

ROOT = Path(__file__).resolve().parents[1]
BUS = "bench"  # a bus without rules: what is published reaches nobody but the count
PASS = Verdicts(spam=Verdict.PASS, virus=Verdict.PASS, spf=Verdict.PASS, dkim=Verdict.PASS, dmarc=Verdict.PASS)
MAIL = "bench"
_SECONDS = "Lambda seconds"


@dataclass(slots=True)
class Bill:
    """The calls of one stage, and what they come to for one mail."""

    calls: Counter[str] = field(default_factory=Counter)
    costs: dict[str, float] = field(default_factory=dict)  # USD, by the call
    seconds: float = 0.0
    log_bytes: int = 0
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def add(self, what: str, price: float, count: float = 1.0) -> None:
        self.calls[what] += 1
        self.costs[what] = self.costs.get(what, 0.0) + price * count

    @property
    def seconds_cost(self) -> float:
        """USD of the Lambda seconds."""
        return self.costs.get(_SECONDS, 0.0)

    @property
    def dollars(self) -> float:
        """USD of everything else."""
        return sum(self.costs.values()) - self.seconds_cost


@dataclass(slots=True)
class Meter:
    """Hears every call of the adapters' clients, and writes it onto the bill that is open."""

    bill: Bill = field(default_factory=Bill)

    def listen(self) -> None:
        for client in (clients.s3(), clients.dynamodb(), clients.events(), clients.ses_v2()):
            register = client.meta.events.register
            register("before-parameter-build.dynamodb", _ask_for_capacity)
            register("after-call.*", self._heard)
        clients.events().meta.events.register("before-parameter-build.events.PutEvents", self._published)

    def _heard(self, model: Any, parsed: Mapping[str, Any], **_: object) -> None:
        service, operation = model.service_model.service_name, model.name
        if service == "s3":
            self.bill.add(f"S3 {operation}", prices.S3.get(operation, 0.0))
        elif service == "dynamodb":
            reads = operation in {"GetItem", "BatchGetItem", "Query"}
            price = prices.DYNAMODB_READ if reads else prices.DYNAMODB_WRITE
            self.bill.add(f"DynamoDB {operation}", price, _units(operation, parsed))
        elif service == "sesv2":
            self.bill.add(f"SES {operation}", 0.0)  # SES's own price is not ours

    def _published(self, params: Mapping[str, Any], **_: object) -> None:
        for entry in params["Entries"]:
            self.bill.add(f"event {entry['DetailType']}", prices.EVENT)
            self.bill.events.append((entry["DetailType"], json.loads(entry["Detail"])))


def _ask_for_capacity(params: dict[str, Any], **_: object) -> None:
    params["ReturnConsumedCapacity"] = "TOTAL"


def _units(operation: str, parsed: Mapping[str, Any]) -> float:
    """Capacity units of an answer; a condition that failed costs a unit and has no figure of its own."""
    found = parsed.get("ConsumedCapacity") or []
    units = sum(one["CapacityUnits"] for one in (found if isinstance(found, list) else [found]))
    return float(units) or (2.0 if operation == "TransactWriteItems" else 1.0)


@contextmanager
def functions(up: local_stack.Running) -> Iterator[Callable[[str, str], Bill]]:
    """Calls a function with one message's body, and gives its bill."""
    os.environ.update(variables(up) | {"POSTROOM_BUS": BUS, "AWS_REGION": up.region, "AWS_DEFAULT_REGION": up.region})
    os.environ.update({"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"})
    os.environ["AWS_ENDPOINT_URL_SESV2"] = up.ses_url
    boto3.client("events").create_event_bus(Name=BUS)
    meter, lines = Meter(), io.StringIO()
    logger = log.logger()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(logger.registered_formatter)
    logging.getLogger("postroom").handlers = [handler]
    meter.listen()
    memory = _memory()

    def call(stage: str, body: str) -> Bill:
        handle = importlib.import_module(f"functions.{stage}.handler").handle
        meter.bill = Bill()
        lines.seek(0)
        lines.truncate()
        began = time.perf_counter()
        answer = handle({"Records": [{"messageId": "1", "body": body}]}, None)
        bill = meter.bill
        bill.seconds = time.perf_counter() - began
        if answer["batchItemFailures"]:
            raise RuntimeError(f"{stage} failed:\n{lines.getvalue()}")
        bill.log_bytes = len(lines.getvalue())
        bill.add(
            "SQS requests x3", prices.SQS_REQUEST, 3
        )  # send, receive, delete: nobody shares a batch in the worst case
        bill.add("Lambda", prices.LAMBDA_REQUEST)
        bill.add(_SECONDS, prices.LAMBDA_GB_SECOND, bill.seconds * memory[stage] / 1024)
        bill.add("log", prices.LOG_BYTE, bill.log_bytes)
        return bill

    yield call


def _memory() -> dict[str, int]:
    """Megabytes of each function, from the template."""
    template = tree.load((ROOT / "template.yaml").read_text(encoding="utf-8"))
    resources = tree.mapping(template["Resources"])
    standard = tree.mapping(tree.mapping(template["Globals"])["Function"])["MemorySize"]
    sizes = {}
    for name, resource in resources.items():
        if name.endswith("Function"):
            properties = tree.mapping(tree.mapping(resource)["Properties"])
            sizes[name.removesuffix("Function").lower()] = int(str(properties.get("MemorySize", standard)))
    return sizes


def way(up: local_stack.Running, call: Callable[[str, str], Bill], sample: Sample) -> dict[str, Bill]:
    """The bills of every stage that one mail goes through, in order."""
    number = f"{MAIL}{time.time_ns()}"
    key, desk = f"raw/{number}", "support@desk.example"
    clients.s3().put_object(Bucket=up.outputs["MailBucketName"], Key=key, Body=sample.raw)
    received = Received(
        ses_id=SesId(number),
        bucket=up.outputs["MailBucketName"],
        key=key,
        received_at=iso(now()),
        envelope=Envelope(mail_from=sample.mail_from or None, rcpt_to=(desk,)),
        verdicts=PASS,
    )
    bills = {"SES": Bill()}
    bills["SES"].add("S3 PutObject", prices.S3["PutObject"])  # the raw mail
    bills["SES"].add("SNS publish", prices.SNS_PUBLISH)
    bills["parse"] = call("parse", notification(received))
    parsed = _on_bus(bills["parse"])
    if json.loads(parsed)["detail"].get("attachments"):
        bills["attachments"] = call("attachments", parsed)
    bills["classify"] = call("classify", parsed)
    classified = _on_bus(bills["classify"])
    bills["reply"] = call("reply", classified)
    if json.loads(classified)["detail"]["kind"] in {"bounce", "delivery_report", "complaint"}:
        bills["feedback"] = call("feedback", classified)
    for type_, detail in bills["reply"].events:
        if type_ == "ReplySent":
            for event in ("send", "delivery"):
                bills[f"feedback ({event})"] = call(
                    "feedback", _ses_event(event, detail["sent_id"], sample.mail_from, number)
                )
                bills[f"feedback ({event})"].add("SNS publish", prices.SNS_PUBLISH)
    return bills


def _on_bus(bill: Bill) -> str:
    type_, detail = bill.events[0]
    return json.dumps({"source": "postroom", "detail-type": type_, "detail": detail})


def _ses_event(name: str, sent_id: str, recipient: str, answers: str) -> str:
    event = json.loads((ROOT / "events" / "ses" / f"{name}.json").read_text(encoding="utf-8"))
    event["mail"] |= {"messageId": sent_id, "destination": [recipient], "tags": {ANSWERS_TAG: [answers]}}
    if "delivery" in event:
        event["delivery"]["recipients"] = [recipient]
    return json.dumps(event)


def table(name: str, bills: Mapping[str, Bill]) -> None:
    """Prints one mail's bills for a million such mails, Lambda seconds beside all else."""
    print(f"\n{name}, a million times:\n\n| stage | calls, USD of each kind | ms | seconds, USD | all else, USD |")
    print("|---|---|---|---|---|")
    for stage, bill in bills.items():
        print(f"| {stage} | {_itemised(bill)} | {bill.seconds * 1000:.0f} | {_a_million(bill.seconds_cost)} |", end="")
        print(f" {_a_million(bill.dollars)} |")
    seconds, rest = sum(each.seconds_cost for each in bills.values()), sum(each.dollars for each in bills.values())
    print(f"| **sum** | | | **{_a_million(seconds)}** | **{_a_million(rest)}** |")


def _itemised(bill: Bill) -> str:
    counted = ((f"{count} {what}" if count > 1 else what, what) for what, count in bill.calls.items())
    return ", ".join(f"{told} {_a_million(bill.costs[what])}" for told, what in counted if what != _SECONDS)


def _a_million(dollars: float) -> str:
    return f"{dollars * prices.MILLION:.2f}"


def main() -> int:
    chosen = ("question", "html-only", "newsletter", "out-of-office", "inline-image")
    with a_stack() as (_, up), functions(up) as call:
        every = {sample.name: sample for sample in samples.wave(samples.FIRST, {})}
        way(up, call, every["german"])  # warms everything up
        for name in chosen:
            table(name, way(up, call, every[name]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
