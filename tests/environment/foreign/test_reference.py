"""Which environment: what `--env` names, and the line that carries it."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.environment.foreign.reference import Reference, is_reference, parse, read_reference, with_options
from autoreward.errors import UsageError


@pytest.mark.parametrize(
    "env", ["CartPole-v1", "ALE/Pong-v5", "my_package:MyEnv-v0", "gymnasium:Ant-v5", "os.path:join"]
)
def test_an_id_with_a_version_or_a_module_is_somebody_elses(env: str) -> None:
    found = read_reference(env)
    assert found is not None
    assert found.id == env.removeprefix("gymnasium:")


@pytest.mark.parametrize("env", ["hopper", "hopper/forward", "./my_robot", "/a/b-v1", "no-such"])
def test_a_pack_is_not(env: str) -> None:
    assert read_reference(env) is None


def test_the_line_of_a_reference_is_read_back() -> None:
    reference = Reference(id="my_robot:Reach", kwargs={"goal": [1, 2.5], "fast": True}, fields="my_robot:fields")
    assert is_reference(reference.text)
    assert parse(reference.text) == reference
    assert Reference(id="CartPole-v1").text == "gymnasium:CartPole-v1"


def test_a_task_of_meta_world_is_an_argument_of_its_one_id() -> None:
    found = read_reference("Meta-World/drawer-open-v3")
    assert found == Reference(id="Meta-World/MT1", kwargs={"env_name": "drawer-open-v3"})
    pooled = read_reference("envpool:Meta-World/drawer-open-v3")
    assert pooled == Reference(source="envpool", id="MetaWorld/DrawerOpen-v3")
    assert read_reference("Meta-World/MT1") == Reference(id="Meta-World/MT1")


def test_a_module_of_the_working_folder_is_remembered_with_it() -> None:
    found = read_reference("own_envs:Counting")
    assert found is not None
    assert found.folder == str(Path(__file__).parent)
    assert found.module == "own_envs"


def test_options_become_a_part_of_the_line() -> None:
    line = with_options("CartPole-v1", {"sutton_barto_reward": True}, ["math"], "own_envs:fields", ["speed"])
    assert parse(line).kwargs == {"sutton_barto_reward": True}
    assert parse(line).packages == ("math",)
    assert parse(line).keep == ("speed",)
    assert with_options("hopper") == "hopper"


@pytest.mark.parametrize(
    ("env", "options", "seen"),
    [
        ("hopper", {"kwargs": {"g": 1}}, "hopper is no environment of Gymnasium"),
        ("CartPole-v1", {"kwargs": {"render_mode": "human"}}, "not drawn while it learns"),
        ("CartPole-v1", {"fields": "no function"}, "names no function"),
    ],
)
def test_what_cannot_hold_is_refused(env: str, options: dict[str, object], seen: str) -> None:
    with pytest.raises(UsageError, match=seen):
        with_options(env, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("line", ["gymnasium:", 'gymnasium:A-v1 {"speed": 1}', "gymnasium:A-v1 {", "other:A-v1"])
def test_a_line_that_is_none_is_refused(line: str) -> None:
    with pytest.raises(UsageError, match="names no environment"):
        parse(line)
