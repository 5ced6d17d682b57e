"""Whether a mail is one that is looked for. Pure."""

from collections.abc import Iterator, Mapping

from local.ses.values import Json

MAX_WORDS = 10
_TEXTS = ("subject", "from", "source", "id", "message_id")
_LISTS = ("recipients", "destination")


def words(text: str) -> list[str]:
    return text[:1000].casefold().split()[:MAX_WORDS]


def has(about: Mapping[str, Json], wanted: list[str]) -> bool:
    """Whether every word stands somewhere in the mail's subject, addresses or ids. No case is told apart."""
    hay = "\n".join(_said(about)).casefold()
    return all(word in hay for word in wanted)


def _said(about: Mapping[str, Json]) -> Iterator[str]:
    members = [member for name in _LISTS if isinstance(one := about.get(name), list) for member in one[:1000]]
    yield from (text for text in (*(about.get(name) for name in _TEXTS), *members) if isinstance(text, str))
