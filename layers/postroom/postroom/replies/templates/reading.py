"""One template's files, read and understood, with every fault that is in them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from postroom.replies.templates.handlebars import MAX_SIZE, Malformed, Nodes, Shared, Source, parse
from postroom.replies.templates.languages import spoken
from postroom.replies.templates.template import FILES, HTML, SUBJECT, TEXT, Template

PARTIALS = "partials"
_MAX_FILE = 4 * MAX_SIZE + 4  # bytes that are read: in any script more characters than a file may have


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Reads from `folder`, the folder of all templates; notes what is wrong as `file:line: sentence`."""

    folder: Path
    faults: list[str] = field(default_factory=list)

    def template(self, name: str, language: str) -> Template:
        """The template; where there are faults, some of it is missing."""
        parsed = {file: self._parsed(f"{name}/{language}/{file}") for file in FILES}
        made = Template(name=name, language=language, subject=parsed[SUBJECT], text=parsed[TEXT], html=parsed[HTML])
        self.faults.extend(f"{use.at}: {use.fault}" for use in made.uses() if use.fault)
        return made

    def _parsed(self, file: str) -> Nodes:
        text = self._read(file)
        if text is None:
            return ()
        try:
            return parse(Source(file, text.rstrip() if file.endswith(SUBJECT) else text), self._shared(file))
        except Malformed as error:
            self.faults.append(str(error))
            return ()

    def _shared(self, file: str) -> Shared:
        """The partials for this file: those in the words of its language first, then those for every language."""
        language, suffix = Path(file).parts[-2], Path(file).suffix

        def found(name: str) -> Source | None:
            return next(filter(None, map(self._partial, partial_files(name, language, suffix))), None)

        return found

    def _partial(self, file: str) -> Source | None:
        if not (self.folder / file).is_file():
            return None
        # The line end that closes the file is none of the partial's.
        return Source(file, (self._read(file) or "").removesuffix("\n"))

    def _read(self, file: str) -> str | None:
        """What stands in the file; None where there is a fault, which is noted."""
        try:
            with (self.folder / file).open("rb") as opened:
                text = opened.read(_MAX_FILE).decode()
        except FileNotFoundError:
            self.faults.append(f"{file}: the file is missing")
        except (OSError, UnicodeDecodeError) as error:
            self.faults.append(f"{file}: should be a readable file in UTF-8 ({error})")
        else:
            if text.strip():
                return text.replace("\r\n", "\n")
            self.faults.append(f"{file}:1: the file is empty")
        return None


def partial_files(name: str, language: str, suffix: str) -> Iterator[str]:
    """Where a shared partial may stand, the nearest first. `name` has no slash and no dot: the parser sees to it."""
    for each in spoken(language):
        yield f"{PARTIALS}/{each}/{name}{suffix}"
    yield f"{PARTIALS}/{name}{suffix}"
