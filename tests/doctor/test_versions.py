"""Packages that are known not to work together."""

from __future__ import annotations

import pytest

from autoreward.doctor import versions


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"mujoco": "3.12.0", "mjbatch": "0.1.0"}, "mujoco 3.12.0 with mjbatch 0.1.0"),
        ({"litellm": "1.82.7"}, "compromised"),
        ({"litellm": "1.82.8"}, "compromised"),
        ({"jax": "0.10.2", "jaxlib": "0.10.1"}, "jaxlib 0.10.1"),
        ({"pygame": "2.6.1", "pygame-ce": "2.5.8"}, "pygame 2.6.1 and pygame-ce 2.5.8 are both installed"),
    ],
)
def test_known_conflicts(found: dict[str, str], words: str) -> None:
    ((conflict, fix),) = versions.conflicts(found)
    assert words in conflict
    assert "pip install" in fix


def test_versions_that_work_together_are_no_conflict() -> None:
    found = {"mujoco": "3.11.0", "mjbatch": "0.1.0", "litellm": "1.106.2", "jax": "0.10.2", "jaxlib": "0.10.2"}
    assert list(versions.conflicts(found)) == []


def test_a_half_upgraded_mujoco_is_named() -> None:
    ((found, fix),) = versions.half_upgraded("4.0.0", ["3.11.0", "4.0.0"])
    assert found == "mujoco 4.0.0 lies over the files of 3.11.0: it was upgraded half"
    assert "pip install mujoco==" in fix
    ((found, _),) = versions.half_upgraded("4.0.0", ["3.11.0"])
    assert "3.11.0" in found
    assert list(versions.half_upgraded("3.11.0", ["3.11.0"])) == list(versions.half_upgraded("3.11.0", [])) == []


def test_the_library_here_is_that_of_its_package() -> None:
    assert versions.mujoco_libraries() in ((), (versions.PAIR[0],))
