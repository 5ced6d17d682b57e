"""`python -m bench.parse`: what reading a mail costs, beside the other parsers of Python, in one run.

Every reader does the same work: subject, date, addresses, both bodies as text, and name and SHA-256 of each attachment;
that they found the same is checked. `postroom.mime.message.read` does more (detected types, quotes, forwards, trace,
defects): what that adds is measured apart. Mails are made here, with fixed seeds. Time is CPU time of the process, the
median of rounds in which all take turns; memory is the peak of a whole process that reads one mail of 40 MB.

fast-mail-parser is none of Postroom's requirements: it takes part where it can be imported.
"""

import argparse
import base64
import binascii
import email
import email.header
import email.utils
import gc
import hashlib
import importlib.util
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.message import Message as Compat32
from pathlib import Path
from quopri import encodestring
from statistics import median

from postroom.mime import forward, headers, html, reply, trace
from postroom.mime.message import read
from postroom.mime.parts import Parts
from postroom.mime.scan import scan

ROOT = Path(__file__).resolve().parents[1]
SIZES = {"4.5 KB": 4_500, "50 KB": 50_000, "1 MB": 1_000_000, "40 MB": 40_000_000}  # bytes of the whole mail
LARGEST = SIZES["40 MB"]
_ROUNDS = 7
_ROUND = 0.1  # seconds that a reader has in each round, at least one mail
_MEGABYTE = 1_000_000

# --- The mails -------------------------------------------------------------------------------------------------------

_HEADER = b"""\
Return-Path: <ana@shop.example>
Received: from mx.shop.example (mx.shop.example [192.0.2.7]) by inbound.desk.example with ESMTPS id b1
 for <support@desk.example>; Tue, 24 Nov 2026 08:00:04 +0000
Received: from app.shop.example ([198.51.100.9]) by mx.shop.example with ESMTPSA id b2; Tue, 24 Nov 2026 08:00:01 +0000
Authentication-Results: desk.example; spf=pass smtp.mailfrom=shop.example; dkim=pass header.d=shop.example
From: =?utf-8?q?Ana_Mu=C3=B1oz?= <ana@shop.example>
To: Support <support@desk.example>, "Orders, all" <orders@desk.example>
Cc: bo@shop.example
Subject: =?utf-8?q?Re=3A_Order_4711=3A_the_box_was_open_=E2=80=93_photos?=
Date: Tue, 24 Nov 2026 09:00:00 +0100
Message-ID: <4711.2@shop.example>
In-Reply-To: <4711.1@desk.example>
References: <4711.0@shop.example> <4711.1@desk.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="=_mixed"

--=_mixed
Content-Type: multipart/alternative; boundary="=_alternative"

--=_alternative
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

"""
_HTML = b"""
--=_alternative
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

"""
_WORDS = ("the box was open", "two of the cups", "are broken", "café", "señor", "grüße", "may I have", "them", "again")
_QUOTED = 3  # of so many lines, one is the sender's own


