"""Colours of HTML and CSS, as far as it takes to tell whether a text stands out from what is behind it.

CSS Color 4 (https://www.w3.org/TR/css-color-4/): hex, `rgb()`, `hsl()` and names; the contrast is that of WCAG 2.1.
"""

import re
from colorsys import hls_to_rgb
from functools import lru_cache
from typing import NamedTuple

from postroom.mime.colour_names import NAMES


class Colour(NamedTuple):
    """Red, green and blue, 0 to 255."""

    red: int
    green: int
    blue: int

    @property
    def luminance(self) -> float:
        """0 for black to 1 for white (WCAG 2.1, relative luminance)."""
        red, green, blue = map(_linear, self)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue


BLACK, WHITE, LINK = Colour(0, 0, 0), Colour(255, 255, 255), Colour(0, 0, 238)

_HEX = re.compile(r"#([0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\Z")
_RGB = re.compile(r"rgba?\(([0-9.%,/ ]{5,60})\)\Z")
_HSL = re.compile(r"hsla?\(([0-9.%,/ deg-]{5,60})\)\Z")
_SPLIT = re.compile(r"[,/ ]+")
_INVISIBLE = 0.05  # an opacity below which nothing is seen
_SAME = 1.15  # the contrast below which nobody reads a text: #f5f5f5 on white has 1.09, #eeeeee has 1.16


def colour(written: str) -> Colour | None:
    """The colour of a CSS value or an HTML attribute in small letters; None for anything else. Opacity is left out."""
    if match := _HEX.match(written):
        return _of_hex(match.group(1))
    if match := _RGB.match(written):
        return _of_rgb(match.group(1))
    if match := _HSL.match(written):
        return _of_hsl(match.group(1))
    return _of_hex(NAMES[written]) if written in NAMES else None


def old_colour(written: str) -> str:
    """An attribute's colour as CSS would write it, empty for none (WHATWG HTML, "rules for parsing a legacy colour
    value"): browsers make one of nearly anything."""
    value = written.strip().lower()
    if value in ("", "transparent"):
        return ""
    if value in NAMES:
        return value
    if re.fullmatch("#[0-9a-f]{3}", value):
        return value
    digits = re.sub("[^0-9a-f]", "0", value[:128].removeprefix("#"))
    digits += "0" * (-len(digits) % 3)
    length = len(digits) // 3
    parts = [digits[at : at + length][-8:] for at in range(0, len(digits), length)] if length else ["0"] * 3
    while len(parts[0]) > 2 and all(part[0] == "0" for part in parts):
        parts = [part[1:] for part in parts]
    return "#" + "".join(part[:2].rjust(2, "0") for part in parts)


def opacity(written: str) -> float:
    """How much of a colour is painted, from 0 (what is behind it shows) to 1; 1 for what is no colour."""
    if written == "transparent":
        return 0.0
    if match := _HEX.match(written):
        digits = match.group(1)
        return int(_doubled(digits)[6:], 16) / 255 if len(digits) in (4, 8) else 1.0
    match = _RGB.match(written) or _HSL.match(written)
    parts = _SPLIT.split(match.group(1).strip()) if match else []
    return min(1.0, max(0.0, _number(parts[3], 1.0))) if len(parts) == 4 else 1.0


def is_transparent(written: str) -> bool:
    """Whether a colour is one that is not seen at all."""
    return opacity(written) < _INVISIBLE


def over(paint: Colour, behind: Colour, share: float) -> Colour:
    """What is seen where a colour is painted over another with this opacity (CSS Color 4, section 16: source-over)."""
    return Colour(*(round(a * share + b * (1 - share)) for a, b in zip(paint, behind, strict=True)))


@lru_cache(maxsize=1024)
def blends(text: Colour, behind: Colour) -> bool:
    """Whether nobody could tell the text from its background."""
    dark, light = sorted((text.luminance, behind.luminance))
    # Two colours as light as each other differ in their hue: red is read on green.
    return (light + 0.05) / (dark + 0.05) < _SAME and max(abs(a - b) for a, b in zip(text, behind, strict=True)) < 32


def _doubled(digits: str) -> str:
    return digits if len(digits) > 4 else "".join(digit * 2 for digit in digits)


def _of_hex(digits: str) -> Colour:
    digits = _doubled(digits)
    return Colour(int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:6], 16))


def _of_rgb(inside: str) -> Colour | None:
    parts = [min(255, round(_number(part, 255))) for part in _SPLIT.split(inside.strip())[:3]]
    return Colour(*parts) if len(parts) == 3 else None


def _of_hsl(inside: str) -> Colour | None:
    parts = _SPLIT.split(inside.strip())[:3]
    if len(parts) < 3:
        return None
    hue, saturation, lightness = _number(parts[0].removesuffix("deg"), 360) / 360, *(_number(p, 1.0) for p in parts[1:])
    light, full = min(1.0, max(0.0, lightness)), min(1.0, max(0.0, saturation))
    return Colour(*(round(part * 255) for part in hls_to_rgb(hue % 1.0, light, full)))


def _number(written: str, whole: float) -> float:
    """A number, or a percentage of the whole; 0 for anything else."""
    try:
        return float(written[:-1]) / 100 * whole if written.endswith("%") else float(written)
    except ValueError:
        return 0.0


@lru_cache(maxsize=256)
def _linear(byte: int) -> float:
    part = byte / 255
    return part / 12.92 if part <= 0.03928 else float(((part + 0.055) / 1.055) ** 2.4)
