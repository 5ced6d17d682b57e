"""A page that shows one mail as four readers see it: light and dark, narrow and wide. It needs no server and no net."""

from html import escape

from postroom.replies.templates.template import Rendered

_WIDTHS = {"narrow": 360, "wide": 900}  # CSS pixels: a telephone, a window
_SCHEMES = ("light", "dark")
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }}
body {{ margin: 2rem }}
h1 {{ font-size: 1.2rem }}
.row {{ display: flex; gap: 2rem; margin: 0 0 2rem; overflow-x: auto }}
figure {{ margin: 0 }}
figcaption {{ opacity: .7; margin: 0 0 .5rem }}
iframe {{ display: block; height: 45rem; border: 1px solid #888; border-radius: 8px }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; max-width: 80ch; padding: 1rem; border: 1px solid #888 }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>Subject: <strong>{subject}</strong></p>
{rows}
<h2>Plain text</h2>
<pre lang="{language}">{text}</pre>
</body>
</html>
"""


def of(name: str, rendered: Rendered) -> str:
    """The page. What it shows can run nothing and fetch nothing: it stands in frames without any right."""
    rows = "\n".join(
        f'<div class="row">{"".join(_frame(rendered.html, s, w) for w in _WIDTHS)}</div>' for s in _SCHEMES
    )
    return _PAGE.format(
        title=f"{escape(name)}, {escape(rendered.language)}",
        subject=escape(rendered.subject),
        language=escape(rendered.language),
        text=escape(rendered.text),
        rows=rows,
    )


def _frame(html: str, scheme: str, width: str) -> str:
    # The scheme of the reader's own machine is overruled, in the frame and for the frame.
    forced = html.replace("</head>", f"<style>:root{{color-scheme:{scheme}!important}}</style></head>", 1)
    style = f"width:{_WIDTHS[width]}px;color-scheme:{scheme};background:Canvas"
    caption = f"{scheme}, {width} ({_WIDTHS[width]} px)"
    frame = f'<iframe sandbox="" title="{caption}" style="{style}" srcdoc="{escape(forced)}"></iframe>'
    return f"<figure><figcaption>{caption}</figcaption>{frame}</figure>"
