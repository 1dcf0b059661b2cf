"""What is read of the environment: folders, keys that no text shows, and the little that a child gets of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autoreward import process_environment
from autoreward.errors import ConfigError


def test_directories_follow_the_convention() -> None:
    assert process_environment.cache_directory({"XDG_CACHE_HOME": "/c"}) == Path("/c/autoreward")
    assert process_environment.cache_directory({"HOME": "/h"}) == Path("/h/.cache/autoreward")
    assert process_environment.config_directory({"HOME": "/h"}) == Path("/h/.config/autoreward")


def test_a_child_sees_the_machine_and_no_key() -> None:
    environ = {"PATH": "/bin", "OPENAI_API_KEY": "secret", "HF_TOKEN": "secret", "JAX_PLATFORMS": "cpu", "LC_ALL": "C"}
    assert process_environment.worker_environment(environ, MUJOCO_GL="egl") == {
        "PATH": "/bin",
        "JAX_PLATFORMS": "cpu",
        "LC_ALL": "C",
        "MUJOCO_GL": "egl",
        "PYTHONSAFEPATH": "1",
    }


@pytest.mark.parametrize("path", ["", ":", "./", ".:"])
def test_an_empty_entry_of_the_import_path_brings_the_working_folder_into_no_child(path: str) -> None:
    assert "PYTHONPATH" not in process_environment.worker_environment({"PYTHONPATH": path})


def test_what_the_import_path_names_is_kept() -> None:
    kept = process_environment.worker_environment({"PYTHONPATH": f"/a:{os.curdir}:lib"})["PYTHONPATH"]
    assert kept.split(":") == ["/a", str(Path("lib").absolute())]


def test_a_key_is_not_in_the_text_of_the_model_environment() -> None:
    environment = process_environment.model_environment({"OPENAI_API_KEY": "secret", "OPENAI_BASE_URL": ""})
    assert environment.openai_api_key == "secret"
    assert environment.openai_base_url is None
    assert "secret" not in repr(environment)


@pytest.mark.parametrize("address", ["https://me:hidden@host/v1", "https://host/v1?key=hidden"])
def test_an_address_with_a_secret_in_it_is_refused_without_showing_it(address: str) -> None:
    with pytest.raises(ConfigError) as caught:
        process_environment.model_environment({"OPENAI_BASE_URL": address})
    assert "hidden" not in str(caught.value)
