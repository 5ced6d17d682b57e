"""What came, from whom, and how far the sender is proven."""

from collections.abc import Iterator, Mapping

from cli.explaining.paragraph import Paragraph, paragraph, said
from postroom.outcome import MailRow, Stage
from postroom.threads.admission import Standing
from postroom.vouching import Vouched

_VOUCHED: Mapping[Vouched, str] = {
    Vouched.PROVEN: "The author is proven: the domain of the address vouches for the mail (DMARC, or else SPF).",
    Vouched.UNPROVEN: "Nobody vouches for the author: the address may be anybody's.",
    Vouched.FORGED: "The author is forged: the domain of the address denies the mail (DMARC).",
}
_STANDING: Mapping[Standing, str] = {
    Standing.AGENT: "The author is one of the desk's own people.",
    Standing.PARTICIPANT: "The author takes part in the conversation that the mail names.",
    Standing.UNPROVEN: "The author claims to take part in the conversation that the mail names.",
    Standing.FORGED: "Somebody claims to be a participant of the conversation that the mail names.",
    Standing.STRANGER: "The author takes no part in the conversation that the mail names.",
}


def came(row: MailRow) -> Paragraph:
    return paragraph("came", _came(row))


def _came(row: MailRow) -> Iterator[str]:
    record = row.records.get(Stage.PARSE)
    if record is None:
        return
    if (size := record.facts.get("size", "")).isdecimal():
        files = record.facts.get("attachments", "0")
        with_ = "" if files == "0" else f", with {files} attachment{'' if files == '1' else 's'}"
        yield f"{int(size):,} bytes from {_author(row)}{with_}."
    yield said("It took {}.", record.facts.get("way", ""))
    yield said("It came over the mailing list {}.", record.facts.get("list", ""))
    yield said("How it is secured (unverified): {}.", record.facts.get("secured", ""))
    yield said(
        "It is the same mail (Message-ID, sender, content) as {}, which came before.", record.facts.get("first", "")
    )
    yield said("Its form has faults, which were mended: {}.", ", ".join(record.signals))


def _author(row: MailRow) -> str:
    name, address = row.fact(Stage.PARSE, "from_name"), row.fact(Stage.PARSE, "from")
    if not address:
        return "nobody that could be named"
    return f"{name} <{address}>" if name else address


def sender(row: MailRow) -> Paragraph:
    vouched, standing = row.fact(Stage.PARSE, "vouched"), row.fact(Stage.CLASSIFY, "standing")
    return paragraph(
        "sender",
        (
            _VOUCHED[Vouched(vouched)] if vouched in (*Vouched,) else "",
            said("SES found {}.", row.fact(Stage.PARSE, "authentication")),
            _STANDING[Standing(standing)] if standing in (*Standing,) else "",
        ),
    )
