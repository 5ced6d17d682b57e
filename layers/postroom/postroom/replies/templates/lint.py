"""Everything that can be wrong with a folder of templates, before it is deployed or pushed. Reads files, sends nothing.

What can't be sent, or would do harm, is an error. What can be sent so, and arrives a little worse than it should, is a
warning: a desk that writes in one language is none the worse for it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Linted:
    """Each as `file:line: what is wrong: how to mend it`, sorted by file; both empty where all is right."""

    errors: tuple[str, ...]
    warnings: tuple[str, ...]


def lint(folder: Path) -> Linted:
    """Everything that is wrong in this folder. It raises nothing."""
    errors, faults = set[str](), list(_of_files(folder))
    try:
        faults += _of_all(checked(folder))
    except Misconfigured as error:
        errors = set(error.faults)
    errors |= {str(fault) for fault in faults if not fault.bearable}
    warnings = {str(fault) for fault in faults if fault.bearable}
    return Linted(errors=tuple(sorted(errors, key=_by_place)), warnings=tuple(sorted(warnings, key=_by_place)))


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
                yield Fault(at=at, what="a tag stands alone on its line", fix=fix, bearable=True)
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
        default = versions[found.fronts[name].default]
        yield from _missing_languages(name, set(versions), languages, default.language)
        for template in versions.values():
            yield from _of_template(template)
            yield from _other_variables(template, default)


def _missing_languages(name: str, there: set[str], languages: set[str], default: str) -> Iterator[Fault]:
    # de-AT may be answered in de
    missing = sorted(each for each in languages - there if each.partition("-")[0] not in there)
    if missing:
        what = f"other templates speak {', '.join(missing)} too"
        fix = f"who writes so gets this one in {default}: write {name}/{missing[0]} and the like, if they shall not"
        yield Fault(at=Place(name, 1), what=what, fix=fix, bearable=True)


def _other_variables(template: Template, default: Template) -> Iterator[Fault]:
    """A version that leaves out what the default one says, or says more: it was forgotten in one of them."""
    names, usual = ({use.name for use in each.uses() if use.name} for each in (template, default))
    for name in sorted(usual ^ names):
        what = (
            f"{name!r} is used in {default.language} only" if name in usual else f"{name!r} isn't in {default.language}"
        )
        yield Fault(at=_place(template, TEXT), what=what, fix="say the same in every language", bearable=True)


def _of_template(template: Template) -> Iterator[Fault]:
    if for_ses(template, "").size > MAX_SIZE:
        what = f"the template has over {MAX_SIZE // 1024} KB"
        yield Fault(at=_place(template, HTML), what=what, fix="SES takes no more: shorten it")
    for file, what, fix in (*_of_subject(template), *_of_page(template)):
        yield Fault(at=_place(template, file), what=what, fix=fix, bearable=True)


def _of_subject(template: Template) -> Iterator[tuple[str, str, str]]:
    subject = source_of(template.subject)
    if "\n" in subject:
        yield SUBJECT, "the subject has several lines", "write it on one: all line ends become spaces"
    if len(subject) > SUBJECT_LENGTH:
        yield SUBJECT, f"the subject has over {SUBJECT_LENGTH} characters", "shorten it"


def _of_page(template: Template) -> Iterator[tuple[str, str, str]]:
    page = source_of(template.html)
    if not _DOCTYPE.match(page):
        yield HTML, "there is no doctype", "begin with <!doctype html>"
    lang = _LANG.search(page)
    if lang is None or lang[1] != template.language:
        fix = f'write <html lang="{template.language}">: screen readers choose their voice by it'
        yield HTML, "the page doesn't name its language", fix
    if not _DARK.search(page):
        fix = 'add <meta name="color-scheme" content="light dark"> to the head'
        yield HTML, "nothing is said of dark mode", fix


def _place(template: Template, file: str) -> Place:
    return Place(f"{template.name}/{template.language}/{file}", 1)
