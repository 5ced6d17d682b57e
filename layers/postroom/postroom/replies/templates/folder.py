"""The folder of the templates: a folder each, a folder for each language in it, and the partials that all share.

templates/<name>/<language>/{subject.txt, body.txt, body.html}
templates/<name>/template.json                     {"about": …, "default": "en", "by": "machine"}, may be left out
templates/partials/<name>.{txt,html}               put in by {{> name}}, in files that end alike
templates/partials/<language>/<name>.{txt,html}    the same, in the words of a language
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from postroom.errors import Misconfigured
from postroom.replies.templates.languages import DEFAULT_LANGUAGE, FOLDER, spoken
from postroom.replies.templates.reading import PARTIALS, Reading
from postroom.replies.templates.template import Template

FRONT = "template.json"
_MAX_FRONT = 10_000  # bytes that are read of it
_NAME = re.compile(r"[a-z](?:_?[a-z0-9-]){0,40}")  # two underscores part the words of a name in SES


class By(StrEnum):
    """Who writes with a template: what it says of its author has to be true."""

    MACHINE = "machine"  # the desk, by itself
    PERSON = "person"  # somebody of the desk, as a canned answer under their name


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What a template says of itself: when it is sent, the language for those who speak none of its others, and whose
    words they are."""

    about: str = ""
    default: str = DEFAULT_LANGUAGE
    by: By = By.MACHINE


class Languages(Mapping[str, Template]):
    """One template's languages. Each is read when it is first asked for: a cold start needs one of many."""

    def __init__(self, folder: Path, name: str, languages: tuple[str, ...]) -> None:
        self._folder, self._name, self._languages = folder, name, languages
        self._read: dict[str, Template] = {}

    def __getitem__(self, language: str) -> Template:
        """Raises Misconfigured where the files have faults."""
        if language not in self._languages:
            raise KeyError(language)
        if language not in self._read:
            reading = Reading(folder=self._folder)
            read = reading.template(self._name, language)
            if reading.faults:
                raise Misconfigured(reading.faults)
            self._read[language] = read
        return self._read[language]

    def __contains__(self, language: object) -> bool:
        return language in self._languages

    def __iter__(self) -> Iterator[str]:
        return iter(self._languages)

    def __len__(self) -> int:
        return len(self._languages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """Every template, by name and language; `load` has seen to it that each exists in its default language."""

    by_name: Mapping[str, Mapping[str, Template]]
    fronts: Mapping[str, Front] = field(default_factory=dict)

    def pick(self, name: str, language: str | None) -> Template:
        """The template in this language: `de-AT`, else `de`, else the template's default.

        Raises KeyError where there is no such template, Misconfigured where its files have faults.
        """
        languages = self.by_name[name]
        found = next((each for each in spoken(language) if each in languages), None)
        return languages[found or self.fronts.get(name, Front()).default]

    def sends_itself(self, name: str) -> bool:
        """Whether the desk may send it by itself: it is there, and doesn't speak for a person."""
        return name in self.by_name and self.fronts.get(name, Front()).by is By.MACHINE


def load(folder: Path) -> Templates:
    """Finds every template below `folder`; raises Misconfigured where the folders are not right.

    The files are read when they are needed. `checked` reads all of them, before anything is deployed.
    """
    found, faults = _found(folder)
    if faults:
        raise Misconfigured(faults)
    return found


def checked(folder: Path) -> Templates:
    """Reads every template below `folder`; raises Misconfigured with all faults at once."""
    found, faults = _found(folder)
    for languages in found.by_name.values():
        for language in languages:
            try:
                languages[language]
            except Misconfigured as error:
                faults += error.faults
    if faults:
        raise Misconfigured(list(dict.fromkeys(faults)))  # a partial is read for many
    return found


def _found(folder: Path) -> tuple[Templates, list[str]]:
    places = [place for place in _folders(folder) if place.name != PARTIALS]
    faults = [] if places else [f"{folder}: should hold a folder for each template, and holds none"]
    fronts: dict[str, Front] = {}
    by_name: dict[str, Languages] = {}
    for place in places:
        languages = tuple(each.name for each in _folders(place))
        front = _front(place, faults)
        faults += _misnamed(place.name, languages, front)
        fronts[place.name] = front
        by_name[place.name] = Languages(folder, place.name, tuple(filter(FOLDER.fullmatch, languages)))
    return Templates(by_name=by_name, fronts=fronts), faults


def _misnamed(name: str, languages: tuple[str, ...], front: Front) -> Iterator[str]:
    if not _NAME.fullmatch(name):
        yield f"{name}: a template's folder is named by small letters, digits, - and single _"
    for language in languages:
        if not FOLDER.fullmatch(language):
            yield f"{name}/{language}: a language's folder is named as in de or de-AT (ISO 639-1, ISO 3166-1)"
    if front.default not in languages:
        yield f"{name}: should exist in the default language, in the folder {front.default!r}"


def _front(place: Path, faults: list[str]) -> Front:
    """The template's front file, if it has one."""
    try:
        with (place / FRONT).open("rb") as opened:
            said: object = json.loads(opened.read(_MAX_FRONT))
    except FileNotFoundError:
        return Front()
    except (OSError, ValueError, RecursionError):
        said = None
    front = _told(said)
    if front is None:
        form = '{"about": "when it is sent", "default": "en", "by": "machine"}, or by a "person"'
        faults.append(f"{place.name}/{FRONT}:1: should be JSON: {form}")
    return front or Front()


def _told(said: object) -> Front | None:
    """What a front file says; None where it isn't of that form."""
    if not isinstance(said, dict) or not all(isinstance(each, str) for each in said.values()):
        return None
    by, default = said.get("by", By.MACHINE), said.get("default", DEFAULT_LANGUAGE)
    if said.keys() <= {"about", "default", "by"} and by in set(By) and FOLDER.fullmatch(default):
        return Front(about=said.get("about", ""), default=default, by=By(by))
    return None


def _folders(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []
