"""Whether a reader sees the text inside an element: by its style, and by what the elements around it hand down.

Everything that hides text in mails counts: preheaders, text for filters, text for machines. A picture behind a text
counts for nothing: most readers see a mail without its pictures first, and anybody can name one that isn't there.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from postroom.mime.colours import BLACK, LINK, WHITE, Colour, blends, colour, is_transparent, opacity, over

#: Attributes of HTML that say the same, the property that each stands for, and the elements that have it.
ATTRIBUTES = {
    "bgcolor": (
        "background-color",
        frozenset({"body", "table", "thead", "tbody", "tfoot", "tr", "td", "th", "marquee"}),
    ),
    "color": ("color", frozenset({"font"})),
    "text": ("color", frozenset({"body"})),
}

_SMALLEST = 2.5  # pixels: letters no higher than this are not read
_FAR = -400.0  # pixels: what is moved so far is off the screen
_FAINTEST = 0.05  # the opacity below which nothing is seen
_FLAT = 3.0  # pixels: a box no higher or wider than this shows nothing, where it doesn't let its content flow over
_BEYOND = 3000.0  # pixels: what is moved so far to the right or down is off the screen, too
_NO_BOX = frozenset({"none", "table-column", "table-column-group"})  # what stands in a column isn't painted
_CLOSED = ("hidden", "clip", "scroll", "auto")  # of `overflow`; nobody scrolls in a box without height
_ROOT = 16.0  # pixels, the usual font size

_NUMBER = r"[-+]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})(?:e[-+]?\d{1,2})?"
_LENGTH = re.compile(rf"(?:calc\()?({_NUMBER})([a-z%]{{0,4}})\)?\Z")
_IN_FONT = re.compile(
    r"(?:^|\s)((?:\d{1,6}(?:\.\d{0,6})?|\.\d{1,6})(?:p[xtc]|r?em|ex|ch|[mc]m|in|v[wh]|%)?)(?=[\s/]|\Z)"
)
_PIXELS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 3.78, "cm": 37.8, "in": 96.0, "rem": _ROOT, "em": _ROOT,
           "ex": _ROOT / 2, "ch": _ROOT / 2, "vw": 10.0, "vh": 8.0, "%": 10.0}  # fmt: skip
_OF_PARENT = {"em": 1.0, "%": 0.01, "ex": 0.5, "ch": 0.5}
#: Of the size around it; the others are of the root's.
_FONT_WORDS = {"smaller": 0.83, "larger": 1.2, "medium": 1.0, "small": 0.81, "x-small": 0.63, "xx-small": 0.56,
               "large": 1.13, "x-large": 1.5, "xx-large": 2.0, "xxx-large": 3.0}  # fmt: skip
_OVERFLOWS = ("overflow", "overflow-x", "overflow-y")
_AS_BEFORE = frozenset({"inherit", "initial", "unset", "revert", "currentcolor", "normal", "auto"})
_COLOURS = re.compile(r"(?:rgb|hsl)a?\([^()]{5,60}\)|#[0-9a-f]{3,8}|(?<![\w-])[a-z]{3,20}(?![\w(:/.-])")
_SCALES = re.compile(r"(?:scale(?:3d|x|y)?|matrix)\(([^)]{1,80})\)")
_EDGEWISE = re.compile(r"rotate[xy]\(\s?-?(?:90|270)deg")
_MOVED = re.compile(r"translate(?:3d|x|y)?\(([^)]{1,80})\)")
_FAINT_FILTER = re.compile(r"opacity\(\s?(\d{0,3}(?:\.\d{1,9})?)(%?)\s?\)")
_CLIP = re.compile(r"rect\(([^()]{1,80})\)")
_INSET = re.compile(r"inset\(([^()]{1,80})\)")
_SHAPED_AWAY = re.compile(r"(?:circle|ellipse)\(\s?0")
_POLYGON = re.compile(r"polygon\(([^()]{1,200})\)")

Style = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Look:
    """What an element hands down to its children."""

    visible: bool = True
    size: float = _ROOT  # of the letters, in pixels
    text: Colour = BLACK
    ink: float = 1.0  # how much of that colour is painted
    opacity: float = 1.0  # of all that is around: what stands inside can take none of it back
    background: Colour = WHITE

    @property
    def seen(self) -> bool:
        """Whether a reader sees the text of such an element."""
        share = self.ink * self.opacity
        if not self.visible or share < _FAINTEST or self.size <= _SMALLEST:
            return False
        return not blends(self.text if share == 1 else over(self.text, self.background, share), self.background)

    def of(self, style: Style) -> "Look":
        """The look of an element with this style in one with this look."""
        if not style:
            return self
        text, ink = self._text(style)
        return Look(
            visible=style["visibility"] not in ("hidden", "collapse") if "visibility" in style else self.visible,
            size=self._size(style),
            text=text,
            ink=ink,
            opacity=self.opacity * _opacity(style),
            background=self._background(style),
        )

    def of_link(self) -> "Look":
        """A link has a colour of its own, unless its style says otherwise."""
        return replace(self, text=LINK, ink=1.0)

    def _size(self, style: Style) -> float:
        written = style.get("font-size", "")
        if not written and "font" in style:
            found = _IN_FONT.search(style["font"])
            written = found.group(1) if found else ""
        match = _LENGTH.match(written)
        if match is None:
            around = self.size if written in ("smaller", "larger") else _ROOT
            return around * _FONT_WORDS[written] if written in _FONT_WORDS else self.size
        number, unit = float(match.group(1)), match.group(2)
        return self.size * number * _OF_PARENT[unit] if unit in _OF_PARENT else number * _PIXELS.get(unit, _ROOT)

    def _text(self, style: Style) -> tuple[Colour, float]:
        written = style.get("-webkit-text-fill-color") or style.get("color") or "inherit"
        if written in _AS_BEFORE:
            return self.text, self.ink
        return colour(written) or self.text, opacity(written)

    def _background(self, style: Style) -> Colour:
        """The first colour that is painted; a gradient counts as the colour that it begins with."""
        for name in ("background-color", "background", "background-image"):
            for word in _COLOURS.findall(style.get(name, ""))[:10]:
                if (found := colour(word)) and not is_transparent(word):
                    return over(found, self.background, opacity(word))
        return self.background


def understood(name: str, value: str) -> bool:
    """Whether a mail client takes this declaration: what it doesn't, it leaves out, and an earlier one counts."""
    check = _CHECKS.get(name)
    return check is not None and (value in _AS_BEFORE or check(value))


