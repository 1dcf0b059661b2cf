"""What came with somebody else's run or task file is used only after a person has confirmed it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from autoreward import process_environment
from autoreward.cli import main as program
from autoreward.cli.main import main
from autoreward.config import ModelSettings, Settings
from autoreward.environment.pack import packs_directory
from autoreward.errors import UntrustedError, UsageError
from autoreward.ledger import Run
from autoreward.ledger.trust import KNOWN_NAME, is_outside, remember, remember_own, require_trusted, trusted_pack
from autoreward.records import TaskSpec
from tests.loopback import LoopbackServer, program_for

SERVER = "https://models.stranger.example/v1"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A pack that leaves a mark where it is imported."""
    folder = tmp_path / "their_pack"
    (folder / "tasks").mkdir(parents=True)
    (folder / "pack.py").write_text(f"open({str(tmp_path / 'imported')!r}, 'w').close()\n")
    return folder


@pytest.fixture
def foreign(tmp_path: Path, task: TaskSpec, pack: Path) -> Path:
    """A run of somebody else: a pack and a server of theirs."""
    theirs = task.model_copy(update={"env_path": str(pack)})
    settings = Settings(llm=ModelSettings(model="openai/gpt-5", base_url=SERVER), runs=str(tmp_path / "runs"))
    with Run.create(tmp_path / "runs", theirs, settings, {}) as run:
        return run.path


def test_names_of_the_installation_and_usual_servers_need_nothing() -> None:
    require_trusted("run", pack="hopper", server="http://127.0.0.1:11434/v1/")
    require_trusted("run")
    assert [is_outside(name) for name in ("hopper", "./a", "~/a", "a/b", "/a", ".")] == [
        False,
        True,
        True,
        True,
        True,
        True,
    ]


def test_what_is_new_is_refused_until_it_is_remembered(pack: Path) -> None:
    with pytest.raises(UntrustedError, match=r"their_pack.* and the model server https://models") as caught:
        require_trusted("run k3f9", pack=str(pack), server=SERVER)
    assert caught.value.exit_code == 2
    assert "--trust" in caught.value.remedy
    remember(caught.value.digests)
    require_trusted("run", pack=str(pack), server=SERVER)
    known = process_environment.config_directory() / KNOWN_NAME
    assert len(known.read_text().split()) == 2
    assert SERVER not in known.read_text()
    (pack / "more.py").write_text("")  # another program than the one that was confirmed
    with pytest.raises(UntrustedError, match="their_pack"):
        require_trusted("run", pack=str(pack), server=SERVER)


@pytest.mark.parametrize(
    "name", ["terms.py", "tasks/run/metric.py", "__pycache__/pack.cpython-311.pyc", "fast.abi3.so"]
)
def test_whatever_python_can_import_of_a_pack_is_asked_about_again(pack: Path, name: str) -> None:
    with pytest.raises(UntrustedError) as caught:
        require_trusted("run", pack=str(pack))
    remember(caught.value.digests)
    (pack / "mesh.stl").write_bytes(b"a mesh is data")
    require_trusted("run", pack=str(pack))
    (pack / name).parent.mkdir(parents=True, exist_ok=True)
    (pack / name).write_bytes(b"")
    with pytest.raises(UntrustedError):
        require_trusted("run", pack=str(pack))


def test_a_folder_that_is_linked_into_a_pack_is_refused(pack: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (pack / "helpers").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="helpers is a link to a folder"):
        require_trusted("run", pack=str(pack))
    remember_own(pack=str(pack))  # of one's own it may be
    require_trusted("run", pack=str(pack))


def test_a_pack_of_ones_own_may_change(pack: Path) -> None:
    remember_own(pack=str(pack), server=SERVER)
    (pack / "pack.py").write_text("# better\n")
    require_trusted("run", pack=str(pack), server=SERVER)


