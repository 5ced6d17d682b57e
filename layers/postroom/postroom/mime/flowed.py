"""format=flowed undone (RFC 3676): lines that a client has wrapped become paragraphs again."""

LONGEST = 5_000_000  # characters


def unflowed(text: str, delsp: bool) -> str:
    """The text with soft breaks joined within one depth of quotes and space-stuffing removed.

    `delsp` is the DelSp parameter: the space of a soft break is not part of the text. The signature separator "-- "
    is never a soft break (section 4.3). A text over LONGEST stays as it was wrapped.
    """
    if len(text) > LONGEST:
        return text
    paragraphs: list[str] = []
    run: list[str] = []
    run_depth = 0
    for line in text.replace("\r\n", "\n").split("\n"):
        depth, content = _quoted(line)
        signature = content == "-- "
        if run and (depth != run_depth or signature):  # section 4.5: a break in depth ends the paragraph
            paragraphs.append(_paragraph(run_depth, run))
            run = []
        soft = content.endswith(" ") and not signature
        run.append(content[:-1] if soft and delsp else content)
        run_depth = depth
        if not soft:
            paragraphs.append(_paragraph(depth, run))
            run = []
    if run:
        paragraphs.append(_paragraph(run_depth, run))
    return "\n".join(paragraphs)


def _quoted(line: str) -> tuple[int, str]:
    """The depth of quotes and the line without its quote marks and stuffed space."""
    content = line.lstrip(">")
    return len(line) - len(content), content.removeprefix(" ")


def _paragraph(depth: int, run: list[str]) -> str:
    content = "".join(run)
    return f"{'>' * depth} {content}" if depth else content