def hides(style: Style, *, cell: bool = False) -> bool:
    """Whether nothing inside an element with this style is seen, whatever the elements inside say of themselves.

    `cell`: it is a cell of a table, which is as wide as its column though its own `max-width` is 0.
    """
    if style.keys() <= _OF_LETTERS:  # as most styles: there may be a hundred thousand
        return False
    return _switched_off(style) or _flattened(style, cell) or _moved_away(style) or _cut_away(style)


#: What is handed down to what stands inside, and hides no box by itself.
_OF_LETTERS = frozenset({
    "visibility", "font-size", "font", "color", "-webkit-text-fill-color", "background-color", "background",
    "background-image", "position",
})  # fmt: skip


def _switched_off(style: Style) -> bool:
    if style.get("display") in _NO_BOX or style.get("mso-hide") == "all" or style.get("content-visibility") == "hidden":
        return True
    return _opacity(style) < _FAINTEST


def _opacity(style: Style) -> float:
    """Of the element alone, 0 to 1."""
    if "opacity" not in style and "filter" not in style:
        return 1.0
    share = 1.0
    faint = _FAINT_FILTER.search(style.get("filter", "")) if "filter" in style else None
    for each in (style.get("opacity", ""), faint.group(1) + faint.group(2) if faint else ""):
        share *= min(1.0, max(0.0, _fraction(each)))
    return share


def _flattened(style: Style, cell: bool) -> bool:
    """A box without height or width whose content doesn't flow over. Of a maximum of 0 it is enough to be there."""
    closed = any(style.get(name, "").startswith(_CLOSED) for name in _OVERFLOWS)
    for name in ("height", "max-height") if cell else ("height", "max-height", "width", "max-width"):
        size = _pixels(style.get(name, ""))
        if size is not None and ((closed and size <= _FLAT) or (size <= 0 and name.startswith("max"))):
            return True
    return False


def _moved_away(style: Style) -> bool:
    places = ["text-indent", "margin-left", "margin-top"]
    moved = style.get("margin", "").split()[:4]
    if style.get("position") in ("absolute", "fixed", "relative"):
        places += ["left", "right", "top", "bottom"]
        moved += style.get("inset", "").split()[:4]
    moved += [style.get(name, "") for name in places] + style.get("translate", "").split()[:2]
    for found in _MOVED.finditer(style.get("transform", "")):
        moved += [part.strip() for part in found.group(1).split(",")]
    return any((far := _distance(each)) is not None and (far <= _FAR or far >= _BEYOND) for each in moved)


def _distance(written: str) -> float | None:
    """How far in pixels; a half of a box is how people put it into the middle, all of it takes it away."""
    return _fraction(written) * -_FAR if written.endswith("%") else _pixels(written)


def _cut_away(style: Style) -> bool:
    if _scaled_away(style) or ("clip-path" in style and _shaped_away(style["clip-path"])):
        return True
    found = _CLIP.search(style.get("clip", "")) if style.get("position") in ("absolute", "fixed") else None
    sides = [_pixels(each) for each in re.split(r"[, ]+", found.group(1).strip())] if found else []
    if len(sides) != 4:
        return False
    top, right, bottom, left = sides
    return _nothing_between(top, bottom) or _nothing_between(left, right)


