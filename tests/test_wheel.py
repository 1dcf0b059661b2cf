"""The wheel that people install: everything under one name, nothing that does not belong there."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
KINDS = {".css", ".js", ".py", ".j2", ".md", ".xml", ".yaml", ".json", ".jsonl", ".npz", ".typed", ".txt"}


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Builds a wheel without the network."""
    target = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target), str(CHECKOUT)]
    done = subprocess.run(build, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = target.glob("autoreward-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        yield archive.namelist()


def tracked(folder: str, pattern: str) -> list[str]:
    return [
        str(path.relative_to(CHECKOUT))
        for path in (CHECKOUT / folder).rglob(pattern)
        if "__pycache__" not in path.parts
    ]


def test_one_top_level_name(names: list[str]) -> None:
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"autoreward"}


def test_prompts_and_environments_lie_inside(names: list[str]) -> None:
    prompts, packs = tracked("prompts", "*.j2"), tracked("envs", "*.py")
    assert prompts
    assert packs
    assert {f"autoreward/{name}" for name in prompts + packs} <= set(names)


def test_the_texts_for_agents_lie_inside(names: list[str]) -> None:
    assert {"autoreward/SKILL.md", "autoreward/llms.txt"} <= set(names)


def test_every_module_is_there(names: list[str]) -> None:
    assert set(tracked("autoreward", "*.py")) <= set(names)


def test_no_stray_file(names: list[str]) -> None:
    inside = [name for name in names if name.startswith("autoreward/")]
    assert [name for name in inside if Path(name).suffix not in KINDS or "__pycache__" in name] == []
    assert [name for name in names if "/tests/" in name] == []


def test_nothing_is_there_twice(names: list[str]) -> None:
    assert len(names) == len(set(names))


def test_the_license_comes_with_it(names: list[str]) -> None:
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
