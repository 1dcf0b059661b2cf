"""The layers of the settings, each above the next, and the messages for a wrong key or value."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from autoreward import config
from autoreward.config import layers, load_settings, setting_key
from autoreward.errors import ConfigError


def test_defaults(tmp_path: Path) -> None:
    loaded = load_settings(directory=tmp_path, environ={"HOME": str(tmp_path)})
    assert loaded.settings == config.Settings()
    assert loaded.origins["design.candidates"] == "default"
    assert set(loaded.origins.values()) == {"default"}


def test_each_layer_is_above_the_next(tmp_path: Path) -> None:
    """One key for each layer; the layers below it say something else, the ones above say nothing."""
    user = tmp_path / "home" / ".config" / "autoreward" / "config.yaml"
    user.parent.mkdir(parents=True)
    names = ("candidates", "generations", "seeds", "final_seeds", "seed", "repairs")
    user.write_text("design: {" + ", ".join(f"{name}: 1" for name in names) + "}\nruns: user")
    toml = "".join(f"{name} = 2\n" for name in names[:5])
    (tmp_path / "pyproject.toml").write_text(f"[tool.autoreward.design]\n{toml}")
    (tmp_path / "autoreward.yaml").write_text("design: {candidates: 3, generations: 3, seeds: 3, final_seeds: 3}")
    environ = {"HOME": str(tmp_path / "home"), "AUTOREWARD_DESIGN__CANDIDATES": "5", "AUTOREWARD_GENERATIONS": "5"}
    loaded = load_settings(
        {"candidates": 6, "seeds": None},
        task={"design": {"candidates": 4, "generations": 4, "seeds": 4}},
        directory=tmp_path,
        environ=environ,
    )
    design = loaded.settings.design
    assert [getattr(design, name) for name in names] == [6, 5, 4, 3, 2, 1]
    assert loaded.settings.runs == "user"
    assert [loaded.origins[f"design.{name}"] for name in names] == [
        "flag",
        "AUTOREWARD_GENERATIONS",
        "task",
        str(tmp_path / "autoreward.yaml"),
        str(tmp_path / "pyproject.toml"),
        str(user),
    ]


def test_set_is_above_the_environment_and_below_a_flag(tmp_path: Path) -> None:
    loaded = load_settings(
        {"model": "compose"},
        sets=["llm.model=openai/gpt-5", "ppo.num_envs=8", "n-timesteps=3e5", "ppo.hidden=[32, 32]"],
        directory=tmp_path,
        environ={"AUTOREWARD_PPO__NUM_ENVS": "4"},
    )
    assert loaded.settings.llm.model == "compose"
    assert loaded.settings.ppo.num_envs == 8
    assert loaded.settings.ppo.hidden == (32, 32)
    assert loaded.settings.design.n_timesteps == 300_000
    assert loaded.origins["ppo.num_envs"] == "--set"


@pytest.mark.parametrize(
    ("origin", "value", "who"),
    [("flag", "0", "--n-timesteps 0 cannot be used"), ("argument", 0, "n_timesteps=0 cannot be used")],
)
def test_a_wrong_value_is_named_as_it_was_given(tmp_path: Path, origin: str, value: object, who: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings({"n_timesteps": value}, directory=tmp_path, environ={}, origin=origin)
    assert caught.value.message == f"{who}."
    with pytest.raises(ConfigError) as caught:
        load_settings(sets=["seeds=0"], directory=tmp_path, environ={})
    assert caught.value.message == "--set design.seeds=0 cannot be used."


@pytest.mark.parametrize("key", ["max_cost", "max_tokens", "max_time", "max_steps", "target", "confirm_above"])
@pytest.mark.parametrize("value", [".nan", ".inf", "lots"])
def test_no_limit_is_something_that_nothing_reaches(tmp_path: Path, key: str, value: str) -> None:
    with pytest.raises(ConfigError, match=key):
        load_settings(sets=[f"{key}={value}"], directory=tmp_path, environ={})


def test_numbers_are_written_alike_in_every_layer(tmp_path: Path) -> None:
    (tmp_path / "autoreward.yaml").write_text("budget: {max_time: 15m, max_tokens: 500k}\n")
    variables = {"AUTOREWARD_MAX_STEPS": "1.5M"}
    settings = load_settings(sets=["n_timesteps=20k"], directory=tmp_path, environ=variables).settings
    assert (settings.budget.max_time, settings.budget.max_tokens) == (900.0, 500_000)
    assert (settings.budget.max_steps, settings.design.n_timesteps) == (1_500_000, 20_000)


@pytest.mark.parametrize("text", ["num_envs=0", "num_steps=-1", "num_minibatches=0", "gamma=1.5", "hidden=[0]"])
def test_no_training_has_a_size_below_one(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"ppo"):
        load_settings(sets=[f"ppo.{text}"], directory=tmp_path, environ={})


def test_a_value_can_be_taken_back_to_none(tmp_path: Path) -> None:
    (tmp_path / "autoreward.yaml").write_text("budget: {max_steps: 10}")
    loaded = load_settings(sets=["max_steps=null"], directory=tmp_path, environ={})
    assert loaded.settings.budget.max_steps is None


@pytest.mark.parametrize(
    ("written", "nearest"),
    [("candidate", "design.candidates"), ("desing.seeds", "design.seeds"), ("ppo.numenvs", "ppo.num_envs")],
)
def test_an_unknown_key_names_the_nearest(written: str, nearest: str) -> None:
    with pytest.raises(ConfigError, match="there is no setting") as caught:
        setting_key(written)
    assert f"Did you mean '{nearest}'?" in caught.value.remedy


def test_an_unknown_key_says_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "autoreward.yaml"
    path.write_text("llm: {api_key: abc}")
    with pytest.raises(ConfigError) as caught:
        load_settings(directory=tmp_path, environ={})
    assert caught.value.args[0] == f"{path}: there is no setting 'llm.api_key'."


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("AUTOREWARD_DESIGN__CANDIDATES", "many", "AUTOREWARD_DESIGN__CANDIDATES: design.candidates is 'many'"),
        ("AUTOREWARD_SEEDS", "0", "AUTOREWARD_SEEDS: design.seeds is 0"),
        ("AUTOREWARD_DESIGN", "3", "AUTOREWARD_DESIGN: there is no setting 'design'"),
    ],
)
def test_a_wrong_value_says_where_it_stands(tmp_path: Path, name: str, value: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_settings(directory=tmp_path, environ={name: value})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("autoreward.yaml", "- 1\n- 2\n"),
        ("autoreward.yaml", "a: ["),
        ("autoreward.yaml", "just words"),
        ("autoreward.yaml", "3"),
        ("autoreward.yaml", "1: 2"),
        ("autoreward.yaml", "[" * 100_000),
        ("pyproject.toml", "tool = 3"),
        ("pyproject.toml", "tool.autoreward = 3"),
        ("pyproject.toml", "[tool"),
    ],
)
def test_a_file_that_is_not_settings(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError, match=re.escape(name)) as caught:
        load_settings(directory=tmp_path, environ={})
    assert "settings by name" in caught.value.remedy


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "autoreward.yaml")
    with pytest.raises(ConfigError, match="is a pipe"):
        load_settings(directory=tmp_path, environ={})


@pytest.mark.parametrize(("name", "text"), [("autoreward.yaml", ""), ("pyproject.toml", "[project]\nname = 'x'")])
def test_a_file_without_settings_changes_nothing(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert load_settings(directory=tmp_path, environ={}).settings == config.Settings()


def test_only_variables_with_the_prefix_are_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RUNS", "DEVICE", "DESIGN", "DESIGN__SEEDS"):
        monkeypatch.setenv(name, "99")
    monkeypatch.setenv("AUTOREWARD_N_TIMESTEPS", "3e5")
    monkeypatch.setenv("HOME", str(tmp_path))
    loaded = load_settings(directory=tmp_path)
    assert loaded.settings == config.Settings()
    assert loaded.origins["design.n_timesteps"] == "AUTOREWARD_N_TIMESTEPS"


def test_a_wrong_value_of_a_file_names_it(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.autoreward]\nppo = {num_envs = 'x'}")
    (tmp_path / "autoreward.yaml").write_text("ppo: {num_steps: 64}")
    with pytest.raises(ConfigError, match=r"pyproject\.toml: ppo\.num_envs is 'x'"):
        load_settings(directory=tmp_path, environ={})


def test_set_without_a_value(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="has no value"):
        load_settings(sets=["seeds"], directory=tmp_path, environ={})


def test_the_last_part_of_every_key_is_enough() -> None:
    """The promise of the module: no two sections share a name."""
    names = [key.rpartition(".")[2] for key in layers.setting_defaults()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("address", ["https://me:hidden@host/v1", "https://host/v1?key=hidden"])
def test_an_address_with_a_secret_in_it_is_refused_without_showing_it(address: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings({"base_url": address}, environ={})
    assert "hidden" not in str(caught.value)


def test_sizes_that_a_person_has_set_hold_on_devices_with_their_origin(tmp_path: Path) -> None:
    (tmp_path / "autoreward.yaml").write_text("ppo:\n  num_steps: 64\n", "utf-8")
    loaded = load_settings(
        sets=["ppo.num_envs=16", "ppo.device_minibatches=2", "num_minibatches=8"], directory=tmp_path, environ={}
    )
    ppo, origins = loaded.settings.ppo, loaded.origins
    assert (ppo.device_envs, ppo.device_steps, ppo.device_minibatches) == (16, 64, 2)
    assert origins["ppo.device_envs"] == origins["ppo.num_envs"] == "--set"
    assert "autoreward.yaml" in origins["ppo.device_steps"]
    untouched = load_settings(directory=tmp_path / "empty", environ={})
    assert untouched.settings.ppo.device_envs is None and untouched.origins["ppo.device_envs"] == "default"


@pytest.mark.parametrize(
    ("own", "task", "holds"),
    [
        ("strong", "basic", "strong"),
        ("medium", "strong", "strong"),
        ("basic", "medium", "medium"),
        ("medium", None, "medium"),
    ],
)
def test_a_task_file_never_lowers_the_isolation(tmp_path: Path, own: str, task: str | None, holds: str) -> None:
    (tmp_path / "autoreward.yaml").write_text(f"require_isolation: {own}\n")
    stated = {} if task is None else {"require_isolation": task}
    loaded = load_settings(task=stated, directory=tmp_path)
    assert loaded.settings.require_isolation == holds
