"""The two renderings of one analysis."""

from __future__ import annotations

import pytest

from autoreward.analyzer import render_analysis
from autoreward.number_format import number, short, with_interval
from autoreward.records import (
    Analysis,
    CurvePoint,
    Difference,
    Finding,
    Fitness,
    Moment,
    ParentComparison,
    SeedOutcome,
    Symptom,
    TermChange,
    TermIncome,
    TermReport,
    TrajectoryTable,
)

STOPPED = "Stopped after 100 of 300 steps."
ANALYSIS = Analysis(
    candidate="g01c02",
    fitness=Fitness(mean=1.5, low=1.25, high=1.75, seeds=3, episodes=30),
    progress=Fitness(mean=0.3, low=0.2, high=0.4, seeds=3, episodes=30),
    curve=(
        CurvePoint(env_steps=10_000, success=None, progress=None, own_return=None, length=None),
        CurvePoint(env_steps=20_000, success=0.5, progress=0.1, own_return=12345.6, length=1000),
    ),
    terms=(
        TermReport(
            name="forward", weight=1.0, share=0.75, low=-1.5, high=2.5, start=0.0, end=1.25, correlation=0.987
        ),
        TermReport(name="alive", weight=0.1, share=0.25, low=1.0, high=1.0, start=1.0, end=1.0, correlation=None),
    ),
    total_correlation=0.9,
    episode_length=1000.0,
    symptoms=(Symptom(name="flat_term", evidence="term 'alive' is always 1."),),
    trajectories=(
        TrajectoryTable(
            label="best: success 2, 1000 steps", columns=("time [s]", "x [m]"), rows=((0.05, 0.0), (50.0, 80.0))
        ),
    ),
    findings=(
        Finding(rule="training.nan", severity="error", message="seed 2: the reward is NaN.", remedy="Avoid 0/0."),
    ),
)  # fmt: skip

FOR_PROMPT = """\
Success 1.5, progress 0.3; higher is better. Means over 3 seeds, 30 evaluation episodes.
Mean length of an evaluation episode: 1000 steps. Correlation over training episodes of own return with success: 0.9.
Failed: seed 2: the reward is NaN. Avoid 0/0.

While it trained (sampled actions, means over seeds):
environment steps | 20000
success | 0.5
progress | 0.1
own episodic return | 12346

Terms (range: before weighting; income: weight times value; share: of the absolute income, second half of training):
term | weight | share of income | income a step while training | range | correlation with success
forward | 1 | 75% | 0, 1.2 | -1.5 to 2.5 | +0.99
alive | 0.1 | 25% | 0.1, 0.1 | 1 to 1 | -

Symptoms:
- flat_term: term 'alive' is always 1.

Evaluation episode, best: success 2, 1000 steps:
time [s] | x [m]
0.05 | 0
50 | 80
"""


def test_for_the_prompt() -> None:
    assert render_analysis(ANALYSIS, for_prompt=True) == FOR_PROMPT


def test_each_seed_has_its_own_number_with_unit_and_reference() -> None:
    seeds = (
        SeedOutcome(seed=0, success=1.0, progress=0.2, length=1000.0, shortest=1000.0, longest=1000.0),
        SeedOutcome(seed=1, success=2.0, progress=0.4, length=30.0, shortest=12.0, longest=40.0),
    )
    several = ANALYSIS.model_copy(update={"by_seed": seeds, "progress_correlation": 0.75})
    text = render_analysis(several, for_prompt=True, unit="m", reference=14.0)
    assert text.startswith(
        "Success 1.5 m (good: 14 m), progress 0.3; higher is better. By seed: success 1, 2; progress 0.2, 0.4 "
        "(30 evaluation episodes in all).\n"
    )
    assert "1000 steps (seed 0: all 1000 steps; seed 1: 12 to 40 steps). Correlation" in text
    assert "of own return with success: 0.9." in text
    never = several.model_copy(update={"total_correlation": None})
    assert "of own return with progress (success never changes): 0.75." in render_analysis(never, for_prompt=True)
    assert "Success    1.5 [1.25, 1.75] m (good: 14 m)\n" in render_analysis(several, False, "m", 14.0)


