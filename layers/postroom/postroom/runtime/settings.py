"""The environment of each function as one typed model, read at its cold start; all faults are told together."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from postroom.desk import Desk
from postroom.errors import Misconfigured

T = TypeVar("T")

_ADDRESS = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}"

#: As quiet hours are written; `postroom.quiet` reads them.
_QUIET = r"|\d\d:\d\d-\d\d:\d\d \S{1,98}"

#: Where a survey is answered; a query may stand behind it, a fragment may not, since the answer is put at the end.
_SURVEY = r"|https://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?(/[A-Za-z0-9._~/%-]{0,500})?(\?[A-Za-z0-9._~/%&=-]{0,500})?"

_RULES = r"|rules/[A-Za-z0-9._-]{1,128}\.yaml"
_MODEL_KEY = r"|models/[A-Za-z0-9._-]{1,100}"
_CLAMD = r"|/.{1,100}|[A-Za-z0-9.-]{1,253}:[0-9]{1,5}"

#: The id of a model, or of an inference profile, which has its geography before it (eu.amazon.nova-lite-v1:0).
_MODEL = r"|[a-z0-9-]{1,63}(\.[a-z0-9:-]{1,63}){1,4}"


def variable(name: str, meaning: str, pattern: str = ".+") -> Any:
    """A setting that comes from the environment variable `name` and must match `pattern` as a whole."""
    return field(metadata={"variable": name, "meaning": meaning, "pattern": pattern})


@dataclass(frozen=True, kw_only=True)
class DeskTable:
    desk_table: str = variable("POSTROOM_DESK_TABLE", "the name of the desk's table")


@dataclass(frozen=True, kw_only=True)
class Mail(DeskTable):
    """What every stage needs: where the mail is, and who is told of it."""

    bucket: str = variable("POSTROOM_MAIL_BUCKET", "the name of the mail bucket")
    bus: str = variable("POSTROOM_BUS", "the name of the event bus")


@dataclass(frozen=True, kw_only=True)
class AddressTable:
    address_table: str = variable("POSTROOM_ADDRESS_TABLE", "the name of the address table")


@dataclass(frozen=True, kw_only=True)
class OurDesk:
    desk_address: str = variable("POSTROOM_DESK_ADDRESS", "the desk's own address", _ADDRESS)
    recipients: str = variable("POSTROOM_RECIPIENTS", "the addresses and domains that the desk receives for, by comma")
    agents: str = variable("POSTROOM_AGENTS", "the addresses and domains of the agents, by comma, or empty", ".*")

    def desk(self, from_name: str = "", replies: bool = True) -> Desk:
        return Desk(
            address=self.desk_address,
            from_name=from_name,
            recipients=_listed(self.recipients),
            replies=replies,
            agents=_listed(self.agents),
        )


@dataclass(frozen=True, kw_only=True)
class Signing:
    thread_key: str = variable("POSTROOM_THREAD_KEY", "the ARN of the secret whose value signs thread tokens")


@dataclass(frozen=True, kw_only=True)
class Attachments(Mail):
    """The settings of the attachments function."""

    clamd: str = variable("POSTROOM_CLAMD", "clamd's host:port, the path of its socket, or empty", _CLAMD)


@dataclass(frozen=True, kw_only=True)
class Classify(Mail, OurDesk, Signing):
    """The settings of the classify function."""

    rules_key: str = variable("POSTROOM_RULES", "the key of the rules file in the mail bucket, or empty", _RULES)
    rules_seconds: str = variable("POSTROOM_RULES_SECONDS", "how long that file is kept, in seconds", r"\d{1,5}")
    bedrock_model: str = variable("POSTROOM_BEDROCK_MODEL", "the id of a model on Bedrock, or empty for none", _MODEL)
    bedrock_daily: str = variable("POSTROOM_BEDROCK_DAILY", "how many mails a day it is asked about", r"\d{1,7}")
    category_model: str = variable(
        "POSTROOM_CATEGORY_MODEL", "the key of the desk's model in the mail bucket, under models/, or empty", _MODEL_KEY
    )


@dataclass(frozen=True, kw_only=True)
class Reply(Mail, OurDesk, AddressTable, Signing):
    """The settings of the reply function."""

    configuration_set: str = variable("POSTROOM_CONFIGURATION_SET", "the SES configuration set of everything we send")
    from_name: str = variable("POSTROOM_FROM_NAME", "the name beside the desk's address")
    replies: str = variable("POSTROOM_REPLIES", "whether automatic replies are sent: on or off", "on|off")
    notify_agents: str = variable(
        "POSTROOM_NOTIFY_AGENTS",
        "which agents are told of a customer's mail: nobody, assigned or all",
        "nobody|assigned|all",
    )
    survey: str = variable("POSTROOM_SURVEY_URL", "where a survey is answered (https), or empty for none", _SURVEY)
    again_hours: str = variable(
        "POSTROOM_ACKNOWLEDGE_AGAIN", "hours after which a conversation is acknowledged anew, or 0", r"\d{1,4}"
    )
    quiet: str = variable(
        "POSTROOM_QUIET_HOURS", "when nothing is sent by itself, as 22:00-07:00 Europe/Berlin, or empty", _QUIET
    )


@dataclass(frozen=True, kw_only=True)
class Feedback(Mail, AddressTable, Signing):
    """The settings of the feedback function."""

    desk_address: str = variable("POSTROOM_DESK_ADDRESS", "the desk's own address", _ADDRESS)


@dataclass(frozen=True, kw_only=True)
class Ledger(Mail):
    """The settings of the ledger function."""

    parse_queue: str = variable("POSTROOM_PARSE_QUEUE", "the URL of the parse queue", "https?://.+")


@dataclass(frozen=True, kw_only=True)
class Tend(DeskTable, AddressTable):
    """The settings of the tend function."""

    desk_address: str = variable("POSTROOM_DESK_ADDRESS", "the desk's own address", _ADDRESS)
    close_after: str = variable("POSTROOM_CLOSE_AFTER", "days until a conversation closes by itself, or 0", r"\d{1,4}")
    notice: str = variable("POSTROOM_CLOSE_NOTICE", "how many days before that its customer is told, or 0", r"\d{1,4}")
    replies: str = variable("POSTROOM_REPLIES", "whether automatic replies are sent: on or off", "on|off")
    survey: str = variable("POSTROOM_SURVEY_URL", "where a survey is answered (https), or empty for none", _SURVEY)
    follow_ups: str = variable(
        "POSTROOM_FOLLOW_UPS", "whom a follow-up day reminds: agents, or customer", "agents|customer"
    )
    quiet: str = variable(
        "POSTROOM_QUIET_HOURS", "when nothing is sent by itself, as 22:00-07:00 Europe/Berlin, or empty", _QUIET
    )
    reply_queue: str = variable("POSTROOM_REPLY_QUEUE", "the URL of the reply queue", "https?://.+")
    suppression_sync: str = variable(
        "POSTROOM_SUPPRESSION_SYNC", "whether SES's suppression list and ours are kept alike: on or off", "on|off"
    )


def _listed(words: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(",") if word.strip())


def read(cls: type[T], environment: Mapping[str, str] = os.environ) -> T:
    """The settings of this class from the environment; Misconfigured names every fault at once."""
    found, faults = {}, []
    for setting in fields(cls):  # type: ignore[arg-type] # each is a dataclass; the bound can't be said
        name, value = setting.metadata["variable"], environment.get(setting.metadata["variable"], "")
        if re.fullmatch(setting.metadata["pattern"], value):
            found[setting.name] = value
        else:
            state = f"is {value!r}" if value else "is not set"
            faults.append(f"{name} {state}: it should be {setting.metadata['meaning']}")
    if faults:
        raise Misconfigured(faults)
    return cls(**found)
