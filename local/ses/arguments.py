"""What the command line asks for, as settings."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path

from local.ses.account.account import ENFORCEMENTS, SANDBOX, Limits
from local.ses.assembly import Settings
from local.ses.feedback.relay import Target

_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """`aws_endpoint` is None where a folder is to stand for AWS."""

    settings: Settings
    aws_endpoint: str | None
    verbose: bool


def read(argv: Sequence[str]) -> Chosen:
    """Ends the process with status 2, and says why, where the arguments are wrong."""
    parser = _parser()
    given = parser.parse_args(argv)
    try:
        relay = Target.of(given.relay, given.relay_bounces) if given.relay else None
    except ValueError as error:
        parser.error(f"--relay: {error}")
    settings = Settings(
        host=given.host,
        smtp_port=given.smtp_port,
        http_port=given.http_port,
        submission_port=given.submission_port,
        state=given.state,
        keep=given.keep,
        keep_bytes=given.keep_mb * _MEGABYTE,
        region=given.region,
        account=given.account,
        limits=_limits(given),
        relay=relay,
        zone=given.zone,
        clamd=given.clamd,
        rspamd=given.rspamd,
    )
    return Chosen(settings=settings, aws_endpoint=given.aws_endpoint, verbose=given.verbose)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m local.ses",
        description="Amazon SES on this machine: receiving over SMTP by receipt rules into S3 and SNS, and sending "
        "through the SES APIs or the SMTP interface into an outbox on disk. Says {ready, smtp, http, submission} in "
        "one line of JSON when it listens; then http://127.0.0.1:HTTP/ shows what comes and goes.",
    )
    parser.add_argument(
        "--state", required=True, type=Path, metavar="DIR", help="what was sent and received is kept here"
    )
    parser.add_argument(
        "--aws-endpoint", metavar="URL", help="where S3 and SNS are (without: files in DIR/s3, DIR/sns, DIR/events)"
    )
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--account", default="000000000000")
    parser.add_argument("--keep", type=_count, default=10_000, help="mails to keep, sent and received each (10000)")
    parser.add_argument("--keep-mb", type=_count, default=1024, help="megabytes to keep of each (1024)")
    parser.add_argument("--verbose", action="store_true", help="log what is done, not only what is amiss")
    _add_ports(parser.add_argument_group("where it listens (a port of 0 is any free one)"))
    _add_checks(parser.add_argument_group("what received mail is checked by"))
    _add_sending(parser.add_argument_group("sending"))
    return parser


def _add_ports(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--host", default="127.0.0.1", help="the address to listen on (127.0.0.1)")
    group.add_argument("--smtp-port", type=_port, default=2525, help="mail comes in here (2525)")
    group.add_argument("--http-port", type=_port, default=2580, help="the APIs and the page are here (2580)")
    group.add_argument("--submission-port", type=_port, metavar="PORT", help="mail is sent by SMTP here (none)")


def _add_checks(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--zone", type=Path, metavar="FILE", help="DNS records for spf, dkim and dmarc (all pass)")
    group.add_argument(
        "--clamd", type=_clamd, metavar="HOST:PORT|PATH", help="finds viruses (only the EICAR test file)"
    )
    group.add_argument("--rspamd", type=_rspamd, metavar="URL", help="judges spam (only GTUBE is spam)")


def _add_sending(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--sandbox", action="store_true", help="only verified addresses, 200 a day, 1 a second")
    group.add_argument("--max-send-rate", type=_amount, metavar="N", help="recipients a second (1000; sandbox: 1)")
    group.add_argument("--max-24-hour-send", type=_amount, metavar="N", help="recipients (1000000; sandbox: 200)")
    group.add_argument("--enforcement", choices=ENFORCEMENTS, default="HEALTHY", help="EnforcementStatus (HEALTHY)")
    group.add_argument("--relay", metavar="HOST:PORT", help="an SMTP server that sent mail goes on to, for real")
    bounces = "whom that server's notifications go to: SES, which makes events of them (ses), or the sender (source)"
    group.add_argument("--relay-bounces", choices=("ses", "source"), default="ses", help=bounces)


def _limits(given: argparse.Namespace) -> Limits:
    base = SANDBOX if given.sandbox else Limits()
    return replace(
        base,
        max_send_rate=given.max_send_rate or base.max_send_rate,
        max_24_hour_send=given.max_24_hour_send or base.max_24_hour_send,
        enforcement=given.enforcement,
    )


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"a port is between 0 and 65535, not {port}")
    return port


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"at least 1 is kept, not {count}")
    return count


def _amount(text: str) -> float:
    amount = float(text)
    if not (isfinite(amount) and amount > 0):
        raise argparse.ArgumentTypeError(f"more than 0 is wanted, not {text}")
    return amount


def _clamd(text: str) -> str:
    host, _, port = text.rpartition(":")
    if "/" not in text and not (host and port.isascii() and port.isdigit() and int(port) < 65536):
        raise argparse.ArgumentTypeError(f"a clamd is HOST:PORT or the path of a socket, not {text}")
    return text


def _rspamd(text: str) -> str:
    if not text.startswith("http://"):
        raise argparse.ArgumentTypeError(f"an rspamd is http://HOST:PORT, not {text}")
    return text
