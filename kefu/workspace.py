"""A workspace: the folder with the database, the operator's token and the bot's files, made on first use."""

from __future__ import annotations

import os
import shutil
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from kefu.base.errors import ConfigError
from messaging_core.api import Unit, create_account, issue_token, read_note, write_note
from messaging_core.settings import Settings

_NOTE = "operator"
DEMO_PACK = "retail_zh"


def operator_file(settings: Settings) -> Path:
    """Return where the operator's token is kept, readable by the owner alone."""
    return settings.data / "operator.token"


def packs_folder(settings: Settings) -> Path:
    """Return where the intent packs lie that trainers edit, one folder each."""
    return settings.data / "packs"


def shop_folder(settings: Settings) -> Path:
    """Return where the demo shop's files lie."""
    return settings.data / "shop"


def documents_folder(settings: Settings) -> Path:
    """Return where a shop's manuals, policies and tables lie that its bot may quote."""
    return settings.data / "documents"


def graph_folder(settings: Settings) -> Path:
    """Return where `kefu graph` keeps its versions; the bot tells the goods of the live one."""
    return settings.data / "graph"


def artefacts_folder(settings: Settings) -> Path:
    """Return where models, indexes and bundles lie, each in a folder named by its hash."""
    return settings.data / "artefacts"


def shadow_folder(settings: Settings) -> Path:
    """Return where shadows note what they have compared, with customers' words: kept for `copies.days`."""
    return settings.data / "shadow"


def models_folder(settings: Settings) -> Path:
    """Return where prepared and tuned encoders lie, one folder each."""
    return settings.data / "models"


def vectors_folder(settings: Settings) -> Path:
    """Return where sentence vectors are kept from one training to the next; may be deleted."""
    return settings.data / "cache" / "vectors"


def ensure_operator(unit: Unit, settings: Settings) -> None:
    """Make the platform's operator and write his token into the workspace, unless that is done already."""
    file = operator_file(settings)
    known = read_note(unit, _NOTE)
    if known is not None and file.exists():
        return
    account_id = int(str(known["account_id"])) if known else create_account(unit, None, name="平台运营", kind="system")
    issued = issue_token(unit, None, account_id=account_id, label="workspace", scopes=("chat", "operator"))
    if known is None:
        write_note(unit, _NOTE, {"account_id": str(account_id)})
    file.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(issued.secret + "\n")


def init_workspace(settings: Settings, *, demo: bool) -> list[Path]:
    """Copy the template pack, and with `demo` the shop's files, into the workspace; return what is new.

    What is there already stays as it is: it belongs to its trainers.
    """
    wanted: list[tuple[Traversable, Path]] = [
        (resources.files("intents") / "packs" / DEMO_PACK, packs_folder(settings) / DEMO_PACK)
    ]
    if demo:
        wanted.append((resources.files("kefu") / "demo" / "shop_data", shop_folder(settings)))
        wanted.append((resources.files("kefu") / "demo" / "documents", documents_folder(settings)))
    return [target for source, target in wanted if _copy(source, target)]


def _copy(source: Traversable, target: Path) -> bool:
    """Copy a folder whole, or not at all: a half copy would look like files that a trainer deleted."""
    if target.exists():
        return False
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.parent.mkdir(parents=True, exist_ok=True)
    with resources.as_file(source) as folder:
        shutil.copytree(folder, part)
    part.rename(target)
    return True


def find_pack(settings: Settings) -> Path:
    """Return the workspace's only pack; raise ConfigError when there is none, or a choice."""
    root = packs_folder(settings)
    found = sorted(path for path in root.iterdir() if path.is_dir() and path.name[0] != ".") if root.is_dir() else []
    if not found:
        raise ConfigError(f"{root}: 没有意图目录，请先执行 kefu init · no intent folder here, run kefu init first")
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise ConfigError(f"{root}: 有 {names}，请用 --pack 选一个 · several packs, choose one with --pack")
    return found[0]
