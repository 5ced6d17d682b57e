"""Where the mail to be replayed comes from: files, folders and mboxes, or a stack's bucket by its ledger's rows."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from cli import mailbox
from cli.files import Usage
from cli.mailbox import Unread
from cli.replay.pool import ending, in_order
from cli.running import Running
from postroom.errors import Poison, PostroomError
from postroom.ids import SesId
from postroom.message import Parsed
from postroom.outcome import MailRow, Stage
from postroom.ports import NotFound, Objects, RawMails
from postroom.stages import documents
from postroom.stages.documents import parsed_key

_MOST_FILES = 1_000_000
_READERS, _AHEAD = 8, 32  # reads from S3 at once; mails that wait for their turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A mail as it is stored: the document that classify read, or the raw bytes. The rest is what its row tells:
    `opened` is None where there is no row."""

    name: str
    content: Parsed | bytes
    opened: bool | None = None
    decided_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Mails, how many there are as far as that is known, and how many files were passed over since they hold none."""

    mails: Iterable[Stored | Unread]
    count: int | None
    passed_over: int = 0


def of_paths(paths: Sequence[Path]) -> Source:
    """Every mail in these files, mboxes and folders."""
    found = [mailbox.found(path) for path in paths]
    files = [file for each in found for file in each.files]
    if len(files) > _MOST_FILES:
        raise Usage(f"these hold {len(files):,} mails, and {_MOST_FILES:,} are the most: name some of the folders")
    boxes = any(isinstance(file, Path) and mailbox.is_mbox(file) for file in files)
    return Source(
        mails=(_stored(mail) for file in files for mail in mailbox.mails(file)),
        count=None if boxes else len(files),
        passed_over=sum(len(each.passed_over) for each in found),
    )


def _stored(mail: tuple[str, bytes] | Unread) -> Stored | Unread:
    if isinstance(mail, Unread):
        return mail
    name, raw = mail
    return Stored(name=name, content=raw) if raw.strip() else Unread(mail=name, why="it is empty: no mail is in it")


def of_stack(stack: Running, since: str) -> Source:
    """The mails received since this moment, newest first. Reads the ledger and the bucket, and writes nothing."""
    rows = [_Row.of(row) for row in stack.ledger.rows_since(since)]
    return Source(mails=_fetched(rows, partial(_fetch, stack.objects, stack.raw_mails)), count=len(rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """What is needed of a row: a month has many of them."""

    ses_id: SesId
    opened: bool | None
    decided_by: str

    @classmethod
    def of(cls, row: MailRow) -> "_Row":
        opened = row.fact(Stage.CLASSIFY, "opened")
        return cls(
            ses_id=row.ses_id,
            opened=opened == "yes" if opened else None,
            decided_by=row.fact(Stage.CLASSIFY, "rule_set"),
        )


def _fetched(rows: Sequence[_Row], fetch: Callable[[_Row], Stored | Unread]) -> Iterator[Stored | Unread]:
    with ending(ThreadPoolExecutor(_READERS)) as readers:
        yield from in_order(readers, fetch, rows, _AHEAD)


def _fetch(objects: Objects, raw_mails: RawMails, row: _Row) -> Stored | Unread:
    """The document that classify read; where that is gone or too old to be read, the raw mail."""
    try:
        content = _content(objects, raw_mails, row.ses_id)
    except NotFound:
        return Unread(mail=row.ses_id, why="neither its parsed document nor its raw mail is in the bucket any more")
    except (PostroomError, ClientError, BotoCoreError) as error:
        return Unread(mail=row.ses_id, why=str(error))
    return Stored(name=row.ses_id, content=content, opened=row.opened, decided_by=row.decided_by)


def _content(objects: Objects, raw_mails: RawMails, ses_id: SesId) -> Parsed | bytes:
    try:
        return documents.load(objects, parsed_key(ses_id))
    except Poison:
        with raw_mails.open(f"raw/{ses_id}") as raw:
            return raw.read(0, raw.size)
