"""Judges drafts of a success metric on episodes that nobody designed, before any reward exists.

A draft that random or motionless episodes satisfy, that ending early satisfies, or that never varies measures something
else than what a person meant. Those that are left are compared by how they order the episodes (Kendall's tau): drafts
that order them alike mean the same, whatever their programs look like.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from autoreward.critic.metrics import check_metric
from autoreward.environment.undirected import UndirectedEpisodes
from autoreward.errors import UsageError
from autoreward.number_format import number, with_unit
from autoreward.process_environment import cores
from autoreward.records import (
    CompiledMetric,
    DraftVerdict,
    EnvSpec,
    Finding,
    MetricDraft,
    MetricProposal,
    ShownEpisode,
)
from autoreward.reward.sandbox.sandbox import Sandbox

SATISFIED = 0.05  # share of undirected episodes that may satisfy a metric
DONE = 0.95  # progress from which a draft without a reference counts as satisfied
ANYWAY = 0.5  # share of random or motionless episodes from which a part of a task is none
CUT = 0.5  # share of its length after which a cut episode ends
BETTER_CUT = 0.8  # share of episodes whose success may rise when they are cut
ALIKE = 0.9  # Kendall's tau from which two drafts mean the same
SIZE_DECIMALS = 5  # significant digits by which values count as different


@dataclass(frozen=True)
class DraftScores:
    """What a draft gives to N undirected episodes, and to the same when they end early or at once."""

    success: NDArray[Any]  # [N]
    progress: NDArray[Any]
    cut_success: NDArray[Any]
    cut_progress: NDArray[Any]
    start_success: NDArray[Any]  # where they end with their first step


def compile_drafts(
    drafts: Sequence[MetricDraft], env: EnvSpec, sandbox: Sandbox
) -> dict[str, CompiledMetric | Finding]:
    """Each draft as the trainer would run it, or why it cannot run, by its id; each of them has a program."""
    with ThreadPoolExecutor(cores()) as pool:
        compiled = pool.map(lambda draft: _compile(draft, env, sandbox), drafts)
        return {draft.id: one for draft, one in zip(drafts, compiled, strict=True)}


def judge_drafts(
    text: str,
    drafts: Sequence[MetricDraft],
    compiled: Mapping[str, CompiledMetric | Finding],
    episodes: UndirectedEpisodes,
    sandbox: Sandbox,
) -> MetricProposal:
    """The verdict on each draft, and the one that is proposed: the medoid of the largest cluster.

    Args:
        text: what the robot should do.
        compiled: of each draft, by id; see `compile_drafts`.
        episodes: of this environment, as long as its horizon.
    """
    verdicts: list[DraftVerdict] = []
    orders: dict[str, NDArray[Any]] = {}
    for draft in drafts:
        scores = _score(compiled[draft.id], episodes, sandbox)
        if isinstance(scores, Finding):
            verdicts.append(DraftVerdict(draft=draft, status="refused", reasons=(scores,)))
            continue
        reasons = tuple(_screen(draft, scores, episodes))
        order = order_of(scores)
        shown = () if reasons else _extremes(order, scores, episodes)
        status: Literal["kept", "dropped"] = "dropped" if reasons else "kept"
        verdicts.append(DraftVerdict(draft=draft, status=status, reasons=reasons, shown=shown))
        if not reasons:
            orders[draft.id] = order
    return propose(text, verdicts, draft_distances(orders))


def propose(text: str, verdicts: Sequence[DraftVerdict], distances: NDArray[Any]) -> MetricProposal:
    """The proposal for drafts that were judged: the medoid of the largest cluster of those that were kept.

    Args:
        distances: between every two kept drafts [M, M], in their order.
    """
    kept = [one.draft.id for one in verdicts if one.status == "kept"]
    clusters = dict(zip(kept, cluster_drafts(distances), strict=True))
    largest = [index for index, name in enumerate(kept) if clusters[name] == 0]
    inner = distances[np.ix_(largest, largest)].sum(axis=1)
    return MetricProposal(
        text=text,
        verdicts=tuple(one.model_copy(update={"cluster": clusters.get(one.draft.id)}) for one in verdicts),
        chosen=kept[largest[int(inner.argmin())]] if kept else None,
        entropy=entropy_of(list(clusters.values())),
        distances=tuple(map(tuple, distances.tolist())),
    )


def entropy_of(clusters: Sequence[int]) -> float:
    """Of the shares of the clusters of drafts [nat]."""
    shares = [clusters.count(cluster) / len(clusters) for cluster in set(clusters)]
    return -sum(share * math.log(share) for share in shares) + 0.0


def _compile(draft: MetricDraft, env: EnvSpec, sandbox: Sandbox) -> CompiledMetric | Finding:
    try:
        return check_metric(draft.source, env, env.horizon, sandbox)
    except UsageError as error:
        return _reason("metric.refused", error.message, error.remedy)


def _score(compiled: CompiledMetric | Finding, episodes: UndirectedEpisodes, sandbox: Sandbox) -> DraftScores | Finding:
    if isinstance(compiled, Finding):
        return compiled
    try:
        return score_draft(compiled, episodes, sandbox)
    except UsageError as error:
        return _reason("metric.refused", error.message, error.remedy)


def score_draft(compiled: CompiledMetric, episodes: UndirectedEpisodes, sandbox: Sandbox) -> DraftScores:
    """What a compiled draft gives to whole and to cut episodes, computed in the sandbox.

    Raises:
        UsageError: it does not run on them.
    """
    inputs = {name: episodes.fields[name] for name in compiled.inputs if name != "valid"}
    steps = np.arange(len(episodes.valid))[:, None]
    cut = episodes.valid * (steps < np.maximum(1, np.round(CUT * episodes.valid.sum(axis=0))))
    lengths = (episodes.valid, cut, episodes.valid * (steps == 0))
    probed = sandbox.probe(compiled.program, [{**inputs, "valid": valid.astype(np.float32)} for valid in lengths])
    if probed.failure is not None:
        raise UsageError(f"The metric does not run on whole episodes: {probed.failure.message}.")
    whole, early, start = probed.outputs
    return DraftScores(whole["success"], whole["progress"], early["success"], early["progress"], start["success"])


def screen_subtask(compiled: CompiledMetric, episodes: UndirectedEpisodes, sandbox: Sandbox) -> str:
    """Why a part of a task tells nothing; "" where it may.

    Raises:
        UsageError: it does not run on whole episodes.
    """
    done = score_draft(compiled, episodes, sandbox).success > 0.5
    for name, which in (("random", episodes.of("random")), ("motionless", episodes.of("motionless"))):
        share = float(done[which].mean())
        if share > ANYWAY:
            return f"{share:.0%} of {name} episodes do it, so it is no part of a task"
    return ""


def order_of(scores: DraftScores) -> NDArray[Any]:
    """The place [N] of each episode by success, then progress; equal values share a place."""
    return order_of_pairs(scores.success, scores.progress)


def order_of_pairs(success: NDArray[Any], progress: NDArray[Any]) -> NDArray[Any]:
    """The place [N] of each pair; equal ones, up to rounding, share a place."""
    pairs = np.stack([_rounded(success), _rounded(progress)], axis=1)
    _, places = np.unique(pairs, axis=0, return_inverse=True)
    return np.asarray(places).reshape(-1)


def _extremes(order: NDArray[Any], scores: DraftScores, episodes: UndirectedEpisodes) -> tuple[ShownEpisode, ...]:
    """The episodes that a draft puts first and last."""
    ends: tuple[tuple[Literal["best", "worst"], int], ...] = (
        ("best", int(order.argmax())),
        ("worst", int(order.argmin())),
    )
    return tuple(
        ShownEpisode(
            label=label,
            episode=episode,
            way=episodes.ways[episode],
            success=float(scores.success[episode]),
            progress=float(scores.progress[episode]),
        )
        for label, episode in ends
    )


def _rounded(values: NDArray[Any]) -> NDArray[Any]:
    size = float(np.abs(values).max(initial=0.0)) or 1.0
    return np.round(values / size, SIZE_DECIMALS)


def _screen(draft: MetricDraft, scores: DraftScores, episodes: UndirectedEpisodes) -> Iterator[Finding]:
    """Why a draft measures something else than a task."""
    if all(np.ptp(_rounded(values)) == 0 for values in (scores.success, scores.progress)):
        yield _reason(
            "metric.constant", f"success is {number(float(scores.success[0]))} in every episode that was tried"
        )
        return
    done = _satisfied(draft, scores.success, scores.progress)
    for name, which in (("random", episodes.of("random")), ("motionless", episodes.of("motionless"))):
        share = float(done[which].mean())
        if share > SATISFIED:
            yield _reason("metric.undirected", f"{share:.0%} of {name} episodes satisfy it ({_line(draft)})")
    early = _satisfied(draft, scores.cut_success, scores.cut_progress)
    if early.mean() > max(SATISFIED, done.mean()):
        message = (
            f"{early.mean():.0%} of episodes satisfy it once they end after {CUT:.0%} of their time ({_line(draft)})"
        )
        yield _reason("metric.early_end", message)
    # Who drifts the wrong way is worth more the sooner it ends; of a metric that can be used, who does not is not.
    rises = _rounded(scores.cut_success - scores.success) > 0
    worth_more = _rounded(scores.success - scores.start_success) > 0
    if rises.mean() > BETTER_CUT and not (worth_more & ~rises).any():
        message = f"ending early raises success in {rises.mean():.0%} of episodes, and none is worth more than ending "
        yield _reason("metric.early_end", f"{message}at once: it would pay for giving up")


def _satisfied(draft: MetricDraft, success: NDArray[Any], progress: NDArray[Any]) -> NDArray[Any]:
    return progress >= DONE if draft.reference is None else success >= draft.reference


def _line(draft: MetricDraft) -> str:
    if draft.reference is None:
        return f"progress at least {DONE:g}"
    return f"at least {with_unit(draft.reference, draft.unit)}"


def _reason(rule: str, message: str, remedy: str = "") -> Finding:
    return Finding(rule=rule, severity="error", message=message, remedy=remedy)


def cluster_drafts(distances: NDArray[Any]) -> list[int]:
    """The cluster of each of M drafts: in one cluster every two agree in order by tau >= 0.9; 0 is the largest.

    Args:
        distances: between every two drafts [M, M]; see `draft_distances`.
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    if len(distances) < 2:
        return [0] * len(distances)
    tree = linkage(squareform(distances, checks=False), "complete")
    labels = fcluster(tree, 1.0 - ALIKE, "distance").tolist()
    by_size = sorted(set(labels), key=lambda label: (-labels.count(label), labels.index(label)))
    return [by_size.index(label) for label in labels]


def draft_distances(orders: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    """1 - Kendall's tau between every two drafts [M, M]; two that order nothing agree, one of them does not."""
    from scipy.stats import kendalltau

    places = list(orders.values())
    distances = np.zeros((len(places), len(places)))
    for i, first in enumerate(places):
        for j in range(i):
            tau = float(kendalltau(first, places[j]).statistic)
            distances[i, j] = distances[j, i] = 1.0 - (tau if math.isfinite(tau) else 0.0)
    return distances