def test_for_a_person_says_the_same_in_aligned_columns() -> None:
    text = render_analysis(ANALYSIS, for_prompt=False)
    lines = text.splitlines()
    assert "Success    1.5 [1.25, 1.75]" in lines
    assert "Symptoms   flat term: term 'alive' is always 1." in lines
    forward = next(line for line in lines if line.startswith("  forward"))
    alive = next(line for line in lines if line.startswith("  alive"))
    assert forward.index("75%") == alive.index("25%")
    assert "  time [s]  0.05  50\n  x [m]        0  80\n" in text  # a column a moment
    for words in ("12346", "seed 2: the reward is NaN.", "best: success 2, 1000 steps"):
        assert words in text


def _full() -> Analysis:
    """The same with all that a later generation has."""
    speed, alive = ANALYSIS.terms
    table = TrajectoryTable(
        label="best: success 2, 1000 steps",
        columns=("time [s]", "x [m]", "pays forward", "pays alive"),
        rows=((0.05, 0.0, 1.0, 0.1), (50.0, 80.0, 2.0, 0.1)),
        moments=(
            Moment(name="first_contact", time=0.3, start=0.3, end=0.3, what="touch.left"),
            Moment(name="best_second", time=1.5, start=1.0, end=2.0, income=12.0, what="forward"),
            Moment(name="worst_second", time=8.5, start=8.0, end=9.0, income=-3.0, what="alive"),
            Moment(name="plateau", time=40.0, start=40.0, end=50.0),
            Moment(name="terminated", time=50.0, start=50.0, end=50.0),
        ),
        part_ends=tuple(5.0 * part for part in range(1, 11)),
        income=(
            TermIncome(name="forward", parts=tuple(float(part) for part in range(10))),
            TermIncome(name="alive", parts=(0.01,) * 10),
        ),
    )
    gain = Fitness(mean=0.5, low=0.25, high=0.75, seeds=3, episodes=30)
    comparison = ParentComparison(
        parent="g00c01",
        terms=(
            TermChange(
                name="forward", change="reweighted", parent_weight=0.5, weight=1.0, parent_income=0.4, income=1.2
            ),
            TermChange(name="alive", change="kept", parent_weight=0.1, weight=0.1, parent_income=0.01, income=0.01),
            TermChange(name="level", change="removed", parent_weight=0.2, weight=None, parent_income=0.1, income=None),
        ),
        params={"width": (0.2, 0.4), "gate": (None, 1.0), "old": (3.0, None)},
        potential="added",
        seeds=3,
        differences=(Difference(quantity="success", parent=1.0, own=1.5, difference=gain),),
    )
    terms = (
        speed.model_copy(update={"over_training": (None, *(0.1 * part for part in range(10)))}),
        alive.model_copy(update={"over_training": (0.1,) * 11}),
    )
    point = ANALYSIS.curve[1]
    curve = (ANALYSIS.curve[0], *(point.model_copy(update={"env_steps": 20_000 + 1_000 * i}) for i in range(10)))
    changes = {"comparison": comparison, "trajectories": (table,), "terms": terms, "curve": curve}
    return ANALYSIS.model_copy(update=changes)


