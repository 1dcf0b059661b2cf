"""An environment that comes with autoreward is exported with its code; tests/search/test_foreign.py has the others."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from autoreward.environment.environment import Environment
from autoreward.environment.foreign.facts import ForeignFacts
from autoreward.environment.foreign.opening import open_foreign
from autoreward.environment.foreign.reference import PinnedInfo, read_reference
from autoreward.export.foreign_file import export_foreign, world_source
from autoreward.records import EnvSpec
from tests.environment.foreign.test_crafting import TREE, row

ALONE = """
import importlib.util, json, sys
sys.modules["autoreward"] = None  # whoever imports it fails
spec = importlib.util.spec_from_file_location("world", sys.argv[1])
world = importlib.util.module_from_spec(spec)
spec.loader.exec_module(world)
import numpy as np
seen = world.observed(np.float32(json.loads(sys.argv[2])))
print(json.dumps([seen["tree_offset"].tolist(), world.is_done("approach_tree", seen)]))
"""


def test_the_world_of_craftax_is_a_file_that_works_alone(tmp_path: Path) -> None:
    file = tmp_path / "world.py"
    file.write_text(world_source("autoreward.environment.foreign.crafting"), encoding="utf-8")
    arguments = [sys.executable, "-I", "-c", ALONE, str(file), json.dumps(row((3, 5, TREE)).tolist())]
    said = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout
    assert json.loads(said) == [[0.0, 1.0], True]


def craftax_facts() -> tuple[ForeignFacts, EnvSpec]:
    """Of a task, as they would be found where craftax is installed."""
    short = read_reference("craftax:approach_tree")
    stand_in = read_reference("CartPole-v1")
    assert short is not None and stand_in is not None
    environment: Environment = open_foreign(stand_in.text)
    assert environment.pack.foreign is not None
    pinned = short.model_copy(update={"info": PinnedInfo(shown={}, hidden={})})
    return environment.pack.foreign.model_copy(update={"reference": pinned.text}), environment.spec


def test_its_wrapper_makes_it_from_that_file(tmp_path: Path) -> None:
    facts, spec = craftax_facts()
    written = export_foreign(tmp_path, facts, spec)
    assert [file.name for file in written] == ["wrapper.py", "world.py"]
    wrapper = (tmp_path / "wrapper.py").read_text(encoding="utf-8")
    assert '_beside("world").Crafting(' in wrapper
    assert "import autoreward" not in wrapper and "from autoreward" not in (tmp_path / "world.py").read_text()
    compile(wrapper, "wrapper.py", "exec")


@pytest.mark.skipif(find_spec("craftax") is None, reason="craftax is not installed: it is never beside pygame-ce")
def test_that_file_makes_the_world(tmp_path: Path) -> None:
    file = tmp_path / "world.py"
    file.write_text(world_source("autoreward.environment.foreign.crafting"), encoding="utf-8")
    make = "import sys; sys.modules['autoreward'] = None; sys.path.insert(0, sys.argv[1]); import world; "
    make += "print(world.Crafting('collect_wood').reset(seed=1)[1])"
    said = subprocess.run(
        [sys.executable, "-c", make, str(tmp_path)], capture_output=True, text=True, check=True
    ).stdout
    assert "success" in said
