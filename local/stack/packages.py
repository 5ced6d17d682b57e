"""The zips of the functions and layers, built from the source tree for the Python that MiniStack's workers run under.

What is built is kept under the hash of everything that goes into it, so a second start builds nothing. Bytecode is
compiled into the zips, as the layers' Makefiles do it for Lambda: a worker imports in three quarters of the time.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from local.stack.errors import StackError
from local.stack.template import Code

EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can hold
HASH_LENGTH = 16
BUILD_LIMIT = 600  # seconds for pip, with a slow network


class BuildFailed(StackError):
    """A package could not be built."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A built zip; `key` is its name in S3, with the hash of what went in."""

    folder: str
    path: Path
    layer: bool

    @property
    def key(self) -> str:
        return self.path.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Builder:
    """Builds from the source tree at `root` into `into`; `python` is the interpreter of the workers."""

    root: Path
    into: Path
    python: Path

    def build(self, code: Code) -> Package:
        """BuildFailed where pip can't install the pins, or the folder isn't there."""
        target = self.target(code)
        if not target.exists():
            for old in self.into.glob(f"{_name(code)}-{'?' * HASH_LENGTH}.zip"):
                old.unlink(missing_ok=True)
            self._pack(code, self._contents(code), target)
        return Package(folder=code.folder, path=target, layer=not code.handler)

    def target(self, code: Code) -> Path:
        """Where the zip of the folder as it now is stands, or will stand."""
        return self.into / f"{_name(code)}-{self._fingerprint(code, self._contents(code))}.zip"

    def _contents(self, code: Code) -> dict[str, Path]:
        """Name in the zip ─► file, of what comes from the source tree."""
        folder = self.root / code.folder
        if not folder.is_dir():
            raise BuildFailed(f"the template deploys {code.folder}, and there is no such folder")
        if self._pins(code):
            return {}
        prefix = function_prefix(code) if code.handler else PurePosixPath("python")
        names = {str(prefix / path.relative_to(folder).as_posix()): path for path in _sources(folder)}
        # A layer's folder also has its Makefile, which is for `sam build`.
        return names if code.handler else {name: path for name, path in names.items() if name.count("/") > 1}

    def _pins(self, code: Code) -> Path | None:
        """A layer of third-party packages is a list of pins."""
        pins = self.root / "requirements" / f"{PurePosixPath(code.folder).name}.txt"
        return pins if not code.handler and pins.is_file() else None

    def _fingerprint(self, code: Code, contents: dict[str, Path]) -> str:
        # The bytecode's format goes with the interpreter: pyvenv.cfg names the version it was made from.
        digest = hashlib.sha256((self.python.parent.parent / "pyvenv.cfg").read_bytes())
        pins = self._pins(code)
        for name, path in sorted({**contents, **({"pins": pins} if pins else {})}.items()):
            body = path.read_bytes()
            digest.update(f"{name}\0{len(body)}\0".encode() + body)
        return digest.hexdigest()[:HASH_LENGTH]

    def _pack(self, code: Code, contents: dict[str, Path], target: Path) -> None:
        self.into.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.into, prefix="building-") as name:
            stage = Path(name)
            for inside, path in contents.items():
                (stage / inside).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, stage / inside)
            if pins := self._pins(code):
                self._install(pins, stage / "python")
            self._compile(stage)
            partial = stage.with_suffix(".zip")
            write_zip(stage, partial)
            partial.replace(target)

    def _install(self, pins: Path, into: Path) -> None:
        command = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", "--no-deps"]
        self._python(*command, "--require-hashes", "--requirement", str(pins), "--target", str(into))
        shutil.rmtree(into / "bin", ignore_errors=True)

    def _compile(self, stage: Path) -> None:
        self._python("-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "-s", str(stage), str(stage))

    def _python(self, *arguments: str) -> None:
        # The pip of the environment, with the user's own settings: an index of theirs is theirs to choose.
        done = subprocess.run(  # noqa: S603 (our own command)
            [str(self.python), *arguments],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=BUILD_LIMIT,
            check=False,
            env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        )
        if done.returncode:
            said = (done.stderr or done.stdout).strip()[-2000:]
            raise BuildFailed(f"`python {' '.join(arguments[:3])} ...` ended with {done.returncode}:\n{said}")


def _name(code: Code) -> str:
    return code.folder.strip("/").replace("/", "-")


def function_prefix(code: Code) -> PurePosixPath:
    """The folder in the zip under which the handler's dotted name finds its module.

    `functions.parse.handler.handle` in `functions/parse` keeps its whole path, as ParentPackageMode does in
    `sam build`; `handler.handle` stands at the top.
    """
    folder = PurePosixPath(code.folder)
    return folder if code.handler.startswith(".".join(folder.parts) + ".") else PurePosixPath()


def _sources(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path


def write_zip(folder: Path, target: Path) -> None:
    """The same bytes for the same files, whenever and wherever: sorted, dated 1980, stored (it is unpacked at once)."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), date_time=EPOCH)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes())