def test_a_configuration_that_cannot_be_written_stops_nothing(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a_file").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "a_file"))
    remember_own(pack=str(pack))
    with pytest.raises(UntrustedError):
        require_trusted("run", pack=str(pack))


@pytest.mark.parametrize(
    "arguments",
    [
        ("resume", "RUN"),
        ("refine", "RUN", "faster"),
        ("resume", "RUN", "--yes"),
        ("compare", "RUN", "RUN"),
    ],
)
def test_no_command_uses_what_a_run_brought(
    arguments: tuple[str, ...], foreign: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    code = main([str(foreign) if one == "RUN" else one for one in arguments])
    said = capsys.readouterr().err
    assert code != 0
    assert not (tmp_path / "imported").exists()
    if arguments[0] != "compare":  # which finds nothing to compare in it
        assert (code, "their_pack" in said, "--trust" in said) == (2, True, True)
    with Run.open(foreign, write=False) as run:
        assert run.notes() == []


def test_a_run_is_asked_about_its_server_alone(
    tmp_path: Path, task: TaskSpec, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(llm=ModelSettings(model="openai/gpt-5", base_url=SERVER))
    with Run.create(tmp_path / "runs", task, settings, {}) as run:
        path = run.path
    assert main(["resume", str(path), "--no-input"]) == 2
    assert SERVER in capsys.readouterr().err


@pytest.mark.parametrize(("answer", "asked"), [(True, 1), (False, 1)])
def test_a_person_at_a_terminal_is_asked_once(
    answer: bool, asked: int, pack: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    questions: list[str] = []
    uses: list[str] = []

    def use(*_: object, **__: object) -> list[object]:
        require_trusted("Run k3f9", pack=str(pack))
        uses.append("used")
        return []

    def confirm(question: str, **_: object) -> bool:
        questions.append(question)
        return answer

    for stream in (program.sys.stdin, program.sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setattr(program.typer, "confirm", confirm)
    monkeypatch.setattr("autoreward.api.list_runs", use)
    codes = [main(["list"]) for _ in range(2)]
    assert (codes, len(questions)) == (([0, 0], 1) if answer else ([2, 2], 2))
    assert len(uses) == (2 if answer else 0)
    assert "their_pack" in capsys.readouterr().err


def test_trust_is_an_answer_without_a_terminal(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autoreward.api.list_runs", lambda *_: require_trusted("run", pack=str(pack)) or [])
    assert main(["list"]) == 2
    assert main(["list", "--trust"]) == 0
    assert main(["list"]) == 0


def test_a_task_file_of_somebody_else_gets_neither_the_key_nor_its_pack(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    monkeypatch.chdir(tmp_path)
    with LoopbackServer(default=program_for) as server:
        for content in (
            {"env": str(pack), "text": "go"},
            {"env": "inverted_pendulum", "task": "balance", "settings": {"base_url": server.url, "model": "openai/x"}},
        ):
            Path("task.yaml").write_text(yaml.safe_dump(content))
            for extra in ([], ["--dry-run"], ["--yes"]):
                assert main(["design", "task.yaml", *extra]) == 2
                assert "you have not used it before" in capsys.readouterr().err
        assert server.requests == []
    assert not (tmp_path / "imported").exists()


@pytest.mark.thorough
def test_a_run_of_ones_own_is_known(task: TaskSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "my_pack"
    shutil.copytree(packs_directory() / "inverted_pendulum", own)
    monkeypatch.chdir(tmp_path)
    small = ["--candidates", "1", "--generations", "1", "--seeds", "1", "-n", "512", "--set", "final_seeds=1"]
    code = main(
        ["design", "--env", "./my_pack/balance", "--model", "compose", *small, "--set", "clips=false", "--json"]
    )
    assert code == 0
    (path,) = (tmp_path / "runs").iterdir()
    with Run.open(path, write=False) as run:
        assert trusted_pack(run) == str(own.resolve())


def test_what_is_no_pack_is_said_before_anything_is_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge"
    huge.mkdir()
    with (huge / "pack.py").open("wb") as file:
        file.truncate(3 << 30)  # takes no room on the disk
    many = tmp_path / "many"
    many.mkdir()
    for index in range(201):
        (many / f"m{index}.py").touch()
    (many / "pack.py").touch()
    for pack, message in (
        ("/", "has no pack.py"),
        ("/proc", "has no pack.py"),
        (str(huge), "bytes; at most"),
        (str(many), "over 200"),
    ):
        with pytest.raises(UsageError, match=message):
            require_trusted("Run x", pack=pack)
