"""`python -m bench.hostile`: how long mails that were made to hurt take, and what memory. Their bytes are made here.

tests/unit/mime/test_hostile.py reads the same mails, and asserts what becomes of them.
"""

import base64
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, repeat

from postroom.mime.message import read
from postroom.mime.scan import TooComplex

_MEGABYTE = 1_000_000
_FROM = b"From: ana@shop.example\nSubject: cups\nMessage-ID: <1@shop.example>\n"


# --- Headers ---------------------------------------------------------------------------------------------------------


def _with_header(header: bytes) -> bytes:
    return _FROM + header + b"\n\nThe cups are broken.\n"


def many_parameters() -> bytes:
    parameters = b"".join(b";\n name*%d*=%%41" % number for number in range(8_000))
    return _with_header(b"Content-Type: text/plain" + parameters)


def many_recipients() -> bytes:
    return _with_header(b"To: " + b",\n ".join(b"Bo %d <bo%d@desk.example>" % (n, n) for n in range(20_000)))


def long_encoded_subject() -> bytes:
    word = b"=?utf-8?q?caf=C3=A9_and_cups_and_more?="
    return b"From: ana@shop.example\nSubject: " + b"\n ".join(repeat(word, 500_000 // len(word))) + b"\n\nCups.\n"


def one_long_encoded_word() -> bytes:
    return b"From: ana@shop.example\nSubject: =?utf-8?b?" + b"Y2Fm" * 125_000 + b"?=\n\nCups.\n"


def unclosed_words() -> bytes:
    return b"From: ana@shop.example\nSubject: " + b"=?utf-8?q?a" * 90_000 + b"\n\nCups.\n"


def broken_words() -> bytes:
    return b"From: ana@shop.example\nSubject: " + b"=?" * 250_000 + b"\n\nCups.\n"


def words_in_addresses() -> bytes:
    return _with_header(b"To: " + b"=?utf-8?q?a" * 90_000)


def many_headers() -> bytes:
    return _with_header(b"\n".join(b"X-Cup-%d: broken" % number for number in range(100_000)))


def one_name_many_times() -> bytes:
    return _with_header(b"\n".join(repeat(b"To: bo@desk.example", 100_000)))


def header_without_end() -> bytes:
    return _FROM + b"X-Cup: broken\n" * 714_000


def one_long_header() -> bytes:
    return _FROM + b"X-Cup: " + b"broken\n " * 1_250_000


def nested_comments() -> bytes:
    return _with_header(b"To: " + b"(" * 250_000 + b"bo@desk.example" + b")" * 250_000)


def many_comments() -> bytes:
    return _with_header(b"To: " + b"(a) " * 125_000 + b"bo@desk.example")


def comments_inside_comments() -> bytes:
    return _with_header(b"To: " + b"(a(b)c) bo@desk.example, " * 20_000)


def unclosed_comments_in_angles() -> bytes:
    return _with_header(b"To: " + b"<(a(b@c> " * 50_000)


def groups() -> bytes:
    return _with_header(b"To: " + b"cups: bo@desk.example, ana@shop.example; " * 12_000)


def colons() -> bytes:
    return _with_header(b"To: " + b"a:" * 250_000 + b"@:" * 100_000)


def quotes_without_end() -> bytes:
    return _with_header(b"To: " + b'"\\' * 250_000)


def angles() -> bytes:
    return _with_header(b"To: " + b"<" * 500_000)


def angles_without_separators() -> bytes:
    return _with_header(b"To: " + b"a <a@b> " * 60_000)


def one_mailbox_of_words() -> bytes:
    return _with_header(b"To: " + b"a@b c " * 80_000)


def received_flood() -> bytes:
    hop = b"Received: from a.example by b.example with ESMTP; Tue, 24 Nov 2026 08:00:04 +0000"
    return _with_header(b"\n".join(repeat(hop, 50_000)))


def long_received() -> bytes:
    return _with_header(b"\n".join(repeat(b"Received: " + b"from ( " * 10_000, 60)))


def references_flood() -> bytes:
    return _with_header(b"References: " + b"\n ".join(b"<%d@shop.example>" % number for number in range(50_000)))


def references_without_brackets() -> bytes:
    return _with_header(b"References: " + b"a@b " * 250_000)


def open_brackets_in_references() -> bytes:
    return _with_header(b"References: " + b"<" * 500_000 + b"<a " * 100_000)


def quotes_in_a_name() -> bytes:
    return _with_header(b"Content-Type: text/plain; " + b'name="a"b' * 60_000)


def comments_in_parameters() -> bytes:
    return _with_header(b"Content-Type: text/plain; " + b"(" * 300_000 + b"a=b;" * 50_000)


def long_date() -> bytes:
    return _with_header(b"Date: " + b"Tue, 24 Nov " * 50_000)


def authentication_flood() -> bytes:
    return _with_header(b"\n".join(repeat(b"Authentication-Results: desk.example; " + b"dkim=pass (" * 2_000, 50)))


# --- Structure -------------------------------------------------------------------------------------------------------


def _nested(boundaries: Iterable[bytes]) -> Iterator[bytes]:
    yield _FROM
    for boundary in boundaries:
        yield b'Content-Type: multipart/mixed; boundary="%b"\n\n--%b\n' % (boundary, boundary)
    yield b"\nThe cups are broken.\n"


def nested_parts() -> bytes:
    return b"".join(_nested(b"b%d" % number for number in range(5_000)))


def nested_messages() -> bytes:
    return _FROM + b"Content-Type: message/rfc822\n\n" * 5_000 + b"\nThe cups are broken.\n"


def prefixes() -> bytes:
    head = b"".join(_nested(b"b" * number for number in range(1, 101)))
    return head + b"\n".join(b"--" + b"b" * (number % 120) + b"x" for number in range(50_000))


def million_boundaries() -> bytes:
    return _FROM + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * _MEGABYTE


def million_near_boundaries() -> bytes:
    return _FROM + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + b"--b-\n" * _MEGABYTE


def boundaries_of_hyphens() -> bytes:
    return _FROM + b'Content-Type: multipart/mixed; boundary="----"\n\n' + b"-" * 2 * _MEGABYTE + b"\n-----" * 100_000


def guessed_boundary() -> bytes:
    return _FROM + b"Content-Type: multipart/mixed\n\n" + b"--\n--a\n" * 200_000


def hyphens_in_base64() -> bytes:
    head = b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: base64\n\n"
    return _FROM + head + b"-- -\n" * 200_000 + b"--b--\n"


def long_boundary() -> bytes:
    boundary = b"b" * 10_000
    head = b'Content-Type: multipart/mixed; boundary="%b"\n\n--%b\n\n' % (boundary, boundary)
    return _FROM + head + b"\n".join(repeat(b"--" + boundary[:-1], 500))


def empty_lines() -> bytes:
    return _FROM + b"\n" * _MEGABYTE


def base64_messages() -> bytes:
    inner = _with_header(b"X-Cup: broken")
    for _ in range(12):
        head = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
        inner = head + base64.encodebytes(inner)
    return _FROM + inner


# --- Encodings -------------------------------------------------------------------------------------------------------


def _encoded(encoding: bytes, body: bytes) -> bytes:
    return _FROM + b"Content-Transfer-Encoding: " + encoding + b"\n\n" + body


def equals_in_quoted_printable() -> bytes:
    return _encoded(b"quoted-printable", b"=" * _MEGABYTE)


def soft_breaks() -> bytes:
    return _encoded(b"quoted-printable", b"==\n" * 330_000)


def equals_in_base64() -> bytes:
    return _encoded(b"base64", b"=" * _MEGABYTE)


def padding_in_base64() -> bytes:
    return _encoded(b"base64", b"QQ==\n" * 200_000)


def uuencoded_bomb() -> bytes:
    return _encoded(b"x-uuencode", b"begin 644 cups\n" + b"_\n" * 500_000 + b"end\n")


# --- Bodies ----------------------------------------------------------------------------------------------------------


def _page(html: bytes) -> bytes:
    return _FROM + b"Content-Type: text/html; charset=utf-8\n\n" + html


def open_tags() -> bytes:
    return _page(b"<a " * (_MEGABYTE // 3))


def divs() -> bytes:
    return _page(b"<div>" * 100_000 + b"cups")


def quotes_in_html() -> bytes:
    return _page(b"<blockquote>a" * 80_000)


def paragraphs() -> bytes:
    return _page(b"<p>a" * 2_000_000)


def comments_in_html() -> bytes:
    return _page(b"<!--" * 250_000 + b"<![" * 100_000)


def styles() -> bytes:
    return _page(b"<style>" * 70_000 + b"<script>" * 60_000)


def entities() -> bytes:
    return _page(b"&amp" * 250_000 + b"&#" * 100_000)


def begin_lines() -> bytes:
    return _with_header(b"X-Cup: broken") + b"begin 644 x\n" * 100_000


def ybegin_lines() -> bytes:
    return _with_header(b"X-Cup: broken") + b"=ybegin line=128 size=9 name=x\n" * 100_000


def ybegin_without_control() -> bytes:
    """Each first line is followed by a long way to the only end."""
    return _with_header(b"X-Cup: broken") + b"=ybegin line=128 size=9 name=x\r\na\nbegin 644 x\n" * 30_000 + b"=yend\n"


def many_small_files() -> bytes:
    return _with_header(b"X-Cup: broken") + b"begin 644 x\n#0V%T\n#0V%T\n`\nend\n" * 30_000


def armour_lines() -> bytes:
    return _with_header(b"X-Cup: broken") + b"-----BEGIN PGP SIGNED MESSAGE-----\n" * 30_000


def signature_lines() -> bytes:
    line = b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: x\n\na\n-----BEGIN PGP SIGNATURE-----\nabcdef\n"
    return _with_header(b"X-Cup: broken") + line * 12_000


def attributions() -> bytes:
    return _with_header(b"X-Cup: broken") + b"On 1 Jan 2011\n> wrote:\n" * (_MEGABYTE // 23)


def header_blocks() -> bytes:
    return _with_header(b"X-Cup: broken") + b"From: a@b.example\nSent: x\nTo: c\nSubject: d\n\n" * 20_000


def one_long_line() -> bytes:
    return _with_header(b"X-Cup: broken") + b"On Mon wrote: > " * 125_000


def quote_marks() -> bytes:
    return _with_header(b"X-Cup: broken") + b">" * _MEGABYTE + b"\n>" * 500_000


def forwards() -> bytes:
    return _with_header(b"X-Cup: broken") + b"---------- Forwarded message ----------\nFrom: a\n" * 20_000


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x84]) + size.to_bytes(4, "big")
    return bytes([tag]) + length + content


def _cms(content: bytes) -> bytes:
    """A ContentInfo with SignedData around this content, and no signer."""
    signed, data = (b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07" + end for end in (b"\x02", b"\x01"))
    encapsulated = _der(0x30, data + _der(0xA0, _der(0x04, content)))
    return _der(0x30, signed + _der(0xA0, _der(0x30, b"\x02\x01\x01" + _der(0x31, b"") + encapsulated)))


def nested_cms() -> bytes:
    inner = b"Content-Type: text/plain\n\nThe cups are broken.\n"
    for _ in range(40):
        head = b"Content-Type: application/pkcs7-mime; smime-type=signed-data\nContent-Transfer-Encoding: binary\n\n"
        inner = head + _cms(inner)
    return _FROM + inner


def indefinite_cms() -> bytes:
    head = b"Content-Type: application/pkcs7-mime; smime-type=signed-data\nContent-Transfer-Encoding: binary\n\n"
    return _FROM + head + b"\x30\x80" * 500_000


#: Name and maker of each mail.
MAILS: Mapping[str, Callable[[], bytes]] = {
    maker.__name__: maker
    for maker in (
        many_parameters, many_recipients, long_encoded_subject, one_long_encoded_word, unclosed_words, broken_words,
        words_in_addresses, many_headers, one_name_many_times, header_without_end, one_long_header, nested_comments,
        many_comments, comments_inside_comments, unclosed_comments_in_angles, groups, colons, quotes_without_end,
        angles, angles_without_separators, one_mailbox_of_words, received_flood, long_received, references_flood,
        references_without_brackets, open_brackets_in_references, quotes_in_a_name, comments_in_parameters, long_date,
        authentication_flood, nested_parts, nested_messages, prefixes, million_boundaries, million_near_boundaries,
        boundaries_of_hyphens, guessed_boundary, hyphens_in_base64, long_boundary, empty_lines, base64_messages,
        equals_in_quoted_printable, soft_breaks, equals_in_base64, padding_in_base64, uuencoded_bomb, open_tags, divs,
        quotes_in_html, paragraphs, comments_in_html, styles, entities, begin_lines, ybegin_lines,
        ybegin_without_control, many_small_files, armour_lines, signature_lines, attributions, header_blocks,
        one_long_line, quote_marks, forwards, nested_cms, indefinite_cms,
    )
}  # fmt: skip


# --- The table -------------------------------------------------------------------------------------------------------


def _outcome(raw: bytes) -> str:
    try:
        read(raw)
    except TooComplex:
        return "too complex"
    return "read"


def measured(raw: bytes) -> tuple[float, str]:
    """CPU seconds, and what became of the mail."""
    began = time.process_time()
    outcome = _outcome(raw)
    return time.process_time() - began, outcome


def peak(raw: bytes) -> float:
    """MB that Python held beside the mail. Apart from the time: counting slows everything down."""
    tracemalloc.start()
    _outcome(raw)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / _MEGABYTE


def main(names: list[str]) -> int:
    read(_with_header(b"X-Cup: broken"))  # what is imported late is imported now
    rows = list[tuple[float, str]]()
    for name in names or MAILS:
        raw = MAILS[name]()
        seconds, outcome = measured(raw)
        memory = peak(raw) if names else 0.0
        told = f"{memory:6.0f} MB" if names else ""
        rows.append((seconds, f"{name:30} {len(raw):>11,} bytes  {seconds:6.2f} s {told}  {outcome}"))
        print(rows[-1][1], flush=True)
    print("\nThe slowest:", *chain(row for _, row in sorted(rows, reverse=True)[:10]), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
