"""A file that is written whole or not at all."""

import contextlib
import os
from pathlib import Path
from secrets import token_hex


def write(path: Path, content: bytes) -> None:
    """Raises OSError where the disk doesn't take it; then what was there before is there still."""
    fresh = path.with_name(f".{path.name}.{token_hex(4)}.new")
    try:
        fresh.write_bytes(content)
        os.replace(fresh, path)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise


def is_half_written(path: Path) -> bool:
    """Whether a write that was cut off left it."""
    return path.name.startswith(".") and path.suffix == ".new"
