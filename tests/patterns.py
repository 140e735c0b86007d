"""Every regular expression of the three packages, and long texts made of its own pieces that could make it slow."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import string
from dataclasses import dataclass
from pathlib import Path
from re import _constants as op
from re import _parser as parser
from typing import Any

PACKAGES = ("bot", "ingest", "vectorstore")
USES = (
    "match",
    "fullmatch",
    "finditer",
)  # who searches, splits or substitutes tries from every place, as finditer does
_PROBES = "aZé1 \n_-.,'’\"«<>/:;![](){}=&@#\t\u00a0" + string.ascii_letters + string.digits + string.punctuation
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
_MANY = 12  # alternatives of a branch that are all tried


@dataclass(frozen=True)
class Found:
    """A pattern, where it stands, and how it is used."""

    where: str
    pattern: re.Pattern[Any]
    uses: tuple[str, ...] = USES


def modules() -> list[Any]:
    """Every module of the three packages, imported."""
    found = []
    for name in PACKAGES:
        package = importlib.import_module(name)
        found.append(package)
        found += [importlib.import_module(one.name) for one in pkgutil.walk_packages(package.__path__, f"{name}.")]
    return found


def compiled() -> list[Found]:
    """The patterns that modules hold: in names, classes, containers, closures and caches; each once."""
    found: dict[tuple[Any, int], Found] = {}
    for module in modules():
        for name, value in vars(module).items():
            for pattern in _within(value, module.__name__, 0):
                found.setdefault((pattern.pattern, pattern.flags), Found(f"{module.__name__}.{name}", pattern))
    return list(found.values())


def _within(value: Any, module: str, depth: int) -> list[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        return [value]
    if depth > 6 or isinstance(value, (str, bytes, int, float)) or value is None:
        return []
    inner: list[Any] = []
    if isinstance(value, dict):
        inner = [*value.keys(), *value.values()]
    elif isinstance(value, (list, tuple, set, frozenset)):
        inner = list(value)
    elif isinstance(value, type) and value.__module__ == module:
        inner = list(vars(value).values())
    elif getattr(type(value), "__module__", "").split(".")[0] in PACKAGES:  # an object of ours
        inner = [
            getattr(value, name, None)
            for name in (*getattr(type(value), "__slots__", ()), *getattr(value, "__dict__", ()))
        ]
    elif callable(value) and getattr(value, "__module__", None) == module:
        if not getattr(value, "__wrapped__", None):
            inner = [cell.cell_contents for cell in getattr(value, "__closure__", None) or () if _filled(cell)]
            inner += list(getattr(value, "__defaults__", None) or ())
        elif hasattr(value, "cache_info") and not value.__wrapped__.__code__.co_argcount:
            inner = [value()]  # a pattern that is built when it is first needed
    return [one for each in inner for one in _within(each, module, depth + 1)]


def _filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


def written() -> list[Found]:
    """The patterns that stand in calls, as `re.search(r"…", text)`; what only a call knows is a word in them."""
    found: dict[tuple[Any, int, str], Found] = {}
    for module in modules():
        tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (called := _of_re(node.func)) and called != "compile":
                text = _text(node.args[0], vars(module))
                if text is not None:
                    flags = int(eval(ast.unparse(_flags(node)), vars(module))) if _flags(node) else 0  # type: ignore[arg-type]
                    use = called if called in USES else "finditer"
                    where = f"{module.__name__}:{node.lineno}"
                    found.setdefault((text, flags, use), Found(where, re.compile(text, flags), (use,)))
    return list(found.values())


def _of_re(called: ast.expr) -> str | None:
    """The name of a function of `re` that is called."""
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "re":
        return called.attr
    return None


def _flags(node: ast.Call) -> ast.expr | None:
    named = next((one.value for one in node.keywords if one.arg == "flags"), None)
    if named or not isinstance(node.func, ast.Attribute):
        return named
    place = {"compile": 1, "sub": 4, "subn": 4, "split": 3}.get(node.func.attr, 2)
    return node.args[place] if len(node.args) > place else None


def _text(node: ast.expr, names: dict[str, Any]) -> Any:
    """A pattern as it is written, with "word" for what only a call knows; None where it is a compiled one."""
    try:
        value = eval(ast.unparse(node), dict(names))
    except NameError:
        value = None
    else:
        return None if isinstance(value, re.Pattern) else value
    if isinstance(node, ast.JoinedStr):
        parts = [
            part.value if isinstance(part, ast.Constant) else _text(part.value, names) or "word" for part in node.values
        ]
        return "".join(parts)
    return "word"


def pieces(pattern: re.Pattern[Any]) -> list[tuple[str, str]]:
    """What comes once and what is repeated after it, to make long texts: all that a pattern's parts match."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    found: dict[tuple[str, str], None] = {}
    _collect(parser.parse(text, pattern.flags), "", found, repeated=False)
    return [one for one in found if one[1]]


