"""Everything that can be wrong with a folder of templates, before it is deployed or pushed. Reads files, sends nothing.

What `checked` refuses can't be sent at all; the rest would be sent, and arrive worse than it should.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from postroom.errors import Misconfigured
from postroom.replies.templates import markup
from postroom.replies.templates.fault import Fault
from postroom.replies.templates.folder import Templates, checked
from postroom.replies.templates.handlebars import MAX_SIZE, Place, source_of
from postroom.replies.templates.reading import PARTIALS
from postroom.replies.templates.ses import for_ses
from postroom.replies.templates.template import HTML, SUBJECT, TEXT, Template
from postroom.replies.templates.variables import BY_NAME

SUBJECT_LENGTH = 200  # characters of the file: more is no subject that a person wrote

_DOCTYPE = re.compile(r"\s*<!doctype html>", re.IGNORECASE)
_LANG = re.compile(r"<html\b[^>]{0,500}?\blang=\"([^\"]{0,35})\"", re.IGNORECASE)
_DARK = re.compile(r"<meta\b[^>]{0,500}?\bname=\"color-scheme\"", re.IGNORECASE)
# Handlebars takes such a line away, Handlebars.java leaves it there: what SES does is written nowhere.
_ALONE = re.compile(r"^[ \t]{0,99}\{\{\s{0,9}(?:[#/][^{}\n]{0,99}|else\s{0,9})\}\}[ \t]{0,99}$", re.MULTILINE)
_ONE_BRACE = re.compile(r"(?<!\{)\{ ?([a-z_]{1,40}) ?\}(?!\})|(?<!\{)\{ ?([a-z_]{1,40}) ?\}\}")


def lint(folder: Path) -> list[str]:
    """Every fault as `file:line: what is wrong: how to mend it`, sorted by file; none where all is right."""
    try:
        found = checked(folder)
    except Misconfigured as error:
        faults = set(error.faults)
    else:
        faults = {str(fault) for fault in _of_all(found)}
    faults |= {str(fault) for fault in _of_files(folder)}
    return sorted(faults, key=_by_place)


def _by_place(fault: str) -> tuple[str, int, str]:
    file, _, rest = fault.partition(":")
    line = rest.partition(":")[0]
    return file, int(line) if line.isdecimal() else 0, rest


def _of_files(folder: Path) -> Iterator[Fault]:
    """What can be seen in one file alone, partials included, so that the line is the one to mend."""
    for path in sorted((*folder.glob("*/*/*"), *folder.glob(f"{PARTIALS}/*"))):
        if path.suffix not in (".txt", ".html") or not path.is_file():
            continue
        file = path.relative_to(folder).as_posix()
        source = path.read_text(encoding="utf-8", errors="replace")
        if path.suffix == ".html":
            yield from markup.faults(file, source)
        else:
            for at, _ in _matches(_ALONE, file, source):
                fix = "put it beside text, since Handlebars and SES may differ in whether the line stays"
                yield Fault(at=at, what="a tag stands alone on its line", fix=fix)
        for at, match in _matches(_ONE_BRACE, file, source):
            if (match[1] or match[2]) in BY_NAME:
                yield Fault(at=at, what=f"{match[0]} has one brace", fix="write two on each side")


def _matches(pattern: re.Pattern[str], file: str, source: str) -> Iterator[tuple[Place, re.Match[str]]]:
    at, line = 0, 1
    for match in pattern.finditer(source):
        line += source.count("\n", at, match.start())
        at = match.start()
        yield Place(file, line), match


def _of_all(found: Templates) -> Iterator[Fault]:
    languages = {language for each in found.by_name.values() for language in each}
    for name, versions in found.by_name.items():
        yield from _missing_languages(name, set(versions), languages)
        default = versions[found.fronts[name].default]
        for template in versions.values():
            yield from _of_template(template)
            yield from _other_variables(template, default)


def _missing_languages(name: str, there: set[str], languages: set[str]) -> Iterator[Fault]:
    for language in sorted(languages - there):
        if language.partition("-")[0] not in there:  # de-AT may be answered in de
            fix = f"write {name}/{language}: other templates have it, and this one would answer in its default"
            yield Fault(at=Place(name, 1), what=f"the language {language!r} is missing", fix=fix)


def _other_variables(template: Template, default: Template) -> Iterator[Fault]:
    """A version that leaves out what the default one says, or says more: it was forgotten in one of them."""
    names, usual = ({use.name for use in each.uses() if use.name} for each in (template, default))
    for name in sorted(usual ^ names):
        what = (
            f"{name!r} is used in {default.language} only" if name in usual else f"{name!r} isn't in {default.language}"
        )
        yield Fault(at=_place(template, TEXT), what=what, fix="say the same in every language")


def _of_template(template: Template) -> Iterator[Fault]:
    subject, page = source_of(template.subject), source_of(template.html)
    at = _place(template, SUBJECT)
    if "\n" in subject:
        yield Fault(at=at, what="the subject has several lines", fix="write it on one: all line ends become spaces")
    if len(subject) > SUBJECT_LENGTH:
        yield Fault(at=at, what=f"the subject has over {SUBJECT_LENGTH} characters", fix="shorten it")
    at = _place(template, HTML)
    if for_ses(template, "").size > MAX_SIZE:
        yield Fault(at=at, what=f"the template has over {MAX_SIZE // 1024} KB", fix="SES takes no more: shorten it")
    if not _DOCTYPE.match(page):
        yield Fault(at=at, what="there is no doctype", fix="begin with <!doctype html>")
    lang = _LANG.search(page)
    if lang is None or lang[1] != template.language:
        fix = f'write <html lang="{template.language}">: screen readers choose their voice by it'
        yield Fault(at=at, what="the page doesn't name its language", fix=fix)
    if not _DARK.search(page):
        fix = 'add <meta name="color-scheme" content="light dark"> to the head'
        yield Fault(at=at, what="nothing is said of dark mode", fix=fix)


def _place(template: Template, file: str) -> Place:
    return Place(f"{template.name}/{template.language}/{file}", 1)
