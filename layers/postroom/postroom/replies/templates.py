"""Templates of the mails that we send: a folder per template, a folder per language, three files in each.

    templates/<name>/<language>/{subject.txt, body.txt, body.html}

The language of the files is what both we and SES templates understand of Handlebars: `{{name}}` and nothing else. A
variable that is missing is an error here; in SES it would be accepted and fail later, unseen.
"""

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from postroom.errors import Misconfigured, PostroomError

DEFAULT_LANGUAGE = "en"
SUBJECT, TEXT, HTML = "subject.txt", "body.txt", "body.html"
FILES = (SUBJECT, TEXT, HTML)

#: Every variable that a template may use; `compose.variables` gives a value to each.
VARIABLES = frozenset({"subject", "reference", "from_name", "desk_address"})

_PLACEHOLDER = re.compile(r"(?<!\{)\{\{ ?([a-z][a-z0-9_]{0,40}) ?\}\}(?!\})")  # three braces mean something else in SES
_BRACES = re.compile(r"\{{2,}|\}{2,}")
_LANGUAGE = re.compile(r"[a-z]{2}")


class MissingVariable(PostroomError):
    """A template wants a variable that nobody gave: a fault in our code, told with template, line and name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A mail's words. `subject` is one line without control characters; `html` has every variable escaped."""

    subject: str
    text: str
    html: str
    language: str  # ISO 639-1


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One template in one language, its three files as they were read."""

    name: str
    language: str
    subject: str
    text: str
    html: str

    def render(self, variables: Mapping[str, str]) -> Rendered:
        """Fills the placeholders; raises MissingVariable. A value is never looked at for placeholders of its own."""
        return Rendered(
            subject=one_line(self._fill(SUBJECT, self.subject, variables)),
            text=self._fill(TEXT, self.text, variables),
            html=self._fill(HTML, self.html, {name: html.escape(value) for name, value in variables.items()}),
            language=self.language,
        )

    def _fill(self, file: str, source: str, variables: Mapping[str, str]) -> str:
        def value(match: re.Match[str]) -> str:
            if match[1] in variables:
                return variables[match[1]]
            where = f"{self.name}/{self.language}/{file}, line {_line(source, match.start())}"
            raise MissingVariable(f"{where}: the variable {match[1]!r} has no value")

        return _PLACEHOLDER.sub(value, source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """Every template, by name and language; `load` has seen to it that each exists in the default language."""

    by_name: Mapping[str, Mapping[str, Template]]

    def pick(self, name: str, language: str | None) -> Template:
        """The template in this language (`de`, `de-AT`), else in English. KeyError where there is no such template."""
        languages = self.by_name[name]
        return languages.get((language or "")[:2].lower()) or languages[DEFAULT_LANGUAGE]


def load(folder: Path) -> Templates:
    """Reads every template below `folder`; raises Misconfigured with all faults at once."""
    names = _folders(folder)
    faults = [] if names else [f"{folder}: should hold a folder for each template, and holds none"]
    by_name: dict[str, dict[str, Template]] = {}
    for place in names:
        languages = _folders(place)
        by_name[place.name] = {
            language.name: _read(place.name, language, faults) for language in languages if _language(language, faults)
        }
        if DEFAULT_LANGUAGE not in by_name[place.name]:
            faults.append(f"{place.name}: should exist in the default language, in the folder {DEFAULT_LANGUAGE!r}")
    if faults:
        raise Misconfigured(faults)
    return Templates(by_name=by_name)


def one_line(text: str) -> str:
    """The text on one line: any white space becomes one space; control, format and surrogate characters go.

    Format characters are those that turn the direction of the text round, and those nobody sees; the joiners stay,
    since Persian, Hindi and emoji are written with them.
    """
    spaced = " ".join(text.split())
    return " ".join("".join(c for c in spaced if _visible(c)).split())


def _visible(character: str) -> bool:
    return character in "\u200c\u200d" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _folders(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []


def _language(folder: Path, faults: list[str]) -> bool:
    if _LANGUAGE.fullmatch(folder.name):
        return True
    faults.append(f"{folder.parent.name}/{folder.name}: a language's folder is named by two letters (ISO 639-1)")
    return False


def _read(name: str, folder: Path, faults: list[str]) -> Template:
    subject, text, body = (_source(f"{name}/{folder.name}/{file}", folder / file, faults) for file in FILES)
    return Template(name=name, language=folder.name, subject=subject.strip(), text=text, html=body)


def _source(label: str, path: Path, faults: list[str]) -> str:
    try:
        source = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        faults.append(f"{label}: the file is missing")
    except (OSError, UnicodeDecodeError) as error:
        faults.append(f"{label}: should be a readable file in UTF-8 ({error})")
    else:
        faults.extend(f"{label}, {fault}" for fault in _faults(source))
        return source
    return ""


def _faults(source: str) -> Iterator[str]:
    """What is wrong with a file, with the line where it is."""
    if not source.strip():
        yield "line 1: the file is empty"
    for match in _PLACEHOLDER.finditer(source):
        if match[1] not in VARIABLES:
            known = ", ".join(sorted(VARIABLES))
            yield f"line {_line(source, match.start())}: unknown variable {match[1]!r}; known are {known}"
    blanked = _PLACEHOLDER.sub(lambda match: " " * len(match[0]), source)
    for match in _BRACES.finditer(blanked):
        yield f"line {_line(source, match.start())}: {match[0]!r} belongs to no {{{{name}}}}"


def _line(source: str, position: int) -> int:
    return source.count("\n", 0, position) + 1
