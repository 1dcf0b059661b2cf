"""What `compare` is asked about: wrong questions are sentences before anything is compiled."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.config import Settings
from autoreward.errors import NoValidCandidateError, UnknownNameError, UsageError
from autoreward.records import CompiledReward, MetricSpec, TaskSpec
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.workflows.contestants import Question, _FromRun, _own_metric, gather

PROGRAM = """WEIGHTS = {"up": 1.0}


def reward_terms(state, action, next_state, params):
    return {"up": next_state.pole_up[..., 2]}
"""


@pytest.fixture
def mine(tmp_path: Path) -> str:
    (tmp_path / "mine.py").write_text(PROGRAM)
    return str(tmp_path / "mine.py")


def test_a_file_and_the_reward_of_an_expert(mine: str, sandbox: Sandbox) -> None:
    gathered = gather(Question((mine, "human"), "inverted_pendulum/balance"), Settings(), sandbox)
    environment, task, contestants = gathered.environment, gathered.task, gathered.contestants
    assert gathered.metric is None  # that of the task
    assert (environment.spec.name, task) == ("inverted_pendulum", "balance")
    assert [(one.name, one.origin) for one in contestants] == [(mine, "file"), ("human", "human")]
    assert contestants[0].compiled.term_names == ("up",) and contestants[0].stored == ()


@pytest.mark.parametrize(
    ("names", "env", "words"),
    [
        (("human",), "inverted_pendulum", "nothing to compare with human"),
        ((), "inverted_pendulum", "nothing to compare with nothing"),
        (("human", "human"), "inverted_pendulum", "human: named twice"),
        (("MINE", "human"), None, "Files name no environment"),
    ],
)
def test_wrong_questions(names: tuple[str, ...], env: str | None, words: str, mine: str, sandbox: Sandbox) -> None:
    given = tuple(mine if name == "MINE" else name for name in names)
    with pytest.raises(UsageError, match=words):
        gather(Question(given, env), Settings(), sandbox)


def test_a_run_that_is_not_there(mine: str, sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError):
        gather(Question((mine, "ab12:g00c00")), Settings(runs=str(tmp_path)), sandbox)


def test_a_misspelt_human_is_told(mine: str, sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError) as caught:
        gather(Question((mine, "hooman"), "inverted_pendulum"), Settings(runs=str(tmp_path)), sandbox)
    assert "Did you mean 'human'?" in caught.value.remedy


def test_a_refused_reward_is_named_with_the_reason(mine: str, sandbox: Sandbox) -> None:
    Path(mine).write_text(PROGRAM.replace("pole_up", "pole_upp"))
    with pytest.raises(NoValidCandidateError, match=r"refused by the critic[^$]*pole_upp") as error:
        gather(Question((mine, "human"), "inverted_pendulum/balance"), Settings(), sandbox)
    assert "autoreward check" in str(error.value.remedy)


def run_with(metric: MetricSpec | None) -> _FromRun:
    task = TaskSpec(env="inverted_pendulum", name=None, text="Balance.", metric=metric)
    reward = CompiledReward(weights={"a": 1.0}, inputs=(), program=b"", digest="d")
    return _FromRun("ab12:g00c00", task, "inverted_pendulum", reward, ())


OWN = MetricSpec(origin="expression", code="def success(): ...", meaning="own")
OTHER = OWN.model_copy(update={"code": "def success(): pass"})


@pytest.mark.parametrize(
    ("metrics", "asked", "found"),
    [
        ((OWN, OWN), {}, OWN),
        ((OWN, OTHER), {}, None),  # which of the two?
        ((OWN, None), {}, None),
        ((OWN.model_copy(update={"origin": "task"}),), {}, None),  # the task has it
        ((OWN,), {"metric": "last(time)"}, None),  # a person asks for another one
        ((OWN,), {"task": "balance"}, None),
        ((), {}, None),
    ],
)
def test_rewards_of_runs_are_compared_by_the_metric_that_they_were_measured_by(
    metrics: tuple[MetricSpec | None, ...], asked: dict[str, str], found: MetricSpec | None
) -> None:
    question = Question(("a", "b"), **asked)  # type: ignore[arg-type]
    assert _own_metric(question, [run_with(metric) for metric in metrics]) == found