def _collect(tree: Any, before: str, found: dict[tuple[str, str], None], *, repeated: bool) -> None:
    """The pieces of a sequence: each part alone, behind what comes before, and with it; the same inside each part."""
    whole = before
    for node in tree:
        for one in _some(node, _MANY if repeated else 3):
            for piece in (("", one), (whole, one), ("", whole + one)):
                found[piece] = None
        for inner, is_repeated in _inside(node):
            _collect(inner, whole, found, repeated=repeated or is_repeated)
        whole += next(iter(_some(node, 1)), "")
    for one in _sequences(tree, _MANY if repeated else 3):
        found[before, one] = None


def _inside(node: Any) -> list[tuple[Any, bool]]:
    """The sequences within a node, and whether each may come often."""
    code, value = node
    if code in _REPEATS:
        return [(value[2], value[1] == op.MAXREPEAT or value[1] > 3)]
    if code is op.BRANCH:
        return [(one, False) for one in value[1]]
    if code is op.GROUPREF_EXISTS:
        return [(one, False) for one in value[1:] if one]
    return [(one, False) for one in _whole(node)]


def _whole(node: Any) -> list[Any]:
    """The one sequence that a group or a look to the side holds."""
    code, value = node
    if code is op.SUBPATTERN:
        return [value[3]]
    if code in (op.ASSERT, op.ASSERT_NOT):
        return [value[1]]
    return [value] if code is op.ATOMIC_GROUP else []


def _sequences(tree: Any, most: int) -> list[str]:
    """Texts that a sequence matches: one for each choice in it, the other parts at their first."""
    parts = [_some(node, most) for node in tree]
    first = [next(iter(one), "") for one in parts]
    found = ["".join(first)]
    for place, choices in enumerate(parts):
        found += ["".join([*first[:place], choice, *first[place + 1 :]]) for choice in choices[1:]]
    return list(dict.fromkeys(found))


def _some(node: Any, most: int) -> list[str]:
    """Texts that a node matches; an empty one where it takes no character."""
    code, value = node
    if code is op.LITERAL:
        return [chr(value)]
    if code is op.BRANCH:
        return list(dict.fromkeys(one for tree in value[1] for one in _sequences(tree, 2)))[: most * 20]
    if code in _REPEATS:
        return [one * max(value[0], 1) for one in _sequences(value[2], most)] if value[1] else [""]
    if code in (op.SUBPATTERN, op.ATOMIC_GROUP):
        return _sequences(_whole(node)[0], most)
    if code in (op.IN, op.ANY, op.NOT_LITERAL):
        return _characters(node)[: max(most, 4)]
    return [""]


def _characters(node: Any) -> list[str]:
    """Characters that a class holds, of different kinds."""
    matches = re.compile(_spelt(node), re.DOTALL).fullmatch
    return [one for one in dict.fromkeys(_PROBES) if matches(one)]


def _spelt(node: Any) -> str:
    code, value = node
    if code is op.ANY:
        return "."
    if code is op.NOT_LITERAL:
        return f"[^{re.escape(chr(value))}]"
    items = value if code is op.IN else [node]
    spelt = "".join(_item(one) for one in items if one[0] is not op.NEGATE)
    return f"[^{spelt}]" if items[0][0] is op.NEGATE else f"[{spelt}]"


_CATEGORIES = {
    op.CATEGORY_DIGIT: r"\d", op.CATEGORY_NOT_DIGIT: r"\D", op.CATEGORY_SPACE: r"\s", op.CATEGORY_NOT_SPACE: r"\S",
    op.CATEGORY_WORD: r"\w", op.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


def _item(item: Any) -> str:
    code, value = item
    if code is op.CATEGORY:
        return _CATEGORIES[value]
    if code is op.RANGE:
        return f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
    return re.escape(chr(value))
