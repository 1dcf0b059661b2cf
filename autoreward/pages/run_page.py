"""What the page of a run shows: the outcome, how it came about, every candidate, and what people said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from autoreward.ledger import Run
from autoreward.number_format import with_interval, with_unit
from autoreward.pages.charts import Chart, Lineage, line_chart, lineage
from autoreward.people.preferences import preferences
from autoreward.records import Fitness, Note, Preference
from autoreward.runs.report import run_report
from autoreward.search.budget import generation_usage
from autoreward.search.clips import clip_file
from autoreward.search.entry import Entry
from autoreward.search.leaderboard import Leaderboard, read_leaderboard
from autoreward.views import CandidateReport, RunReport

CURVES = 6  # candidates whose learning is drawn: the best ones


@dataclass(frozen=True)
class PolicyRow:
    """One row of the final table."""

    name: str
    success: str
    seeds: str
    strong: bool = False


@dataclass(frozen=True)
class CandidateRow:
    """One candidate in the table and on the wall."""

    report: CandidateReport
    success: str
    why: str  # why it was refused, failed or stopped
    moves: bool  # whether there is something to watch
    drawn: bool  # whether its clip is there already
    best: bool


@dataclass(frozen=True)
class RunPage:
    """One run."""

    report: RunReport
    text: str  # of the task
    policies: tuple[PolicyRow, ...]
    candidates: tuple[CandidateRow, ...]
    lineage: Lineage
    success: Chart | None
    spent: Chart | None
    cost: Chart | None
    notes: tuple[Note, ...]
    preferences: tuple[Preference, ...]
    event: int  # the newest one that this page knows

    @property
    def live(self) -> bool:
        """Whether somebody works on it."""
        return self.report.status == "running"

    @property
    def wall(self) -> tuple[CandidateRow, ...]:
        """Those that can be watched, the newest generation first."""
        seen = [row for row in self.candidates if row.moves]
        return tuple(sorted(seen, key=lambda row: (-row.report.generation, row.report.id)))


def run_page(run: Run, held: bool = False) -> RunPage:
    """Everything that the page of a run shows.

    Args:
        held: the caller holds the run.
    """
    newest = max((event.id for event in run.events()), default=0)
    report, leaderboard, told = run_report(run, held=held), read_leaderboard(run), preferences(run)
    best = report.best.candidate if report.best else None
    rows = tuple(_candidate_row(run, candidate, best) for candidate in report.candidates)
    return RunPage(
        report=report,
        text=run.task.text,
        policies=_policies(report),
        candidates=rows,
        lineage=lineage([
            (row.report.id, row.report.generation, row.report.parents, row.report.status, row.success, row.best)
            for row in rows
        ]),
        success=_success_chart(leaderboard, report),
        spent=_best_chart(leaderboard, report),
        cost=_cost_chart(run, leaderboard),
        notes=tuple(run.notes()),
        preferences=tuple(told),
        event=newest,
    )  # fmt: skip


def _candidate_row(run: Run, candidate: CandidateReport, best: str | None) -> CandidateRow:
    reasons = [one for one in candidate.findings if one.severity == "error" or one.rule == "training.stopped"]
    return CandidateRow(
        report=candidate,
        success=with_interval(candidate.fitness),
        why=reasons[0].message if reasons else "",
        moves=(run.path / "candidates" / candidate.id / "clip.npz").is_file(),
        drawn=(run.path / clip_file(candidate.id)).is_file(),
        best=candidate.id == best,
    )


def _policies(report: RunReport) -> tuple[PolicyRow, ...]:
    """The final table: the best beside the baselines, on fresh seeds."""

    def row(name: str, fitness: Fitness | None, strong: bool = False) -> PolicyRow:
        return PolicyRow(name, with_interval(fitness), str(fitness.seeds) if fitness else "", strong)

    rows = []
    if report.best is not None:
        rows.append(row(f"best, {report.best.candidate}", report.best.fitness, True))
        if report.selection is not None:
            rows.append(row("as selected (biased upward)", report.selection))
    measured = {name: getattr(report.baselines, name) for name in ("human", "sparse", "random")}
    rows += [row(name, fitness) for name, fitness in measured.items() if fitness is not None]
    if report.best is not None and report.best.difference is not None:
        difference = report.best.difference
        rows.append(row(f"best less human: {difference.verdict}", difference.fitness))
    if report.reference is not None:
        rows.append(PolicyRow("declared as good", with_unit(report.reference, report.unit), ""))
    return tuple(rows)


def _success_chart(leaderboard: Leaderboard, report: RunReport) -> Chart | None:
    """How the best candidates learned."""
    shown = leaderboard.ranked[:CURVES]
    unit = "" if report.unit == "1" else f" [{report.unit}]"
    return line_chart(f"Success{unit} over environment steps", {entry.id: success_curve(entry) for entry in shown})


def success_curve(entry: Entry) -> Sequence[tuple[float, float | None]]:
    """Success of a candidate over its training, mean over seeds."""
    return [(point.env_steps, point.success) for point in entry.analysis.curve] if entry.analysis else []


def _best_chart(leaderboard: Leaderboard, report: RunReport) -> Chart | None:
    """The best and the mean of each generation."""
    last = max((entry.candidate.generation for entry in leaderboard.entries), default=-1)
    means: list[tuple[float, float | None]] = []
    best: list[tuple[float, float | None]] = []
    for index in range(last + 1):
        fits = [entry.fitness.mean for entry in leaderboard.of_generation(index).entries if entry.fitness]
        so_far = [entry.fitness.mean for entry in leaderboard.before(index + 1).entries if entry.fitness]
        means.append((index, sum(fits) / len(fits) if fits else None))
        best.append((index, max(so_far, default=None)))
    return line_chart("Success over generations", {"best so far": best, "mean": means}, whole=True)


def _cost_chart(run: Run, leaderboard: Leaderboard) -> Chart | None:
    """What was spent up to the end of each generation: dollars, tokens where no price is known, else training steps."""
    last = max((entry.candidate.generation for entry in leaderboard.entries), default=-1)
    usages = [generation_usage(run, index) for index in range(last + 1)]
    if any(usage.calls for usage in usages):
        costs = [usage.cost for usage in usages]
        if any(costs) and None not in costs:
            return _summed("Cost [$] over generations", [cost or 0.0 for cost in costs])
        return _summed("Tokens over generations", [usage.input_tokens + usage.output_tokens for usage in usages])
    steps = [
        sum(member.env_steps for entry in leaderboard.of_generation(index).entries for member in entry.members)
        for index in range(last + 1)
    ]
    return _summed("Training steps over generations", steps)


def _summed(title: str, spent: Sequence[float]) -> Chart | None:
    points = list(enumerate(accumulate(spent)))
    return line_chart(title, {"in all": [(float(index), float(value)) for index, value in points]}, whole=True)
