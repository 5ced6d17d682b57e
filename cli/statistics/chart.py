"""The days as a picture: SVG in two panels, volume and rates, that follows the reader's light or dark colours. Pure.

Rates are drawn as a share of the limit at which SES reviews an account: so bounces and complaints, of which it allows
fifty times fewer, stand on one axis with one line for it, and one for the breaker.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import floor, log10

from cli.statistics.counted import Counted
from cli.statistics.rates import THRESHOLDS, Rate
from postroom.breaker import LIMITS, Fault

_WIDTH, _HEIGHT = 960, 620
_LEFT, _RIGHT = 64, 936
_TICKS = 5  # parts of the axis of volume at most
_WIDEST = 48  # pixels of a day's bar
_LABELS = 10  # days that are named below the axis
_HIGHEST = 3.0  # times the limit of SES: what is above is drawn at the edge
_STYLE = """
svg { --paper: #ffffff; --ink: #1f2430; --soft: #667085; --grid: #e4e7ec; --delivered: #3b7dd8; --open: #b9c4d6;
  --bounced: #d9822b; --bounce: #d9822b; --complaint: #8e44ad; --breaker: #b8860b; --review: #c62828; }
@media (prefers-color-scheme: dark) { svg { --paper: #16191f; --ink: #e6e9ef; --soft: #98a2b3; --grid: #2b313c;
  --delivered: #6ea8fe; --open: #4a5568; --bounced: #f0a65a; --bounce: #f0a65a; --complaint: #c792ea;
  --breaker: #e0b94a; --review: #ff6b6b; } }
text { font: 13px system-ui, sans-serif; fill: var(--soft); }
.title { font-size: 16px; font-weight: 600; fill: var(--ink); }
.panel { font-size: 14px; fill: var(--ink); }
.end { text-anchor: end; } .middle { text-anchor: middle; }
.grid { stroke: var(--grid); }
.line { fill: none; stroke-width: 2.5; stroke-linejoin: round; stroke-linecap: round; }
.limit { stroke-width: 1.5; stroke-dasharray: 6 4; }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A part of the picture: from `top` to `bottom` in pixels, for values from 0 to `most`."""

    top: float
    bottom: float
    most: float

    def y(self, value: float) -> float:
        return round(self.bottom - min(value / self.most, 1.0) * (self.bottom - self.top), 1)


def svg(title: str, days: Sequence[str], each: Sequence[Counted], rates: Mapping[Fault, Sequence[Rate]]) -> str:
    """The picture. `each` and every list of `rates` have one for each of `days`, of which there is one at least."""
    most = max((max(one.sent, one.delivered + one.bounced) for one in each), default=0)
    highest = max((rate.of_review for of_fault in rates.values() for rate in of_fault), default=0.0)
    step = _step(most)
    marks = max(-(-most // step), 1)
    volume = Panel(top=88, bottom=292, most=step * marks)
    share = Panel(top=384, bottom=572, most=min(max(1.25, highest * 1.1), _HIGHEST))
    first, last = days[0], days[-1]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-labelledby="t d">',
        f'<title id="t">{_text(title)}</title>',
        f'<desc id="d">Mails a day from {first} to {last}, and the rates that SES judges by.</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="var(--paper)"/>',
        f'<text class="title" x="{_LEFT}" y="32">{_text(title)}</text>',
        f'<text class="panel" x="{_LEFT}" y="64">Mails a day (UTC)</text>',
        *_legend(210, 64, _VOLUMES),
        *_axis(volume, [(step * n, f"{step * n:,}") for n in range(marks + 1)]),
        *_bars(volume, days, each),
        f'<text class="panel" x="{_LEFT}" y="344">{_RATES}</text>',
        *_legend(_LEFT, 366, [(f"var(--{fault})", _named(fault, of_fault)) for fault, of_fault in rates.items()]),
        *_axis(share, [(n / 2, f"{n * 50} %") for n in range(int(share.most * 2) + 1)]),
        *_limits(share),
        *(part for fault, of_fault in rates.items() for part in _line(share, fault, days, of_fault)),
        *_dates(days, (volume.bottom + 18, share.bottom + 18)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


_VOLUMES = (("var(--delivered)", "delivered"), ("var(--bounced)", "bounced"), ("var(--open)", "not known yet"))
_RATES = "Rates, as a share of what SES allows before it reviews an account"


def _named(fault: Fault, rates: Sequence[Rate]) -> str:
    latest = f"{rates[-1].share:.2%}" if rates else "none"
    return f"{fault}s: {latest} now, reviewed at {THRESHOLDS[fault].review:.1%}"


def _bars(panel: Panel, days: Sequence[str], each: Sequence[Counted]) -> Iterator[str]:
    """Delivered at the foot, what came back on it, what has no end yet at the top."""
    wide = round(min((_RIGHT - _LEFT) / len(days) * 0.72, _WIDEST), 2)
    for number, (day, one) in enumerate(zip(days, each, strict=True)):
        left, below = round(_x(number, len(days)) - wide / 2, 2), 0
        known = one.delivered + one.bounced
        yield f"<g><title>{_text(_tip(day, one))}</title>"
        for (colour, _), count in zip(_VOLUMES, (one.delivered, one.bounced, max(one.sent - known, 0)), strict=True):
            if count:
                top, foot = panel.y(below + count), panel.y(below)
                yield f'<rect x="{left}" y="{top}" width="{wide}" height="{round(foot - top, 1)}" fill="{colour}"/>'
            below += count
        yield "</g>"


def _tip(day: str, one: Counted) -> str:
    return (
        f"{day}: {one.sent:,} sent, {one.delivered:,} delivered, {one.bounced:,} bounced, {one.complained:,} complained"
    )


def _line(panel: Panel, fault: Fault, days: Sequence[str], rates: Sequence[Rate]) -> Iterator[str]:
    places = [(_x(number, len(days)), panel.y(rate.of_review)) for number, rate in enumerate(rates)]
    points = " ".join(f"{x},{y}" for x, y in places)
    yield f'<polyline class="line" stroke="var(--{fault})" points="{points}"/>'
    for x, y in places[-1:]:
        yield f'<circle cx="{x}" cy="{y}" r="4" fill="var(--{fault})"/>'


def _limits(panel: Panel) -> Iterator[str]:
    """Where the breaker opens, once where that is the same share for every fault, and where SES reviews."""
    opens = dict.fromkeys(round(limit.opens / THRESHOLDS[fault].review, 3) for fault, limit in LIMITS.items())
    lines = [(share, "breaker", "the breaker opens") for share in opens] + [(1.0, "review", "SES reviews the account")]
    for share, colour, label in lines:
        y = panel.y(share)
        yield f'<line class="limit" x1="{_LEFT}" x2="{_RIGHT}" y1="{y}" y2="{y}" stroke="var(--{colour})"/>'
        yield f'<text class="end" x="{_RIGHT}" y="{y - 5}" style="fill: var(--{colour})">{label}</text>'


def _axis(panel: Panel, ticks: Sequence[tuple[float, str]]) -> Iterator[str]:
    for value, label in ticks:
        y = panel.y(value)
        yield f'<line class="grid" x1="{_LEFT}" x2="{_RIGHT}" y1="{y}" y2="{y}"/>'
        yield f'<text class="end" x="{_LEFT - 8}" y="{y + 4}">{label}</text>'


def _dates(days: Sequence[str], places: Sequence[float]) -> Iterator[str]:
    step = -(-len(days) // _LABELS)
    for number in range(len(days) - 1, -1, -step):
        for y in places:
            yield f'<text class="middle" x="{_x(number, len(days))}" y="{y}">{_text(days[number][5:])}</text>'


def _legend(left: float, y: float, entries: Sequence[tuple[str, str]]) -> Iterator[str]:
    for colour, label in entries:
        yield f'<rect x="{left}" y="{y - 10}" width="11" height="11" rx="2" fill="{colour}"/>'
        yield f'<text x="{left + 17}" y="{y}">{_text(label)}</text>'
        left += 48 + 6.9 * len(label)


def _x(number: int, days: int) -> float:
    return round(_LEFT + (number + 0.5) * (_RIGHT - _LEFT) / days, 2)


def _step(most: int) -> int:
    """The round number, 1, 2 or 5 and noughts, of which _TICKS at most reach up to `most`."""
    wanted = max(most / _TICKS, 1.0)
    ten = int(10 ** floor(log10(wanted)))
    return next(step * ten for step in (1, 2, 5, 10) if step * ten >= wanted)


def _text(text: str) -> str:
    return escape(text, quote=True)
