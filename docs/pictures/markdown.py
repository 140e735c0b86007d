"""Discord's Markdown as HTML: as much of it as the bot writes."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime

_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}
_BLOCK = re.compile(r"```(?:diff\n)?(?P<code>.*?)```", re.DOTALL)
_ESCAPED = re.compile(r"\\([\\*_`~|>#\[\]()\-.])")
_INLINE = (
    (re.compile(r"\[([^\]]+)\]\(&lt;?(https?://.*?)(?:&gt;)?\)"), r'<a href="\2">\1</a>'),
    (re.compile(r"&lt;(https?://\S+?)&gt;"), r'<a href="\1">\1</a>'),
    (re.compile(r"\*\*(.+?)\*\*"), r"<b>\1</b>"),
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
)


def as_html(text: str, *, language: str, names: dict[str, str]) -> str:
    """A message's content, or an embed's description. `names` are those of members and channels, by their ids."""
    kept: list[str] = []

    def keep(character: str) -> str:
        kept.append(html.escape(character))
        return f"\x00{len(kept) - 1}\x00"

    pieces, end = [], 0
    for block in _BLOCK.finditer(text):
        pieces += [_lines(text[end : block.start()], keep, language, names), _code(block["code"])]
        end = block.end()
    pieces.append(_lines(text[end:], keep, language, names))
    return re.sub(r"\x00(\d+)\x00", lambda found: kept[int(found[1])], "".join(pieces))


def _lines(text: str, keep: object, language: str, names: dict[str, str]) -> str:
    assert callable(keep)
    text = _ESCAPED.sub(lambda found: keep(found[1]), text)
    return "".join(_line(line, language, names) for line in text.strip("\n").split("\n")) if text.strip() else ""


def _line(line: str, language: str, names: dict[str, str]) -> str:
    for mark, tag in (("-# ", "small"), ("> ", "blockquote"), ("- ", "li")):
        if line.startswith(mark):
            return f"<{tag}>{_inline(line.removeprefix(mark), language, names)}</{tag}>"
    return f"<p>{_inline(line, language, names)}</p>"


def _inline(text: str, language: str, names: dict[str, str]) -> str:
    text = re.sub(r"<t:(\d+):(\w)>", lambda found: _moment(int(found[1]), found[2], language), text)
    text = html.escape(text, quote=False)
    text = re.sub(
        r"&lt;([@#])(\d+)&gt;",
        lambda found: f'<span class="mention">{found[1]}{names.get(found[2], "unknown")}</span>',
        text,
    )
    for pattern, replacement in _INLINE:
        text = pattern.sub(replacement, text)
    return text


def _moment(seconds: int, style: str, language: str) -> str:
    """A timestamp as a reader of that language sees it, in UTC."""
    moment = datetime.fromtimestamp(seconds, UTC)
    if style == "R":
        return "in a moment" if language == "en" else "dans un instant"
    month = _MONTHS[language].split()[moment.month - 1]
    day = f"{month} {moment.day}, {moment.year}" if language == "en" else f"{moment.day} {month} {moment.year}"
    return f"{day} {moment:%H:%M}" if style == "f" else day


def _code(code: str) -> str:
    marks = {"+": "added", "-": "removed"}
    lines = [
        f'<span class="{marks.get(line[:1], "plain")}">{html.escape(line)}</span>'
        for line in code.strip("\n").split("\n")
    ]
    return f"<pre>{'<br>'.join(lines)}</pre>"
