"""What stands around the program of an exported file is ours, or it is told."""

from __future__ import annotations

import ast
import builtins

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.export.frame import Field, Frame, frame_findings, parts, program_in, written
from autoreward.export.reward_file import RESERVED

FRAME = Frame("Run.", 0.99, (Field("torso_velocity", (3,), "[m/s] how fast"), Field("time", ())), 6, True, True)
PROGRAM = '''"""Run.

# --- How it is applied: float32, as in training -----
"""
WEIGHTS = {"a": 1.0}
PARAMS = {"scale": 1.0}


def reward_terms(state, action, next_state, params):
    return {"a": next_state.torso_velocity[..., 0]}


def potential(state, params):
    return 0.0 * state.time
'''
TEXT = written(FRAME, PROGRAM)


def test_a_written_file_is_ours_and_gives_its_program_back() -> None:
    assert frame_findings(TEXT) == []
    assert program_in(TEXT) == PROGRAM
    assert program_in(PROGRAM) == PROGRAM and frame_findings(PROGRAM) == []


@given(
    st.builds(
        Frame,
        task=st.text(),
        gamma=st.floats(0.0, 1.0),
        fields=st.lists(st.builds(Field, st.text(min_size=1), st.lists(st.integers(0, 9)).map(tuple)), max_size=3,
                        unique_by=lambda field: field.name).map(tuple),
        action_size=st.integers(1, 999_999),
        has_potential=st.booleans(),
        has_params=st.booleans(),
        arrays_first=st.booleans(),
    ),
    st.sampled_from([PROGRAM, "A = 1", ""]),
)  # fmt: skip
def test_every_frame_is_recognised(frame: Frame, program: str) -> None:
    text = written(frame, program)
    assert frame_findings(text) == []
    assert program_in(text).strip() == program.strip()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("import numpy\n", "import numpy\nimport os; os.system('true')\n"),
        ("jnp = np = Members", "jnp = __import__('os')"),
        ("GAMMA = 0.99", "GAMMA = 0.99; open('x', 'w')"),
        ("TASK = 'Run.'", "TASK = print('Run.')"),
        ("'torso_velocity': (3,)", "'torso_velocity': (print(3),)"),
        ("size != size", "size != size or print()"),
        ("float(value[0])", "float(value[0] + 1)"),
        ("def reward(state", "@print\ndef reward(state"),
        ("terminated=False", "terminated=print()"),
        ("!= (self._size, 6)", "!= (self._size, print())"),
        ('"""A reward function', 'print("""A reward function'),
        ('"""A reward function', '# -*- coding: utf-7 -*-\n"""A reward function'),
        ('"""A reward function', '# \u202e\n"""A reward function'),
        ("        self._side = side\n", ""),
        ("    def __getattr__", "    x = print()\n\n    def __getattr__"),
    ],
)
def test_code_outside_the_program_is_found(old: str, new: str) -> None:
    assert TEXT.count(old) >= 1
    found = frame_findings(TEXT.replace(old, new))
    assert found and found[-1].rule == "export.frame"
    assert all(finding.severity == "error" and finding.remedy for finding in found)


def test_code_at_both_ends_is_found_with_its_line() -> None:
    before, behind = frame_findings("import os\n" + TEXT), frame_findings(TEXT + "import os\n")
    assert before[0].line == 1 and before[0].message.startswith("`import os` stands outside the program")
    assert behind[0].line == TEXT.count("\n") + 1


def test_code_before_the_last_line_of_its_kind_counts_as_program() -> None:
    found = parts(TEXT)
    assert found is not None
    doubled = found.before + "import os\n" + found.before + found.program + found.behind
    assert "import os" in program_in(doubled)


def test_every_name_of_the_frame_is_reserved() -> None:
    """A program that defines one of them would change what the file computes."""
    tree = ast.parse(written(FRAME, ""))
    inner = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)} | set(dir(builtins))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    inner |= {one.name for node in functions for one in node.body if isinstance(one, ast.FunctionDef)}
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    loaded = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assigned = [node for one in tree.body if isinstance(one, ast.Assign) for node in one.targets]
    constants = {node.id for node in assigned if isinstance(node, ast.Name)}
    of_program = {"WEIGHTS", "PARAMS", "reward_terms", "potential"}
    of_language = {"np", "jnp", "math"}
    assert (loaded - inner - (stored - constants)) | defined | constants <= RESERVED | of_program | of_language
