"""Every check of the doctor on this machine, and on machines that have something wrong."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from autoreward.config import ModelSettings, Settings
from autoreward.doctor import checklist, examine, machine, models, rendering, versions


def test_every_line_of_this_machine_has_a_status_and_a_cure(tmp_path: Path) -> None:
    lines = examine(Settings(runs=str(tmp_path / "runs")))
    expected = {"python", "packages", "model", "rendering egl", "video", "gpu", "memory", "isolation", "runs"}
    expected |= {"gpu physics", "compilation cache"}
    assert expected <= {line.check for line in lines}
    assert all(line.fix for line in lines if line.status != "ok")
    assert not (tmp_path / "runs").exists()


def test_a_file_of_the_working_folder_takes_the_place_of_no_module(folder_of_shadows: Path) -> None:
    (gpu,) = machine.check_gpu()
    frames = list(rendering.check_backends())
    assert "cannot be imported" not in gpu.detail
    assert len(frames) == len(rendering.BACKENDS)
    assert not list(folder_of_shadows.glob("imported_*"))


def test_a_key_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    lines = list(models.check_model(ModelSettings()))
    assert [line.status for line in lines] == ["ok"]
    assert "secret" not in "".join(line.model_dump_json() for line in lines)


def test_no_key_is_a_warning_with_the_way_to_an_llm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    (line,) = models.check_model(ModelSettings())
    assert line.status == "warning"
    assert "OPENAI_API_KEY" in line.fix


@pytest.mark.parametrize(("model", "status"), [("openai/gpt-4o", "ok"), ("openai/no-such-model", "warning")])
def test_the_price_is_known_or_a_token_limit_is_named(model: str, status: str) -> None:
    line = list(models.check_model(ModelSettings(model=model)))[-1]
    assert (line.check, line.status) == ("price", status)


def test_a_local_server_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setattr(models, "LOCAL_SERVERS", {"Ollama": server.getsockname()[1]})
        (line,) = models.check_local_servers()
    assert line.detail.startswith("Ollama at port")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"mujoco": "3.12.0", "mjbatch": "0.1.0"}, "mujoco 3.12.0 with mjbatch 0.1.0"),
        ({"litellm": "1.82.7"}, "compromised"),
        ({"litellm": "1.82.8"}, "compromised"),
        ({"jax": "0.10.2", "jaxlib": "0.10.1"}, "jaxlib 0.10.1"),
    ],
)
def test_known_conflicts(found: dict[str, str], words: str) -> None:
    ((conflict, fix),) = versions.conflicts(found)
    assert words in conflict
    assert "pip install" in fix


def test_versions_that_work_together_are_no_conflict() -> None:
    found = {"mujoco": "3.11.0", "mjbatch": "0.1.0", "litellm": "1.106.2", "jax": "0.10.2", "jaxlib": "0.10.2"}
    assert list(versions.conflicts(found)) == []


def test_a_backend_that_does_not_exist_is_told_not_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "BACKENDS", {"no-such-backend": "Choose another one."})
    (line,) = rendering.check_backends()
    assert line.status == "warning"
    assert "no-such-backend" in line.detail
    assert line.fix == "Choose another one."


def test_a_run_folder_that_cannot_be_written_is_a_failure(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    (line,) = machine.check_runs(str(blocked))
    assert line.status == "failure"
    assert "--set runs=DIR" in line.fix


def test_a_check_that_breaks_is_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("no such register")

    (line,) = checklist._guarded("gpu", broken)  # type: ignore[arg-type]
    assert (line.check, line.status) == ("gpu", "failure")
    assert "no such register" in line.detail
