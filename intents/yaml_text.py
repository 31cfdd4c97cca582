"""Plain values as YAML text, and pieces of YAML changed so that comments, order and quotes stay."""

from __future__ import annotations

import json
import re
from io import StringIO

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from intents.model import Json

_PLAIN = re.compile(r"[^\W\d]\w*(?:[-+./]\w+)*")
_RESERVED = {"true", "false", "null", "nan"}


def _yaml() -> YAML:
    yaml = YAML(typ="rt", pure=True)
    yaml.width = 1_000_000
    yaml.preserve_quotes = True
    yaml.indent(mapping=2, sequence=2, offset=0)
    return yaml


def name_text(name: str) -> str:
    """Return a name as a YAML scalar, in quotes where YAML or Rasa would take it for something else."""
    if _PLAIN.fullmatch(name) and name.lower() not in _RESERVED:
        return name
    return quoted(name)


def quoted(text: str) -> str:
    """Return a text in double quotes; JSON's escapes are YAML's."""
    written = json.dumps(text, ensure_ascii=False)
    return re.sub("[\x7f-\x9f\u2028\u2029\ufeff]", lambda sign: f"\\u{ord(sign[0]):04x}", written)


def round_trip(value: Json) -> object:
    """Return a value as ruamel writes it best: block style, several lines as `|`, quotes where Rasa needs them."""
    if isinstance(value, dict):
        return CommentedMap((key, round_trip(one)) for key, one in value.items())
    if isinstance(value, list):
        return CommentedSeq(round_trip(one) for one in value)
    if isinstance(value, str) and "\n" in value and _fits_block(value):
        return LiteralScalarString(value)
    if isinstance(value, str) and re.search(r"\$\{|[\n\t\x85\u2028\u2029]", value):
        return DoubleQuotedScalarString(value)
    return value


def _fits_block(text: str) -> bool:
    """Tell whether a text of several lines survives as a `|` block: no blanks at line ends, no odd characters."""
    lines = text.removesuffix("\n").split("\n")
    return (
        not text[0].isspace()
        and bool(lines[-1])
        and all(line == line.rstrip() and line.isprintable() for line in lines)
    )


def value_lines(value: Json | CommentedMap | CommentedSeq, indent: int) -> list[str]:
    """Return a mapping or list as lines of YAML, moved right by `indent` spaces."""
    stream = StringIO()
    _yaml().dump(value if isinstance(value, CommentedMap | CommentedSeq) else round_trip(value), stream)
    return [" " * indent + line if line.strip() else "" for line in stream.getvalue().rstrip("\n").split("\n")]


def load_piece(lines: list[str]) -> CommentedMap:
    """Parse some lines that hold one mapping, comments included; raise ValueError when they hold something else."""
    margin = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    piece = _yaml().load("\n".join(line[margin:] for line in lines) + "\n")
    if not isinstance(piece, CommentedMap):
        raise ValueError("not a mapping")
    return piece
