"""`python -m bench.fuzz SECONDS`: golden mails, changed at random, must be read, and equally in whatever pieces they
come. A mail that isn't is printed, and the run ends."""

import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from postroom.message import Message
from postroom.mime.message import read
from postroom.mime.scan import TooComplex

_GOLDEN = Path(__file__).resolve().parents[1] / "tests" / "unit" / "mime" / "golden"
_SLOW = 1.0  # seconds of CPU time for one mail
_MOST_CHANGES = 6
_BITS = (
    b"\n", b"\r\n", b"\r", b"\n\n", b"--", b"=", b"=?utf-8?q?", b"?=", b"\x00", b"\xff", b"\x1b$B", b'"', b"(", b"<",
    b">", b";", b":", b"@", b"*0*=", b"Content-Type: multipart/mixed; boundary=b\n", b"\n--b\n", b"\n--b--\n",
    b"Content-Type: message/rfc822\n", b"Content-Transfer-Encoding: base64\n", b"begin 644 x\n",
    b"=ybegin line=9 size=9 name=x\n",
    b"-----BEGIN PGP SIGNED MESSAGE-----\n", b"-----BEGIN PGP SIGNATURE-----\n", b"> ", b"On 1 Jan 2011, Bo wrote:\n",
    b"<blockquote>", b"</div>", b"From: ", b"-- \n",
)  # fmt: skip


def _cut(chance: random.Random, raw: bytes) -> tuple[int, int]:
    start = chance.randrange(len(raw) + 1)
    return start, min(len(raw), start + int(chance.expovariate(1 / 40)))


def _without(chance: random.Random, raw: bytes) -> bytes:
    start, end = _cut(chance, raw)
    return raw[:start] + raw[end:]


def _twice(chance: random.Random, raw: bytes) -> bytes:
    start, end = _cut(chance, raw)
    return raw[:end] + raw[start:end] * chance.choice((1, 2, 50)) + raw[end:]


def _with_bit(chance: random.Random, raw: bytes) -> bytes:
    at = chance.randrange(len(raw) + 1)
    return raw[:at] + chance.choice(_BITS) + raw[at:]


def _swapped(chance: random.Random, raw: bytes) -> bytes:
    """Lines in another place."""
    lines = raw.splitlines(keepends=True)
    if lines:
        line = lines.pop(chance.randrange(len(lines)))
        lines.insert(chance.randrange(len(lines) + 1), line)
    return b"".join(lines)


_CHANGES: Sequence[Callable[[random.Random, bytes], bytes]] = (_without, _twice, _with_bit, _with_bit, _swapped)


def changed(chance: random.Random, mails: Sequence[bytes]) -> bytes:
    """One of these mails, with some changes; at times with the end of another one."""
    raw = chance.choice(mails)
    if not chance.randrange(8):
        other = chance.choice(mails)
        raw = raw[: chance.randrange(len(raw) + 1)] + other[chance.randrange(len(other) + 1) :]
    for _ in range(chance.randrange(1, _MOST_CHANGES)):
        raw = chance.choice(_CHANGES)(chance, raw)
    return raw


def _pieces(chance: random.Random, raw: bytes) -> list[bytes]:
    size = chance.choice((1, 7, 100, 1_000)) if len(raw) < 5_000 else chance.choice((501, 4_096))
    return [raw[at : at + size] for at in range(0, len(raw), size)]


def _outcome(read_it: Callable[[], Message]) -> Message | str:
    try:
        return read_it()
    except TooComplex:
        return "too complex"


def fault(chance: random.Random, raw: bytes) -> str:
    """What is wrong with how this mail is read; "" where nothing is."""
    began = time.process_time()
    try:
        whole = _outcome(lambda: read(raw))
        took = time.process_time() - began
        pieces = _pieces(chance, raw)
        if _outcome(lambda: read(pieces)) != whole:
            return f"another message in pieces of {len(pieces[0]) if pieces else 0} bytes"
    except Exception as error:  # `read` may refuse a mail as too complex; all else that it raises is a find
        return f"{type(error).__name__}: {error}"
    if isinstance(whole, Message) and _lost(whole):
        return "text is lost where it is cut"
    return f"{took:.1f} s" if took > _SLOW else ""


def _lost(message: Message) -> bool:
    """Plain text lands in one of three parts, but for its white space."""
    cut, text = message.reply, message.text or ""
    if message.html is not None:
        return False
    parts = "".join((cut.visible, cut.quoted or "", cut.signature or ""))
    return sorted("".join(parts.split())) != sorted("".join(text.split()))


def main(seconds: float, folder: Path = _GOLDEN) -> int:
    mails = [raw for path in sorted(folder.rglob("*")) if path.is_file() and 0 < len(raw := path.read_bytes()) < 60_000]
    seed = time.time_ns()
    chance = random.Random(seed)  # noqa: S311 - mails that can be made again, no secret
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        raw = changed(chance, mails)
        count += 1
        if found := fault(chance, raw):
            print(f"{found}\n{raw!r}")
            return 1
    print(f"{count} mails in {seconds:.0f} s, seed {seed}: nothing found")
    return 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), *map(Path, sys.argv[2:3])))
