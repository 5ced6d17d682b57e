"""ISO-2022-JP and EUC-JP as Microsoft's programs write them: with the characters of code page 932.

Python's codecs know the standards only, and refuse the rest: the NEC row 13 (circled numbers, units), the IBM
extensions, and half-width katakana in a 7-bit mail. Here every double-byte character becomes its Shift JIS bytes, which
cp932 explains.

Source: RFC 1468; Microsoft code pages 50220 to 50222 and 51932; JIS X 0208 to Shift JIS by the usual arithmetic.
"""

import re

_ESCAPES = re.compile(rb"\x1b(\$[@B]|\$\([@BD]|\([BJIH])|([\x0e\x0f\n])")
_ASCII, _DOUBLE, _KANA, _SUPPLEMENT = range(4)
_SETS = {b"$@": _DOUBLE, b"$B": _DOUBLE, b"$(@": _DOUBLE, b"$(B": _DOUBLE, b"(I": _KANA, b"$(D": _SUPPLEMENT}
_HIGH = bytes(byte | 0x80 if 0x21 <= byte <= 0x7E else byte for byte in range(256))
_EUC = re.compile(rb"\x8e([\xa1-\xdf])|\x8f([\xa1-\xfe]{2})|([\xa1-\xfe]{2})")


def iso_2022_jp(body: bytes) -> str | None:
    """The text, or None where the bytes are not of this kind. A line that was cut inside its characters ends there."""
    if b"\x1b" not in body and b"\x0e" not in body:
        return None
    pieces, position, charset = list[str](), 0, _ASCII
    try:
        for mark in _ESCAPES.finditer(body):
            pieces.append(_segment(body[position : mark.start()], charset))
            position, control = mark.end(), mark.group(2)
            charset = _SETS.get(mark.group(1) or b"", _ASCII) if control is None else _ASCII
            if control == b"\x0e":  # SO: half-width katakana until SI
                charset = _KANA
            elif control == b"\n":
                pieces.append("\n")
        pieces.append(_segment(body[position:], charset))
    except ValueError:
        return None
    return "".join(pieces)


def euc_jp(body: bytes) -> str | None:
    """The text, or None where the bytes are not of this kind."""
    pieces, position = list[str](), 0
    try:
        for found in _EUC.finditer(body):
            kana, supplement, double = found.groups()
            pieces.append(body[position : found.start()].decode("ascii"))
            pieces.append(
                kana.decode("cp932")
                if kana
                else _shifted(double)
                if double
                else (b"\x8f" + supplement).decode("euc_jp")
            )
            position = found.end()
        pieces.append(body[position:].decode("ascii"))
    except UnicodeDecodeError:
        return None
    return "".join(pieces)


def _segment(data: bytes, charset: int) -> str:
    if b"\x1b" in data:
        raise ValueError("an escape sequence of another language")
    if charset == _ASCII or not data:
        return data.decode("ascii")
    if charset == _KANA:
        return data.translate(_HIGH).decode("cp932")
    high = data.replace(b"\r", b"").translate(_HIGH)
    if charset == _SUPPLEMENT:
        return b"".join(b"\x8f" + high[at : at + 2] for at in range(0, len(high), 2)).decode("euc_jp")
    return _shifted(high)


def _shifted(high: bytes) -> str:
    """Pairs of EUC bytes (A1 to FE each), by way of their Shift JIS bytes."""
    pairs = bytearray()
    for at in range(0, len(high) - 1, 2):
        row, cell = high[at] - 0xA0, high[at + 1] - 0xA0
        lead = (row + 1) // 2 + (0x80 if row <= 62 else 0xC0)
        trail = cell + (0x9E if row % 2 == 0 else 0x3F if cell <= 63 else 0x40)
        pairs += bytes([lead % 256, trail % 256])
    return pairs.decode("cp932")
