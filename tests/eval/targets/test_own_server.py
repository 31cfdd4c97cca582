"""A server of our own for a suite: a copy of a workspace that was trained once."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.errors import TargetError
from eval.targets.kept import whole_program
from eval.targets.own_server import OwnServer


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
async def test_a_server_works_in_a_copy_of_the_template_and_one_that_cannot_start_says_why(tmp_path: Path) -> None:
    template = tmp_path / "templates" / whole_program()
    pack = template / "packs" / "retail_zh"
    pack.mkdir(parents=True)
    (pack / "broken.yml").write_text('version: "3.1"\nnlu: 7\n', "utf-8")
    before = contents(template)
    server = OwnServer(tmp_path / "server", templates=tmp_path / "templates")
    with pytest.raises(TargetError, match=r"broken\.yml"):
        await server.start()
    assert (tmp_path / "server" / "data" / "packs" / "retail_zh" / "broken.yml").exists()
    assert contents(template) == before
    assert [path.name for path in template.parent.iterdir()] == [template.name]
