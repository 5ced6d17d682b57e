"""postroom event: the event that a function has for a mail of the running stack, for `sam local invoke`."""

import argparse
import json
import uuid

from cli import running
from postroom import inbound
from postroom.events import SOURCE, Event, MessageClassified, MessageParsed, encode
from postroom.ids import ConversationId
from postroom.message import Parsed
from postroom.outcome import MailRow, Stage
from postroom.ports import NotFound
from postroom.stages import documents
from postroom.stages.documents import parsed_key


def event(args: argparse.Namespace) -> int:
    stack = running.find(args)
    row = stack.row(args.id)
    parsed = documents.load(stack.objects, parsed_key(row.ses_id))
    body = (
        inbound.notification(parsed.received) if args.stage == Stage.PARSE else _on_bus(_event(args.stage, row, parsed))
    )
    print(json.dumps({"Records": [{"messageId": str(uuid.uuid4()), "eventSource": "aws:sqs", "body": body}]}, indent=1))
    return 0


def _on_bus(happened: Event) -> str:
    return json.dumps({"source": SOURCE, "detail-type": happened.type, "detail": encode(happened)})


def _event(stage: str, row: MailRow, parsed: Parsed) -> Event:
    if stage in (Stage.ATTACHMENTS, Stage.CLASSIFY):
        return MessageParsed(
            ses_id=row.ses_id,
            bucket=parsed.received.bucket,
            raw_key=parsed.received.key,
            parsed_key=parsed_key(row.ses_id),
            size=parsed.size,
            attachments=len(parsed.message.attachments),
        )
    return _classified(row, parsed)


def _classified(row: MailRow, parsed: Parsed) -> MessageClassified:
    record = row.records.get(Stage.CLASSIFY)
    if record is None or not record.facts.get("conversation"):
        raise NotFound(
            f"{row.ses_id} has not been classified and accepted: no function behind classify has an event of it"
        )
    return MessageClassified(
        ses_id=row.ses_id,
        bucket=parsed.received.bucket,
        raw_key=parsed.received.key,
        parsed_key=parsed_key(row.ses_id),
        kind=record.facts["kind"],
        category=record.facts["category"] or None,
        language=record.facts["language"] or None,
        conversation=ConversationId(record.facts["conversation"]),
        opened=record.facts["opened"] == "yes",
    )
