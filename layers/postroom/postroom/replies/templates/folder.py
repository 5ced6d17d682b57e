"""The folder of the templates: a folder each, a folder for each language in it, and the partials that all share.

templates/<name>/<language>/{subject.txt, body.txt, body.html}
templates/<name>/template.json                     {"about": "when it is sent", "default": "en"}, may be left out
templates/partials/<name>.{txt,html}               put in by {{> name}}, in files that end alike
templates/partials/<language>/<name>.{txt,html}    the same, in the words of a language
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from postroom.errors import Misconfigured
from postroom.replies.templates.handlebars import MAX_SIZE, Malformed, Nodes, Shared, Source, parse
from postroom.replies.templates.template import FILES, HTML, SUBJECT, TEXT, Template

DEFAULT_LANGUAGE = "en"
PARTIALS, FRONT = "partials", "template.json"
MAX_FILE = 4 * MAX_SIZE + 4  # bytes that are read: in any script more characters than a file may have

_LANGUAGE = re.compile(r"[a-z]{2}(?:-[A-Z]{2})?")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,40}")
_ASKED = re.compile(r"([A-Za-z]{2})(?:[-_]([A-Za-z]{2}))?(?![A-Za-z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What a template says of itself: when it is sent, and the language for those who speak none of its others."""

    about: str = ""
    default: str = DEFAULT_LANGUAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """Every template, by name and language; `load` has seen to it that each exists in its default language."""

    by_name: Mapping[str, Mapping[str, Template]]
    fronts: Mapping[str, Front] = field(default_factory=dict)

    def pick(self, name: str, language: str | None) -> Template:
        """The template in this language: `de-AT`, else `de`, else the template's default. KeyError for no such name."""
        languages = self.by_name[name]
        asked = (languages.get(each) for each in spoken(language))
        return next(filter(None, asked), None) or languages[self.fronts.get(name, Front()).default]


def spoken(language: str | None) -> tuple[str, ...]:
    """The folders that a language tag (RFC 5646: `de`, `DE`, `de-AT`) may be found in, the nearest first."""
    found = _ASKED.match(language or "")
    if found is None:
        return ()
    base = found[1].lower()
    return (f"{base}-{found[2].upper()}", base) if found[2] else (base,)


def load(folder: Path) -> Templates:
    """Reads every template below `folder`; raises Misconfigured with all faults at once."""
    loading = _Loading(folder=folder)
    names = [place for place in _folders(folder) if place.name != PARTIALS]
    if not names:
        loading.faults.append(f"{folder}: should hold a folder for each template, and holds none")
    fronts = {place.name: loading.front(place) for place in names}
    by_name = {place.name: loading.languages(place, fronts[place.name]) for place in names}
    if loading.faults:
        raise Misconfigured(list(dict.fromkeys(loading.faults)))  # a partial is read for many
    return Templates(by_name=by_name, fronts=fronts)


def _folders(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loading:
    """One reading of the folder, and what was found wrong with it."""

    folder: Path
    faults: list[str] = field(default_factory=list)
    partials: dict[Path, Source | None] = field(default_factory=dict)

    def front(self, place: Path) -> Front:
        """The template's front file, if it has one."""
        file = place / FRONT
        if not file.is_file():
            return Front()
        try:
            front = Front(**json.loads(file.read_bytes()))
        except (ValueError, TypeError):
            self.faults.append(f'{place.name}/{FRONT}: should be JSON: {{"about": "when it is sent", "default": "en"}}')
            return Front()
        return front

    def languages(self, place: Path, front: Front) -> dict[str, Template]:
        if not _NAME.fullmatch(place.name):
            self.faults.append(f"{place.name}: a template's folder is named by small letters, digits, _ and -")
        folders = [folder for folder in _folders(place) if self._language(folder)]
        if front.default not in [folder.name for folder in folders]:
            self.faults.append(f"{place.name}: should exist in the default language, in the folder {front.default!r}")
        return {folder.name: self._template(place.name, folder) for folder in folders}

    def _language(self, folder: Path) -> bool:
        if _LANGUAGE.fullmatch(folder.name):
            return True
        where = f"{folder.parent.name}/{folder.name}"
        self.faults.append(f"{where}: a language's folder is named as in de or de-AT (ISO 639-1, ISO 3166-1)")
        return False

    def _template(self, name: str, folder: Path) -> Template:
        parsed = {file: self._parsed(f"{name}/{folder.name}/{file}", folder / file) for file in FILES}
        made = Template(name=name, language=folder.name, subject=parsed[SUBJECT], text=parsed[TEXT], html=parsed[HTML])
        self.faults.extend(f"{use.at}: {use.fault}" for use in made.uses() if use.fault)
        return made

    def _parsed(self, label: str, path: Path) -> Nodes:
        text = self._read(label, path)
        if text is None:
            return ()
        try:
            return parse(Source(label, text.rstrip() if path.name == SUBJECT else text), self._shared(path))
        except Malformed as error:
            self.faults.append(str(error))
            return ()

    def _shared(self, path: Path) -> Shared:
        """The partials for this file: those of its language first, then those for every language."""
        partials = self.folder / PARTIALS

        def found(name: str) -> Source | None:
            places = [partials / each for each in spoken(path.parent.name)] + [partials]
            sources = (self._partial(place / f"{name}{path.suffix}") for place in places)
            return next(filter(None, sources), None)

        return found

    def _partial(self, path: Path) -> Source | None:
        if path not in self.partials:
            label = path.relative_to(self.folder).as_posix()
            text = self._read(label, path) if path.is_file() else None
            # The line end that closes the file is none of the partial's.
            self.partials[path] = None if text is None else Source(label, text.removesuffix("\n"))
        return self.partials[path]

    def _read(self, label: str, path: Path) -> str | None:
        """What stands in the file; None where there is a fault, which is noted."""
        try:
            with path.open("rb") as file:
                text = file.read(MAX_FILE).decode()
        except FileNotFoundError:
            self.faults.append(f"{label}: the file is missing")
        except (OSError, UnicodeDecodeError) as error:
            self.faults.append(f"{label}: should be a readable file in UTF-8 ({error})")
        else:
            if text.strip():
                return text
            self.faults.append(f"{label}:1: the file is empty")
        return None
