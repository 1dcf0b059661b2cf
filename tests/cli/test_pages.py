"""`report` and `ui` as people and programs call them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import jsonschema

from autoreward.views import schemas
from tests.cli.conftest import Workplace


def test_a_report_is_written_and_named(workplace: Workplace, tmp_path: Path) -> None:
    view = json.loads(workplace("report", "last", "-o", str(tmp_path / "out"), "--json").out)
    jsonschema.validate(view, schemas()["report"])
    assert Path(view["file"]).is_file()
    assert workplace("report", "--single", str(tmp_path / "one.html")).out == f"{tmp_path / 'one.html'}\n"
    nowhere = workplace("report")
    assert nowhere.code == 2 and "-o DIR" in nowhere.err


def test_every_run_ends_with_a_report(workplace: Workplace) -> None:
    (page,) = workplace.folder.glob("runs/*/best/report.html")
    assert page.read_text().startswith("<!-- autoreward report --><!doctype html>")


def test_the_page_is_served_until_it_is_stopped(workplace: Workplace) -> None:
    command = [sys.executable, "-m", "autoreward", "ui", "last", "--port", "23000", "--no-open", "--json"]
    with subprocess.Popen(command, cwd=workplace.folder, stdout=subprocess.PIPE, env=os.environ, text=True) as served:
        assert served.stdout is not None
        view = json.loads(served.stdout.readline())
        jsonschema.validate(view, schemas()["ui"])
        page = httpx.get(view["address"], follow_redirects=True)
        assert page.status_code == 200 and "g00c00" in page.text
        served.send_signal(signal.SIGINT)
        assert served.wait() in (0, 130)


def test_a_port_that_is_none_is_refused(workplace: Workplace) -> None:
    assert workplace("ui", "--port", "70000").code == 2