def test_all_of_it_condensed_for_the_prompt() -> None:
    text = render_analysis(_full(), for_prompt=True)
    # five of the ten known values, rounded to even places: 0, 2, 4, 7, 9
    assert "forward | 1 | 75% | 0, 0.2, 0.4, 0.7, 0.9 | -1.5 to 2.5 | +0.99\n" in text
    assert text.endswith("""
Beside its parent g00c01, on 3 equal seeds:
 | parent | this one | difference
success | 1 | 1.5 | 0.5
term | change | weight | income a step
forward | reweighted | 0.5 -> 1 | 0.4 -> 1.2
level | removed | 0.2 | 0.1
Parameters: width 0.2 -> 0.4, gate 1 (new), old removed. Potential: added.

Evaluation episode, best: success 2, 1000 steps:
Moments: first contact at 0.3 s (touch.left); best second 1 to 2 s, pays 12 (highest: forward); \
worst second 8 to 9 s, pays -3 (lowest: alive); nothing changes any more from 40 s on; terminated at 50 s.
time [s] | x [m]
0.05 | 0
50 | 80
Income in equal parts of this episode: forward: 1, 5, 9, 13, 17; below 1 %: alive.
""")


def test_a_difference_to_the_parent_that_may_be_luck_is_called_so() -> None:
    comparison = _full().comparison
    assert comparison is not None
    (one,) = comparison.differences
    wide = one.difference.model_copy(update={"low": -0.25, "high": 1.25})
    unsure = comparison.model_copy(update={"differences": (one.model_copy(update={"difference": wide}),)})
    analysis = _full().model_copy(update={"comparison": unsure})
    assert "\nsuccess | 1 | 1.5 | 0.5 (within noise)\n" in render_analysis(analysis, for_prompt=True)
    assert "0.5 [-0.25, 1.25]" in render_analysis(analysis, for_prompt=False)


def test_all_of_it_for_a_person() -> None:
    text = render_analysis(_full(), for_prompt=False)
    for words in (
        "Beside its parent g00c01, on 3 equal seeds:\n",
        "Parameters: width 0.2 -> 0.4, gate 1 (new), old removed. Potential: added.\n",
        "  worst second 8 to 9 s, pays -3 (lowest: alive)\n",
        "  alive      0.01  0.01  0.01",
        "Income a step of each term (weight times value) over training:\n",
    ):
        assert words in text
    rows = [line.split() for line in text.splitlines()]
    assert ["alive", "kept", "0.1", "0.01"] in rows and ["pays", "alive", "0.1", "0.1"] in rows


def test_equal_analyses_are_written_alike() -> None:
    again = Analysis.model_validate_json(_full().model_dump_json())
    assert again == _full()
    assert render_analysis(again, for_prompt=True) == render_analysis(_full(), for_prompt=True)


@pytest.mark.parametrize("for_prompt", [True, False])
def test_a_candidate_that_never_trained(for_prompt: bool) -> None:
    empty = Analysis(
        candidate="g01c02", fitness=None, progress=None, curve=(), terms=(), total_correlation=None,
        episode_length=None, symptoms=(), trajectories=(), findings=ANALYSIS.findings,
    )  # fmt: skip
    text = render_analysis(empty, for_prompt)
    assert text.startswith("No policy finished training.\nFailed")
    assert len(text.splitlines()) == 2


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (0.0, "0"), (-0.0, "0"), (1.23456, "1.23"), (-0.000123, "-0.000123"), (999.6, "1000"),
     (1000.4, "1000"), (-123456.0, "-123456"), (1e12, "1e+12"), (float("nan"), "nan"), (float("inf"), "inf")],
)  # fmt: skip
def test_numbers(value: float | None, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e-14, "0"), (-3e-10, "0"), (0.01234, "0.012"), (-1.26, "-1.3"), (99.4, "99"), (99.6, "100"), (226.4, "226")],
)
def test_numbers_of_an_episode_have_two_digits(value: float, text: str) -> None:
    assert short(value) == text


def test_intervals() -> None:
    assert with_interval(None) == "-"
    assert with_interval(Fitness(mean=2.0, low=None, high=None, seeds=1, episodes=10)) == "2"


@pytest.mark.parametrize("for_prompt", [True, False])
def test_it_says_when_and_why_training_was_stopped(for_prompt: bool) -> None:
    assert STOPPED not in render_analysis(ANALYSIS, for_prompt)
    told = render_analysis(ANALYSIS.model_copy(update={"stopped": STOPPED}), for_prompt)
    assert told.count(STOPPED) == 1
