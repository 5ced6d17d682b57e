"""One line a stage and mail: what was decided, why, how long it took. It is the metric as well.

The line is CloudWatch's embedded metric format (`_aws`), so that counting costs no second line: metrics by stage,
disposition and reason in the namespace Postroom. No bodies, no addresses, no subjects: the SES id finds the rest.
"""

import logging
import os
import time
import traceback
from collections.abc import Mapping, Sequence
from functools import cache

from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from postroom.errors import Poison, PostroomError
from postroom.reasons import Disposition, Reason

_NAMESPACE = "Postroom"
_DIMENSIONS = ["stage", "disposition", "reason"]


@cache
def logger() -> Logger:
    """Powertools' JSON logger; its level is POWERTOOLS_LOG_LEVEL."""
    logging.getLogger("botocore").setLevel(logging.WARNING)
    return Logger(service="postroom", use_rfc3339=True, log_uncaught_exceptions=False)


def outcome(
    stage: str, disposition: Disposition, reason: Reason, started: float, facts: Mapping[str, str | int]
) -> None:
    """Writes the outcome line. `started` is `time.perf_counter()` at the start; `facts` are ids and sizes only."""
    milliseconds = round((time.perf_counter() - started) * 1000, 1)
    line = {"stage": stage, "disposition": disposition.value, "reason": reason.value, "ms": milliseconds, "mails": 1}
    logger().info("outcome", extra={**facts, **line, "_aws": _metrics()})


def fault(error: BaseException) -> dict[str, str]:
    """An exception for the log: its type, where it was raised, and its text where that can't be a mail's.

    The text of an exception that nobody foresaw may quote what it choked on, and that is a person's mail.
    """
    ours = isinstance(error, PostroomError) and not isinstance(error, Poison)
    text = str(error) if ours else ""
    if isinstance(error, ClientError):  # its message may name an address; which call was refused, and how, does not
        text = f"{error.operation_name}: {error.response.get('Error', {}).get('Code', '')}"
    where = "".join(traceback.format_tb(error.__traceback__)[-8:])
    return {"error": type(error).__name__, "text": text, "trace": where}


def count(name: str, value: int) -> None:
    """Writes one number as a metric of its own, by function: two desks in one account are told apart."""
    metric = {"Namespace": _NAMESPACE, "Dimensions": [["function"]], "Metrics": [{"Name": name, "Unit": "Count"}]}
    aws = {"Timestamp": _now(), "CloudWatchMetrics": [metric]}
    function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "local")
    logger().info("count", extra={name: value, "function": function, "_aws": aws})


def measured(values: Mapping[str, float], unit: str, **named: str) -> None:
    """Writes numbers as metrics, in one line, by what they are `named` by: whoever writes them, they are one series.
    Of several names also by the first alone."""
    names = list(named)
    dimensions = [names[:1], names] if len(names) > 1 else [names]
    metrics = [{"Name": name, "Unit": unit} for name in values]
    directive = {"Namespace": _NAMESPACE, "Dimensions": dimensions, "Metrics": metrics}
    aws = {"Timestamp": _now(), "CloudWatchMetrics": [directive]}
    logger().info("measured", extra={**values, **named, "_aws": aws})


def faults(name: str, told: Sequence[str]) -> None:
    """Writes what is wrong with the desk's own files, and counts it as the metric `name`. No mail is quoted there."""
    logger().error("mend this", extra={"faults": list(told[:10])})
    count(name, 1)


def _metrics() -> dict[str, object]:
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    metrics = [{"Name": "mails", "Unit": "Count"}]  # each is 0.30 USD a month for every reason that occurs
    directive = {"Namespace": _NAMESPACE, "Dimensions": [_DIMENSIONS], "Metrics": metrics}
    return {"Timestamp": _now(), "CloudWatchMetrics": [directive]}


def _now() -> int:
    """Milliseconds since the epoch."""
    return round(time.time() * 1000)