def _nothing_between(start: float | None, end: float | None) -> bool:
    """Whether a box from here to there shows nothing; None is its own edge."""
    return start is not None and end is not None and end - start <= _FLAT


def _scaled_away(style: Style) -> bool:
    """Made as small as nothing, or turned so that its edge is all that shows."""
    transform = style.get("transform", "")
    factors = [style.get("scale", ""), style.get("zoom", "")] if "scale" in style or "zoom" in style else []
    for found in _SCALES.finditer(transform):
        parts = found.group(1).split(",")
        factors += parts[:1] + parts[3:4] if found.group().startswith("matrix") else parts[:2]
    return any(abs(_fraction(each.strip())) < _FAINTEST for each in factors) or bool(_EDGEWISE.search(transform))


def _shaped_away(shape: str) -> bool:
    if _SHAPED_AWAY.search(shape):
        return True
    if polygon := _POLYGON.search(shape):
        return len({" ".join(point.split()) for point in polygon.group(1).split(",")}) < 3
    inset = _INSET.search(shape)
    cut = [_percent(each) for each in inset.group(1).partition("round")[0].split()[:4]] if inset else []
    if not cut:
        return False
    top, right, bottom, left = (cut * 4)[:4] if len(cut) != 3 else (*cut, cut[1])  # as for `margin`
    return top + bottom >= 100 or left + right >= 100


def _percent(written: str) -> float:
    return 100 * _fraction(written) if written.endswith("%") else 0.0


def _pixels(written: str) -> float | None:
    match = _LENGTH.match(written)
    return float(match.group(1)) * _PIXELS.get(match.group(2), _ROOT) if match else None


def _fraction(written: str) -> float:
    """0 to 1; 1 for what is no number."""
    match = _LENGTH.match(written)
    return float(match.group(1)) * (0.01 if match.group(2) == "%" else 1.0) if match else 1.0


# --- Which values are taken -----------------------------------------------------------------------------------------

_DISPLAYS = frozenset({
    "none", "block", "inline", "inline-block", "flow-root", "contents", "list-item", "flex", "inline-flex",
    "grid", "inline-grid", "table", "inline-table", "table-row", "table-cell", "table-row-group",
    "table-header-group", "table-footer-group", "table-column", "table-column-group", "table-caption", "run-in",
    "ruby", "-webkit-box", "-webkit-inline-box", "-ms-flexbox",
})  # fmt: skip


def _among(*words: str) -> Callable[[str], bool]:
    return frozenset(words).__contains__


def _is_length(value: str) -> bool:
    return _LENGTH.match(value) is not None


def _is_length_or_auto(value: str) -> bool:
    return _is_length(value) or value in ("auto", "none")


def _is_size(value: str) -> bool:
    return _is_length(value) or value in _FONT_WORDS


def _is_colour(value: str) -> bool:
    return colour(value) is not None or is_transparent(value)


def _has_colour(value: str) -> bool:
    return value == "none" or any(map(_is_colour, _COLOURS.findall(value)[:10]))


def _is_function(value: str) -> bool:
    return value == "none" or "(" in value


#: The properties that are looked at, and what their values are like. All others tell nothing.
_CHECKS: Mapping[str, Callable[[str], bool]] = {
    "display": _DISPLAYS.__contains__,
    "visibility": _among("visible", "hidden", "collapse"),
    "content-visibility": _among("visible", "hidden", "auto"),
    "mso-hide": _among("all", "none", "screen"),
    "opacity": _is_length,
    "scale": lambda value: all(map(_is_length, value.split())),
    "zoom": _is_length,
    "translate": lambda value: all(map(_is_length, value.split())),
    "inset": lambda value: all(map(_is_length_or_auto, value.split())),
    "position": _among("static", "relative", "absolute", "fixed", "sticky"),
    "font-size": _is_size,
    "font": lambda value: _IN_FONT.search(value) is not None,
    "color": _is_colour,
    "-webkit-text-fill-color": _is_colour,
    "background-color": _is_colour,
    "background": _has_colour,
    "background-image": _has_colour,
    "margin": lambda value: all(map(_is_length_or_auto, value.split())),
    **dict.fromkeys(_OVERFLOWS, str.isalpha),
    **dict.fromkeys(("height", "max-height", "width", "max-width"), _is_length_or_auto),
    **dict.fromkeys(("left", "right", "top", "bottom", "text-indent", "margin-left", "margin-top"), _is_length_or_auto),
    **dict.fromkeys(("transform", "filter", "clip", "clip-path"), _is_function),
}
