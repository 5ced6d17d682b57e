"""`python -m bench.agreement FOLDER...`: does our scan see the same leaves as the standard library's compat32 parser?

Compared are, mail by mail, content type and SHA-256 of the decoded body of every leaf, in order. Each mail that differs
is put under the first difference; `--show WORDS` names the mails.
"""

import argparse
import email
import hashlib
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from email.message import Message as Compat32
from pathlib import Path

from postroom.mime.scan import TooComplex, content, scan

Leaf = tuple[str, str]  # content type, SHA-256 of the decoded body


_MAILS = frozenset({"message/rfc822", "message/global", "message/news"})


def _is_report(content_type: str) -> bool:
    """compat32 reads every message/* as mails and rewrites it; here a report is a leaf. Its body is not compared."""
    return content_type.startswith("message/") and content_type not in _MAILS


def ours(raw: bytes) -> list[Leaf]:
    leaves = (entity for entity in scan(raw).walk() if not entity.children)
    return [(e.content_type, "" if _is_report(e.content_type) else _hash(content(raw, e))) for e in leaves]


def theirs(raw: bytes) -> list[Leaf]:
    return list(_leaves(email.message_from_bytes(raw)))


def _leaves(part: Compat32) -> Iterator[Leaf]:
    if _is_report(part.get_content_type()):
        yield part.get_content_type(), ""
    elif part.is_multipart():
        for child in part.get_payload():
            if isinstance(child, Compat32):
                yield from _leaves(child)
    else:
        yield part.get_content_type(), _hash(_decoded(part))


def _decoded(part: Compat32) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _hash(body: bytes) -> str:
    """Without the line break before a boundary: compat32 leaves one of two."""
    return hashlib.sha256(body.replace(b"\r\n", b"\n").strip(b"\n")).hexdigest()


def cause(raw: bytes, mine: Sequence[Leaf], other: Sequence[Leaf]) -> str:
    """In words, the first difference."""
    if len(mine) != len(other):
        more = "more" if len(mine) > len(other) else "fewer"
        broken = "a broken multipart" if scan(raw).defects or b"multipart/" in raw.lower() else "another structure"
        return f"{more} parts: {broken}"
    number = next(i for i, pair in enumerate(zip(mine, other, strict=True)) if pair[0] != pair[1])
    if mine[number][0] != other[number][0]:
        return f"another type: {mine[number][0]}, not {other[number][0]}"
    entity = [entity for entity in scan(raw).walk() if not entity.children][number]
    return f"another body, under {entity.span.encoding}"


def mails(folders: Sequence[str]) -> Iterator[tuple[Path, bytes]]:
    for folder in folders:
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file() and b":" in (raw := path.read_bytes())[:2000] and b"\n" in raw:
                yield path, raw


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", metavar="FOLDER")
    parser.add_argument("--show", metavar="CAUSE", default="", help="name the mails whose cause has this in it")
    args = parser.parse_args()
    agreed, found = 0, defaultdict[str, list[Path]](list)
    for path, raw in mails(args.folders):
        try:
            mine, other = ours(raw), theirs(raw)
        except (TooComplex, RecursionError) as error:
            found[f"raised {type(error).__name__}"].append(path)
            continue
        if mine == other:
            agreed += 1
        else:
            found[cause(raw, mine, other)].append(path)
    print(f"{agreed} of {agreed + sum(map(len, found.values()))} agree")
    for name, paths in sorted(found.items(), key=lambda item: -len(item[1])):
        print(f"{len(paths):5}  {name}")
        if args.show and args.show in name:
            print("\n".join(f"       {path}" for path in paths))
    return 0


if __name__ == "__main__":
    sys.exit(main())
