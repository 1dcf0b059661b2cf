"""A pack whose models differ: what is told and recorded of it, and that exports are nominal."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import mujoco
import numpy as np
import pytest

from autoreward import api
from autoreward.designer.prompts import render
from autoreward.environment.environment import Environment
from autoreward.environment.pack import load_pack
from autoreward.environment.random_rollout import open_environment
from autoreward.environment.randomised_ranges import read_ranges
from autoreward.environment.simulation.model import load_model
from autoreward.export.environment_file import environment_facts, export_environment
from autoreward.records import Brief
from tests.export.test_environment_file import ARM

DECLARED = dict(quantity="mass", of="all", scale=(0.5, 1.5))
WORDS = "mass of all bodies 0.5 to 1.5 times the model's"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    folder = tmp_path_factory.mktemp("packs") / "arm"
    shutil.copytree(ARM, folder)
    with (folder / "pack.py").open("a") as file:
        file.write(f"\nRANDOMISE = ({DECLARED!r},)\n")
    return open_environment(str(folder))


def test_the_exported_environment_is_nominal_and_says_so(environment: Environment, tmp_path: Path) -> None:
    files = export_environment(tmp_path, environment.pack, environment.spec)
    text = files[0].read_text()
    assert "it is the nominal one.\nRANDOMISED = " in text and WORDS in text
    model = next(file for file in files if file.name == environment.pack.model_path.name)
    exported = mujoco.MjModel.from_xml_path(str(model))
    np.testing.assert_array_equal(exported.body_mass, load_model(environment.pack).body_mass)


def test_so_is_the_wrapper(tmp_path: Path) -> None:
    pack = replace(load_pack("hopper"), randomise=read_ranges((DECLARED,), "hopper"))
    assert WORDS in export_environment(tmp_path, pack, open_environment("hopper").spec)[0].read_text()
    (nominal, *_) = export_environment(tmp_path / "nominal", load_pack("hopper"), open_environment("hopper").spec)
    assert "RANDOMISED" not in nominal.read_text()


def test_the_ranges_are_recorded_and_told(environment: Environment) -> None:
    stored = {
        "quantity": "mass",
        "of": ["all"],
        "kind": "scale",
        "low": 0.5,
        "high": 1.5,
        "together": False,
        "every": None,
    }
    assert environment_facts(environment.pack, environment.spec)["randomised"] == [stored]
    assert environment.spec.model_dump(mode="json")["randomised"] == [stored]
    shown = json.loads(api.environment(str(environment.pack.folder)).model_dump_json())
    assert shown["randomised"] == [stored]
    brief = Brief(text="Hop.", env=environment.spec, generation=0, slot=0, candidates=1, seed=0)
    assert WORDS in render(brief, "g00c00").messages[0].content
    assert open_environment("hopper").spec.notes == ""
