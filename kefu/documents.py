"""A workspace's documents: read, indexed as an artefact, changed one by one. Nothing here is live by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from bot.encoding.encoder import Encoder
from bot.retrieval.documents.fit import build_documents
from bot.retrieval.documents.index import DocumentIndex
from bot.retrieval.documents.passage import DocumentError, Passage
from bot.retrieval.documents.read import READERS, read_document
from bot.retrieval.documents.split import split, without_twins
from kefu.base.errors import ConfigError

Tell = Callable[[str, int, int], None]


class Refused(ConfigError):
    """Documents that cannot be read, each with file, line and cure; nothing was changed."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def find_files(paths: Iterable[Path]) -> list[Path]:
    """Return the documents among files and folders, sorted; a named file counts whatever its ending."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(one for one in path.rglob("*") if one.is_file())
            found += [one for one in inside if one.suffix.lower() in READERS and one.name[0] != "."]
        else:
            found.append(path)
    return found


def read_files(files: Sequence[Path], tell: Tell = lambda stage, done, total: None) -> dict[str, list[Passage]]:
    """Return the passages of files by name; raise Refused with every file that cannot be read."""
    problems: list[str] = []
    read: dict[str, list[Passage]] = {}
    for number, file in enumerate(files):
        tell("read", number, len(files))
        try:
            if file.name in read:
                raise DocumentError(f"{file}: 另一个文件也叫 {file.name} · another file has the same name")
            read[file.name] = split(file.name, read_document(file))
        except DocumentError as error:
            problems.append(str(error))
        except (OSError, UnicodeError) as error:
            problems.append(f"{file.name}: 读不了（{error}） · cannot be read")
    tell("read", len(files), len(files))
    if problems:
        raise Refused(tuple(problems))
    return read


def build_index(
    read: dict[str, list[Passage]], encoder: Encoder, *, foreign: Sequence[str], tell: Tell
) -> DocumentIndex:
    """Build and calibrate an index of everything; what several documents say is kept once."""
    passages = without_twins(passage for name in sorted(read) for passage in read[name])
    tell("encode", 0, len(passages))
    index = build_documents(passages, encoder, foreign=foreign)
    tell("encode", len(passages), len(passages))
    return index


def change_index(
    index: DocumentIndex, encoder: Encoder, *, put: dict[str, list[Passage]], removed: Sequence[str] = ()
) -> DocumentIndex:
    """Return the index with some documents replaced and some removed; raise ConfigError for an unknown one."""
    for name in removed:
        if name not in index.documents:
            known = "、".join(index.documents) or "-"
            raise ConfigError(f"{name}: 索引里没有这个文档，有 {known} · no such document in the index")
        index = index.remove(name, encoder)
    for name, passages in put.items():
        index = index.put(name, passages, encoder)
    return index.compacted() if index.due() else index
