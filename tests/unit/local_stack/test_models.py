"""A model for the local stack: what is none is told of before anything is started."""

from pathlib import Path

import pytest

from local.stack import models
from local.stack.errors import StackError


@pytest.mark.parametrize("content", [None, b"", b"no model"])
def test_a_file_that_is_no_model_is_refused_with_its_name(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "a.model"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StackError, match=r"a\.model: "):
        models.read(path)
