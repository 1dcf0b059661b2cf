"""Drafts of a metric are judged on episodes that nobody designed."""

from __future__ import annotations

import textwrap

import numpy as np
import pytest

from autoreward.critic.metric_drafts import (
    DraftScores,
    cluster_drafts,
    compile_drafts,
    draft_distances,
    judge_drafts,
    order_of,
)
from autoreward.environment.environment import Environment
from autoreward.environment.random_rollout import open_environment
from autoreward.environment.undirected import UndirectedEpisodes, undirected_episodes
from autoreward.records import Finding, MetricDraft, MetricProposal
from autoreward.reward.sandbox.sandbox import Sandbox


@pytest.fixture(scope="module")
def pendulum() -> Environment:
    return open_environment("inverted_pendulum")


@pytest.fixture(scope="module")
def episodes(pendulum: Environment) -> UndirectedEpisodes:
    return undirected_episodes(pendulum.pack)


def draft(name: str, success: str, reference: float | None = None, progress: str = "alive") -> MetricDraft:
    """A draft whose success is an expression over `alive` (share of the horizon) and `angle` (mean tilt, masked)."""
    source = textwrap.dedent(
        f"""
        def success(trajectory, params):
            valid = trajectory.valid > 0
            alive = jnp.mean(trajectory.valid, axis=0)
            angle = jnp.mean(jnp.where(valid, jnp.abs(trajectory.pole_angle), 0.0), axis=0)
            return {{"success": {success}, "progress": {progress}}}
        """
    ).lstrip()
    return MetricDraft(id=name, sentence=f"{name}.", reference=reference, source=source)


def judged(
    drafts: list[MetricDraft], pendulum: Environment, episodes: UndirectedEpisodes, sandbox: Sandbox
) -> MetricProposal:
    compiled = compile_drafts(drafts, pendulum.spec, sandbox)
    return judge_drafts("Hold it up.", drafts, compiled, episodes, sandbox)


def test_drafts_that_order_alike_are_one_cluster_and_its_medoid_is_proposed(
    pendulum: Environment, episodes: UndirectedEpisodes, sandbox: Sandbox
) -> None:
    drafts = [
        draft("m01", "angle", progress="angle"),
        draft("m02", "alive", 0.9),
        draft("m03", "40.0 * alive", 36.0),
        draft("m04", "jnp.square(alive)", 0.8),
    ]
    proposal = judged(drafts, pendulum, episodes, sandbox)
    clusters = {one.draft.id: one.cluster for one in proposal.verdicts}
    assert clusters["m02"] == clusters["m03"] == clusters["m04"] == 0
    assert clusters["m01"] == 1
    assert proposal.chosen == "m02"
    assert proposal.draft == drafts[1]
    assert proposal.entropy == pytest.approx(-(0.75 * np.log(0.75) + 0.25 * np.log(0.25)))


@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        (draft("m01", "jnp.ones_like(alive)", 2.0, "jnp.ones_like(alive)"), "metric.constant"),
        (draft("m01", "alive", 1e-6), "metric.undirected"),  # any first step satisfies it
        (draft("m01", "1.0 - alive", 2.0), "metric.early_end"),  # the sooner it ends, the better
        (
            draft("m01", "jnp.where(alive < 0.0025, 1.0, 0.0)", 0.5),
            "metric.early_end",
        ),  # nobody, unless it ends at once
    ],
)
def test_what_measures_something_else_is_dropped(
    bad: MetricDraft, rule: str, pendulum: Environment, episodes: UndirectedEpisodes, sandbox: Sandbox
) -> None:
    proposal = judged([bad], pendulum, episodes, sandbox)
    (verdict,) = proposal.verdicts
    assert verdict.status == "dropped"
    assert rule in {reason.rule for reason in verdict.reasons}
    assert (proposal.chosen, proposal.draft, proposal.entropy) == (None, None, 0.0)


def test_a_draft_without_a_reference_is_judged_by_its_progress(
    pendulum: Environment, episodes: UndirectedEpisodes, sandbox: Sandbox
) -> None:
    easy = draft("m01", "alive", None, "jnp.where(alive > 0.0, 1.0, 0.0)")
    (verdict,) = judged([easy], pendulum, episodes, sandbox).verdicts
    assert [reason.rule for reason in verdict.reasons] == ["metric.undirected"] * 2  # at random, and without moving
    assert "progress at least 0.95" in verdict.reasons[0].message


def test_what_the_critic_refuses_is_refused_with_its_words(
    pendulum: Environment, episodes: UndirectedEpisodes, sandbox: Sandbox
) -> None:
    source = "def success(trajectory, params):\n    x = trajectory.pole_angle[-1]\n"
    source += "    return {'success': x, 'progress': x}\n"
    unmasked = MetricDraft(id="m01", sentence="Last.", source=source)
    empty = MetricDraft(id="m02", sentence="Nothing.")
    drafts = [unmasked, empty, draft("m03", "alive", 0.9)]
    nothing = Finding(rule="reply.no_program", severity="error", message="no program")
    compiled = compile_drafts([unmasked, drafts[2]], pendulum.spec, sandbox) | {"m02": nothing}
    assert isinstance(compiled["m01"], Finding)
    proposal = judge_drafts("Hold it up.", drafts, compiled, episodes, sandbox)
    assert [one.status for one in proposal.verdicts] == ["refused", "refused", "kept"]
    assert "after the end of an episode" in proposal.verdicts[0].reasons[0].message
    assert "no program" in proposal.verdicts[1].reasons[0].message
    assert proposal.chosen == "m03"


def test_places_go_by_success_then_progress_and_ties_share_one() -> None:
    success = np.array([1.0, 0.0, 0.0, 1.0, 0.0])
    progress = np.array([0.1, 0.5, 0.2, 0.1 + 1e-9, 0.5])
    scores = DraftScores(success, progress, success, progress, success)
    assert order_of(scores).tolist() == [2, 1, 0, 2, 1]


def test_distances_of_equal_opposite_and_silent_orders() -> None:
    places = np.arange(6)
    distances = draft_distances({"a": places, "b": places * 2, "c": places[::-1], "d": np.zeros(6)})
    assert distances[0, 1] == pytest.approx(0.0)
    assert distances[0, 2] == pytest.approx(2.0)
    assert distances[0, 3] == pytest.approx(1.0)  # one that orders nothing agrees with nobody
    assert (distances == distances.T).all() and (np.diag(distances) == 0.0).all()


def test_in_a_cluster_every_two_agree() -> None:
    """A chain of neighbours is no cluster: its ends do not mean the same."""
    chain = np.array([[0.0, 0.08, 0.16], [0.08, 0.0, 0.08], [0.16, 0.08, 0.0]])
    assert sorted(cluster_drafts(chain)) == [0, 0, 1]
    assert cluster_drafts(np.array([[0.0, 0.2], [0.2, 0.0]])) == [0, 1]
    assert cluster_drafts(np.zeros((2, 2))) == [0, 0]
    assert (cluster_drafts(np.zeros((1, 1))), cluster_drafts(np.zeros((0, 0)))) == ([0], [])