def pieces(size: int) -> Iterator[bytes]:
    """A reply with text, HTML and base64 attachments, `size` bytes in all (within one line), never held whole."""
    chance = random.Random(size)  # noqa: S311 - no secret
    lines = [" ".join(chance.choices(_WORDS, k=7)) for _ in range(min(120, size // 700))]
    head = b"".join((_HEADER, _plain(lines), _HTML, _page(lines), b"\n--=_alternative--\n"))
    yield head
    files = 3 if size > _MEGABYTE // 2 else 1
    for number in range(files):
        yield _attachment_head(number)
        left = (size - len(head)) // files - 180
        while left > 0:
            block = base64.encodebytes(chance.randbytes(57 * min(1_000, left // 77 + 1)))
            left -= len(block)
            yield block
    yield b"--=_mixed--\n"


def _plain(lines: list[str]) -> bytes:
    cut = len(lines) // _QUOTED
    quoted = ["On Mon, 23 Nov 2026 at 18:00, Support <support@desk.example> wrote:", *(f"> {x}" for x in lines[cut:])]
    return encodestring("\n".join((*lines[:cut], "", *quoted)).encode())


def _page(lines: list[str]) -> bytes:
    cut = len(lines) // _QUOTED
    own, old = ("".join(f'<p style="margin:0">{x}</p>\n' for x in some) for some in (lines[:cut], lines[cut:]))
    return encodestring(
        f'<html><body>{own}<div class="gmail_quote"><blockquote>{old}</blockquote></div></body></html>'.encode()
    )


def _attachment_head(number: int) -> bytes:
    name = f"photo {number}.jpg"
    return (
        f'--=_mixed\nContent-Type: image/jpeg; name="{name}"\nContent-Transfer-Encoding: base64\n'
        f'Content-Disposition: attachment; filename="{name}"\n\n'
    ).encode()


# --- The readers -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What every reader must have found."""

    subject: str
    people: tuple[str, ...]
    date: str
    text: str
    html: str
    attachments: tuple[tuple[str, str], ...]  # name, SHA-256

    def like(self, other: "Found") -> bool:
        """Equal but for the form of the date and the end of the texts, which are each library's own."""
        return (self.subject, self.people, self.attachments, self.text.split(), self.html.split()) == (
            other.subject, other.people, other.attachments, other.text.split(), other.html.split(),
        )  # fmt: skip


def whole(raw: bytes | Iterable[bytes]) -> Found:
    """All that the parse stage does."""
    mail = read(raw)
    return Found(
        subject=mail.subject,
        people=tuple(a.address for a in (*mail.from_, *mail.to, *mail.cc)),
        date=mail.date or "",
        text=mail.text or "",
        html=mail.html or "",
        attachments=tuple((a.filename or "", a.sha256) for a in mail.attachments),
    )


def core(raw: bytes | Iterable[bytes]) -> Found:
    """What the other parsers do, from the functions that `read` is made of."""
    parts = Parts()
    root = scan(raw, parts.wanted)
    parts.sort(root)
    fields = [root.field(name) or b"" for name in ("from", "to", "cc")]
    return Found(
        subject=headers.text(root.field("subject") or b""),
        people=tuple(a.address for value in fields for a in headers.addresses(value)),
        date=headers.date(root.field("date") or b"") or "",
        text=parts.text() or "",
        html=parts.html() or "",
        attachments=tuple((a.filename or "", a.sha256) for a in parts.attachments),
    )


def compat32(raw: bytes) -> Found:
    """The standard library as a careful programmer uses it."""
    mail = email.message_from_bytes(raw)
    bodies, files = dict[str, str](), list[tuple[str, str]]()
    for part in mail.walk():
        if part.is_multipart():
            continue
        data = part.get_payload(decode=True)
        assert isinstance(data, bytes)
        if part.get_content_disposition() == "attachment":
            files.append((part.get_filename() or "", hashlib.sha256(data).hexdigest()))
        else:
            bodies[part.get_content_type()] = data.decode(part.get_content_charset("utf-8"), "replace")
    return Found(
        subject=_decoded(mail, "subject"),
        people=tuple(a for _, a in email.utils.getaddresses([_decoded(mail, name) for name in ("from", "to", "cc")])),
        date=email.utils.parsedate_to_datetime(mail["date"]).isoformat(),
        text=bodies["text/plain"],
        html=bodies["text/html"],
        attachments=tuple(files),
    )


def _decoded(mail: Compat32, name: str) -> str:
    return str(email.header.make_header(email.header.decode_header(mail[name])))


def mail_parser(raw: bytes) -> Found:
    import mailparser

    mail = mailparser.parse_from_bytes(raw)
    files = [(a["filename"], binascii.a2b_base64(a["payload"])) for a in mail.attachments]
    return Found(
        subject=str(mail.subject),
        people=tuple(str(address) for _, address in (*mail.from_, *mail.to, *mail.cc)),
        date=mail.date.isoformat(),
        text="\n".join(mail.text_plain),
        html="\n".join(mail.text_html),
        attachments=tuple((name, hashlib.sha256(data).hexdigest()) for name, data in files),
    )


def fast_mail_parser(raw: bytes) -> Found:
    from fast_mail_parser import parse_email

    mail = parse_email(raw)
    return Found(
        subject=mail.subject,
        people=tuple(str(a.address) for a in (mail.from_, *mail.to, *mail.cc) if a),
        date=mail.date_parsed.isoformat() if mail.date_parsed else "",
        text="\n".join(mail.text_plain),
        html="\n".join(mail.text_html),
        attachments=tuple((a.filename, hashlib.sha256(a.content).hexdigest()) for a in mail.attachments),
    )


BASE = "standard library, compat32"
STREAMS: Mapping[str, Callable[[bytes | Iterable[bytes]], Found]] = {
    "Postroom, all of `read`": whole,
    "Postroom, the same work as its peers": core,
}
READERS: Mapping[str, Callable[[bytes], Found]] = {
    BASE: compat32,
    **STREAMS,
    "mail-parser": mail_parser,
    "fast-mail-parser": fast_mail_parser,
}
_MODULES = {"mail-parser": "mailparser", "fast-mail-parser": "fast_mail_parser"}


def readers() -> dict[str, Callable[[bytes], Found]]:
    """Those that can be imported here."""
    return {
        name: reader
        for name, reader in READERS.items()
        if name not in _MODULES or importlib.util.find_spec(_MODULES[name])
    }


def parts(raw: bytes) -> dict[str, Callable[[], object]]:
    """Steps of Postroom alone, each on what the step before it found."""
    root, mail = scan(raw), read(raw)
    text, page = mail.text or "", mail.html or ""
    return {
        "scan": lambda: scan(raw),
        "quotes": lambda: reply.cut(text),
        "forwards": lambda: forward.find(text, mail.subject),
        "trace": lambda: trace.hops(root.fields),
        "HTML to text (only where there is no plain text)": lambda: html.to_text(page),
        "quotes in HTML (likewise)": lambda: reply.cut_html(page),
    }


# --- Time ------------------------------------------------------------------------------------------------------------


def seconds(steps: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """CPU seconds of each step: the median of rounds in which they take turns."""
    times = {name: _once(step, 1) for name, step in steps.items()}  # warms up, too
    loops = {name: max(1, int(_ROUND / max(once, 1e-7))) for name, once in times.items()}
    rounds = [{name: _once(step, loops[name]) for name, step in steps.items()} for _ in range(_ROUNDS)]
    return {name: median(one[name] for one in rounds) for name in steps}


def _once(step: Callable[[], object], loops: int) -> float:
    gc.collect()
    began = time.process_time()
    for _ in range(loops):
        step()
    return (time.process_time() - began) / loops


def measured(size: int) -> dict[str, float]:
    """CPU seconds of every reader, and of Postroom's parts, on a mail of this size."""
    raw = b"".join(pieces(size))
    found = {name: reader(raw) for name, reader in readers().items()}
    for name, one in found.items():
        assert one.like(found[BASE]), f"{name} found something else in {size} bytes"
    found.clear()
    whole_mails = {name: _on(reader, raw) for name, reader in readers().items()}
    # All in the same rounds: a machine that is slow for a while is slow for what the ratios divide by, too.
    return seconds(whole_mails | parts(raw))


def _on(reader: Callable[[bytes], Found], raw: bytes) -> Callable[[], object]:
    return lambda: reader(raw)


# --- Memory ----------------------------------------------------------------------------------------------------------


def peaks() -> dict[str, float]:
    """Peak resident MB of a whole process that reads one mail of 40 MB, by reader; "" is one that only holds it.

    Postroom takes the mail in pieces, as its parse stage does; the others can't.

    To be called first: a process counts what its parent held when it was started.
    """
    with tempfile.TemporaryDirectory() as folder:
        mail = Path(folder) / "mail"
        with mail.open("wb") as file:
            file.writelines(pieces(LARGEST))
        return {name: _peak(name, mail) for name in ("", *readers())}


def _peak(name: str, mail: Path) -> float:
    process = subprocess.Popen([sys.executable, "-m", "bench.parse", "--read", name, str(mail)], cwd=ROOT)  # noqa: S603 - this very file
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{name} failed"
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / _MEGABYTE


def _read(name: str, path: str) -> None:
    if name in STREAMS:
        with Path(path).open("rb") as file:
            STREAMS[name](iter(lambda: file.read(1 << 20), b""))
        return
    raw = Path(path).read_bytes()
    if name:
        READERS[name](raw)


# --- The table -------------------------------------------------------------------------------------------------------


def report(times: Mapping[str, Mapping[str, float]], memory: Mapping[str, float]) -> Iterator[str]:
    """Markdown: how many times the standard library's CPU time each took."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores"
    yield f"Python {platform.python_version()}, {machine}, {time.strftime('%Y-%m-%d')}\n"
    yield f"| CPU time, {BASE} = 1 | {' | '.join(times)} | peak at 40 MB |"
    yield "|---|" + "---|" * (len(times) + 1)
    for name in next(iter(times.values())):
        ratios = [f"{one[name] / one[BASE]:.3f}" for one in times.values()]
        peak = f"{memory[name]:.0f} MB" if name in memory else ""
        yield f"| {name} | {' | '.join(ratios)} | {peak} |"
    yield f"| {BASE}, ms | {' | '.join(f'{one[BASE] * 1000:.2f}' for one in times.values())} | |"
    yield f"| a process that only holds the mail | {'| ' * len(times)}| {memory['']:.0f} MB |"
    for name in READERS.keys() - readers().keys():
        yield f"\n{name} is not installed here: it did not take part."


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--read", nargs=2, metavar=("READER", "FILE"), help="only read this file with this reader, once"
    )
    args = parser.parse_args()
    if args.read:
        _read(*args.read)
        return 0
    memory = peaks()
    times = {label: measured(size) for label, size in SIZES.items()}
    print("\n".join(report(times, memory)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
