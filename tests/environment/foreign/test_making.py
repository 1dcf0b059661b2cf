"""From a name to an environment, or a sentence that says why there is none."""

from __future__ import annotations

import re

import pytest

from autoreward.environment.foreign.making import function_of, make, registering
from autoreward.environment.foreign.reference import Reference, read_reference
from autoreward.errors import AutorewardError, EnvironmentFailedError, UsageError


def named(env: str, **changes: object) -> Reference:
    found = read_reference(env)
    assert found is not None
    return found.model_copy(update=changes)


@pytest.mark.parametrize("env", ["CartPole-v1", "own_envs:Counting", "own_envs:make_short"])
def test_an_id_a_class_and_a_function_are_made(env: str) -> None:
    made = make(named(env))
    observation, info = made.reset(seed=0)
    assert made.observation_space.contains(observation)
    assert info == {}
    made.close()


def test_arguments_reach_its_maker() -> None:
    assert make(named("own_envs:Counting", kwargs={"length": 7, "max_episode_steps": 5})).length == 7
    assert make(named("CartPole-v1", kwargs={"max_episode_steps": 7})).spec.max_episode_steps == 7


@pytest.mark.parametrize(
    ("env", "error", "seen"),
    [
        ("CartPole-v7", UsageError, "There is no environment 'CartPole-v7' here.*Nearest: CartPole-v1"),
        ("CartPol-v1", UsageError, "Nearest: CartPole-v1"),
        ("NoSuch/Thing-v0", UsageError, "--gym-packages MODULE"),
        ("FetchReach-v4", UsageError, "pip install gymnasium-robotics"),
        ("ALE/Pong-v5", UsageError, r"\A(?!.*Nearest).*pip install ale-py"),
        ("own_envs:Missing", UsageError, "own_envs.Missing is nothing"),
        ("own_envs:FIELDS", UsageError, "own_envs.FIELDS is a dict"),
        ("own_envs:NoEnvironment", UsageError, "NoEnvironment without reset, step, observation_space"),
        ("no_such_module:Env", UsageError, "there is no module 'no_such_module'"),
    ],
)
def test_what_cannot_be_made_is_said(env: str, error: type[AutorewardError], seen: str) -> None:
    with pytest.raises(error) as caught:
        make(named(env))
    assert re.search(seen, str(caught.value).replace("\n", " ")), str(caught.value)


@pytest.mark.parametrize(
    ("env", "takes"), [("CartPole-v1", "sutton_barto_reward"), ("own_envs:Counting", "length, cut")]
)
def test_an_argument_that_its_maker_does_not_take_is_said(env: str, takes: str) -> None:
    with pytest.raises(UsageError, match="takes no argument 'gravity'") as said:
        make(named(env, kwargs={"gravity": 1}))
    assert said.value.remedy == f"It takes: {takes}."


def test_what_its_own_code_raises_is_said_with_its_place() -> None:
    with pytest.raises(EnvironmentFailedError, match=r"own_envs:Raises cannot be made: TypeError: int.*own_envs.py"):
        make(named("own_envs:Raises", kwargs={"after": None}))


def test_a_module_that_is_no_package_of_gymnasium_is_said() -> None:
    with pytest.raises(UsageError, match="--gym-packages: there is no module 'no_such_package'"):
        make(named("CartPole-v1", packages=("no_such_package",)))


def test_a_function_is_found_by_its_name() -> None:
    assert function_of("own_envs:fields", "--fields").__name__ == "fields"
    with pytest.raises(UsageError, match="Nearest: fields"):
        function_of("own_envs:field", "--fields")


def test_what_registers_an_id_is_known_for_its_export() -> None:
    named_ones = named("CartPole-v1", packages=("math",))
    assert registering(named_ones) == ("math",)
    assert registering(named("Meta-World/drawer-open-v3"))[:1] in ((), ("metaworld",))
