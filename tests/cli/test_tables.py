"""The final table and what stands below it."""

from __future__ import annotations

import pytest

from autoreward.cli.options import Globals
from autoreward.cli.output import Output
from autoreward.cli.tables import candidates, environment, outcome, spent
from autoreward.records import EnvSpec, FieldSpec, Finding, Fitness, MetricSpec, PairedDifference, TaskSpec
from autoreward.views import BaselinesView, BestView, CandidateReport, EnvReport, RunFiles, RunReport, SpentReport
from autoreward.views.next_commands import next_commands

FRESH = Fitness(mean=4.2, low=3.9, high=4.5, seeds=5, episodes=50)
RUN = RunReport(
    run="2026-11-20_half_cheetah-forward_k3f9",
    status="finished",
    task="Run forward.",
    env="half_cheetah",
    best=BestView(candidate="g01c02", file="runs/x/best/reward.py", fitness=FRESH, progress=None),
    baselines=BaselinesView(human=FRESH, random=Fitness(mean=-0.2, low=None, high=None, seeds=1, episodes=10)),
    candidates=(
        CandidateReport(id="g01c02", generation=1, parents=("g00c01",), status="trained", fitness=FRESH),
        CandidateReport(
            id="g01c03",
            generation=1,
            parents=(),
            status="refused",
            fitness=None,
            findings=(Finding(rule="static.field", severity="error", message="reads next_state.height"),),
        ),
    ),
    spent=SpentReport(calls=12, tokens=34_000, cost=0.84, env_steps=1_200_000, seconds=860),
    folder="runs/2026-11-20_half_cheetah-forward_k3f9",
    files=RunFiles(learning="runs/x/learning.png"),
    next=next_commands("runs/2026-11-20_half_cheetah-forward_k3f9", "g01c02"),
    selection=Fitness(mean=5.1, low=4.8, high=5.4, seeds=2, episodes=20),
    unit="m/s",
)


def printed(capsys: pytest.CaptureFixture[str], *parts: object) -> str:
    Output(Globals()).show(*parts)  # type: ignore[arg-type]
    return capsys.readouterr().out


def test_the_outcome_has_all_that_a_person_needs(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, *outcome(RUN))
    for words in (
        "4.2 [3.9, 4.5]",
        "5.1 [4.8, 5.4]",
        "as selected (biased upward)",
        "[m/s]",
        "runs/x/best/reward.py",
        "runs/x/learning.png",
        "12 calls · 34,000 tokens · $0.84 · 1,200,000 steps · 14:20",
        "autoreward show k3f9:g01c02",
        "autoreward refine k3f9",
        "autoreward export k3f9 -o",
    ):
        assert words in text
    rows = [line.split()[0] for line in text.splitlines() if line.strip()]
    assert {"human", "sparse", "random"} <= set(rows)


def test_an_outcome_without_a_best_says_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    waiting = {
        "best": None,
        "status": "waiting",
        "files": RunFiles(prompts=("m/g00.prompt.md", "m/g01.prompt.md"), replies=("m/g00.reply.md",)),
        "next": next_commands(RUN.folder, None, "waiting"),
    }
    text = printed(capsys, *outcome(RUN.model_copy(update=waiting)))
    assert "question     m/g01.prompt.md" in text and "g00.prompt" not in text
    assert "autoreward reply k3f9 -" in text and "autoreward resume k3f9" in text


def test_without_a_human_reward_the_best_is_judged_against_random(capsys: pytest.CaptureFixture[str]) -> None:
    over = PairedDifference(fitness=Fitness(mean=4.0, low=3.5, high=4.5, seeds=5, episodes=50), verdict="better")
    best = RUN.best.model_copy(update={"over_random": over})  # type: ignore[union-attr]
    text = printed(capsys, *outcome(RUN.model_copy(update={"best": best, "baselines": BaselinesView(random=FRESH)})))
    (row,) = (line for line in text.splitlines() if "best less random: better" in line)
    assert "4 [3.5, 4.5]" in row
    both = best.model_copy(update={"difference": over})
    assert "less random" not in printed(capsys, *outcome(RUN.model_copy(update={"best": both})))


def test_every_candidate_is_listed_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, candidates(RUN))
    assert "g01c03" in text
    assert "reads next_state.height" in text


def test_an_environment_is_shown_whole(capsys: pytest.CaptureFixture[str]) -> None:
    spec = EnvSpec(
        name="cart",
        title="a cart on a rail",
        description="It can be pushed.",
        fields=(
            FieldSpec(
                name="position", shape=(2,), unit="m", meaning="of the cart", components=("x", "y"), low=-1, high=2
            ),
            FieldSpec(name="time", unit="s", meaning="since reset", observable=False),
        ),
        directions={"forward": (0, -1, 0)},
        action_size=1,
        action_low=(-1.0,),
        action_high=(1.0,),
        action_meaning="push",
        observation_size=4,
        horizon=100,
        control_period=0.05,
        gamma=0.99,
        termination="never",
    )
    metric = MetricSpec(origin="task", code="", meaning="mean speed", unit="m/s", reference=3.0)
    view = EnvReport.of(spec, (TaskSpec(env="cart", name="go", text="Go forward.", metric=metric),), "softer floor")
    text = printed(capsys, *environment(view))
    for words in ("a cart on a rail", "horizon 100 steps", "(5 s)", "forward is (0, -1, 0)", "-1 .. 2", "(x, y)",
                  "the policy cannot see it", "action [1] in [-1, 1]: push", "Go forward.", "3 m/s",
                  "softer floor"):  # fmt: skip
        assert words in text


def test_progress_is_shown_where_nothing_succeeds(capsys: pytest.CaptureFixture[str]) -> None:
    zero = Fitness(mean=0.0, low=0.0, high=0.0, seeds=2, episodes=20)
    graded = Fitness(mean=0.25, low=0.2, high=0.3, seeds=2, episodes=20)
    best = BestView(candidate="g01c02", file="best/reward.py", fitness=zero, progress=graded)
    failing = RUN.candidates[0].model_copy(update={"fitness": zero, "progress": graded})
    run = RUN.model_copy(
        update={
            "best": best,
            "selection": zero,
            "baselines": BaselinesView(human=zero),
            "candidates": (failing, RUN.candidates[1]),
            "graded": {"best": graded, "human": graded.model_copy(update={"mean": 0.5, "low": 0.4, "high": 0.6})},
        }
    )
    final, table = printed(capsys, *outcome(run)), printed(capsys, candidates(run))
    assert "progress" in final and "0.25 [0.2, 0.3]" in final and "0.5 [0.4, 0.6]" in final
    assert "progress" in table and "0.25 [0.2, 0.3]" in table
    some = run.model_copy(update={"candidates": (failing, RUN.candidates[0]), "baselines": BaselinesView(human=FRESH)})
    assert "0.25 [0.2, 0.3]" in printed(capsys, *outcome(some))  # how far the best came, though others succeed
    assert "progress" not in printed(capsys, candidates(some))  # success tells them apart
    best_succeeds = some.model_copy(update={"best": best.model_copy(update={"fitness": FRESH})})
    assert "progress" not in printed(capsys, *outcome(best_succeeds))


def test_what_halving_saved_stands_beside_what_was_spent() -> None:
    view = SpentReport(env_steps=800, saved_steps=1_200)
    assert " 800 steps (1,200 saved by halving) " in spent(view)
    assert "saved" not in spent(SpentReport(env_steps=800))
