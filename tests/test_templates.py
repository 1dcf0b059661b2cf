"""The one loader of templates."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import UndefinedError

from autoreward import templates


def test_prompts_of_a_checkout() -> None:
    assert templates.prompts_directory() == Path(templates.__file__).parent.parent / "prompts"


def test_the_package_comes_before_its_neighbours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "autoreward"
    for folder in (package / "prompts", package.parent / "prompts"):
        folder.mkdir(parents=True)
    monkeypatch.setattr(templates, "_PACKAGE", package)
    assert templates.prompts_directory() == package / "prompts"


def test_an_incomplete_installation_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "_PACKAGE", tmp_path / "autoreward")
    with pytest.raises(FileNotFoundError, match="incomplete"):
        templates.prompts_directory()


def test_a_forgotten_value_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "hello.j2").write_text("{% if true %}\n  Hello {{ name }} & co.\n{% endif %}\n")
    monkeypatch.setattr(templates, "_PACKAGE", tmp_path)
    hello = templates.template_environment().get_template("hello.j2")
    assert hello.render(name="<you>") == "  Hello <you> & co.\n"
    with pytest.raises(UndefinedError, match="name"):
        hello.render()
