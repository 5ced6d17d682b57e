"""Texts as a sparse matrix, and the features that are worth a column."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from postroom.categories.example import Example
from postroom.categories.features import hashes, units

_MOST_LOOKED_AT = 60_000  # features, the commonest: the rest is typing errors and numbers
_FEWEST_TEXTS = 2  # that have a word or a pair; below that it may be a name, and tells nothing of others
_FEWEST_TEXTS_OF_A_PIECE = 3
_EMPHASIS = 1.5  # a word or a pair counts this much more than a piece


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The features of one text with how often each is there: a piece once for every word that has it."""

    whole: Counter[int]
    pieces: Counter[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The features that are kept (CRC-32, ascending), and what one of each counts in a text."""

    features: tuple[int, ...]
    worth: npt.NDArray[np.float64]

    def only(self, numbers: npt.NDArray[np.intp]) -> "Columns":
        """These columns, by their numbers, which ascend."""
        return Columns(features=tuple(self.features[n] for n in numbers.tolist()), worth=self.worth[numbers])


def texts(examples: Sequence[Example]) -> list[Text]:
    return [text(each.subject, each.text) for each in examples]


def text(subject: str, body: str) -> Text:
    whole, pieces = Counter[int](), Counter[int]()
    for unit in units(subject, body):
        own, *others = hashes(unit)
        whole[own] += 1
        pieces.update(others)
    return Text(whole=whole, pieces=pieces)


def columns(of: Sequence[Text]) -> Columns:
    """The commonest features, and their inverse document frequency."""
    whole = Counter(feature for each in of for feature in each.whole)
    pieces = Counter(feature for each in of for feature in each.pieces)
    kept = {f: n for f, n in whole.items() if n >= _FEWEST_TEXTS}
    kept |= {f: n for f, n in pieces.items() if n >= _FEWEST_TEXTS_OF_A_PIECE and f not in kept}
    commonest = sorted(kept, key=lambda f: (-kept[f], f))[:_MOST_LOOKED_AT]
    features = tuple(sorted(commonest))
    rarity = np.log((1 + len(of)) / (1 + np.array([kept[f] for f in features], dtype=np.float64))) + 1
    worth = rarity * np.array([_EMPHASIS if f in whole else 1.0 for f in features])
    return Columns(features=features, worth=worth / np.sqrt(np.mean(worth**2)))


def matrix(of: Sequence[Text], into: Columns) -> sparse.csr_matrix:
    """A row a text: what each of its features is worth, over the square root of how many it has."""
    column = {feature: number for number, feature in enumerate(into.features)}
    ends, places, values = [0], list[int](), list[float]()
    for each in of:
        found = sorted((column[f], n) for f, n in (each.whole + each.pieces).items() if f in column)
        share = 1 / np.sqrt(max(1, sum(n for _, n in found)))
        places += [at for at, _ in found]
        values += [n * share for _, n in found]
        ends.append(len(places))
    counted = sparse.csr_matrix((values, places, ends), shape=(len(of), len(into.features)))
    return (counted @ sparse.diags(into.worth)).tocsr()
