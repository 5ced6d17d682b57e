"""The mail that is answered, quoted below the answer as people expect: a line of who wrote it when, and their words
behind `> `, or as a blockquote. Only what they wrote themselves is quoted: the rest they have in their own mailbox."""

import html
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from postroom.replies.lines import cut, one_line
from postroom.replies.templates import DEFAULT_LANGUAGE

_LONGEST = 20_000  # characters that are quoted
_LONGEST_NAME = 100
_MORE = "[…]"
_QUOTE = '<blockquote type="cite" style="margin:0 0 0 .8ex;border-left:2px solid #999;padding-left:1ex">'

#: The line above a quote, and how a day is written in it. Mail clients of each language write it so, and find it so.
ATTRIBUTIONS: Mapping[str, tuple[str, str]] = {
    "en": ("On {day} at {time}, {who} wrote:", "%Y-%m-%d"),
    "de": ("Am {day} um {time} schrieb {who}:", "%d.%m.%Y"),
    "fr": ("Le {day} à {time}, {who} a écrit :", "%d/%m/%Y"),
    "es": ("El {day} a las {time}, {who} escribió:", "%d/%m/%Y"),
    "nl": ("Op {day} om {time} schreef {who}:", "%d-%m-%Y"),
    "it": ("Il {day} alle {time}, {who} ha scritto:", "%d/%m/%Y"),
    "pt": ("Em {day} às {time}, {who} escreveu:", "%d/%m/%Y"),
    "pl": ("Dnia {day} o {time} {who} napisał(a):", "%d.%m.%Y"),
}
_SHORT: Mapping[str, str] = {
    "en": "{who} wrote:",
    "de": "{who} schrieb:",
    "fr": "{who} a écrit :",
    "es": "{who} escribió:",
    "nl": "{who} schreef:",
    "it": "{who} ha scritto:",
    "pt": "{who} escreveu:",
    "pl": "{who} napisał(a):",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """What is quoted. `when` is the moment in its writer's own time zone, None where nobody knows it."""

    who: str
    when: datetime | None
    text: str


def as_text(quoted: Quoted, language: str | None) -> str:
    """The line and the quote in plain text, each line behind a mark."""
    return "\n".join((attribution(quoted, language), *map(_marked, _lines(quoted.text))))


def as_html(quoted: Quoted, language: str | None) -> str:
    """The same in HTML, escaped."""
    line = html.escape(attribution(quoted, language))
    return f"<p>{line}</p>\n{_QUOTE}{paragraphs(chr(10).join(_lines(quoted.text)))}</blockquote>"


def attribution(quoted: Quoted, language: str | None) -> str:
    """Who wrote it, and when, in this language; in English where we have no words in it."""
    spoken = (language or "")[:2].lower()
    spoken = spoken if spoken in ATTRIBUTIONS else DEFAULT_LANGUAGE
    who = cut(one_line(quoted.who), _LONGEST_NAME) or "?"
    if quoted.when is None:
        return _SHORT[spoken].format(who=who)
    sentence, day = ATTRIBUTIONS[spoken]
    return sentence.format(day=quoted.when.strftime(day), time=quoted.when.strftime("%H:%M"), who=who)


def paragraphs(text: str) -> str:
    """A text as HTML: a paragraph for each block of lines. Nothing in it is taken for markup."""
    blocks = "\n".join(line.rstrip() for line in text.strip("\n").split("\n")).split("\n\n")
    written = (html.escape(block.strip("\n")).replace("\n", "<br>\n") for block in blocks)
    return "\n".join(f"<p>{block}</p>" for block in written if block)


def _lines(text: str) -> list[str]:
    whole = text.strip().replace("\r\n", "\n").replace("\r", "\n")
    lines = whole[:_LONGEST].split("\n")
    return [*lines, _MORE] if len(whole) > _LONGEST else lines


def _marked(line: str) -> str:
    return f">{line}" if line.startswith(">") else f"> {line}".rstrip()
