"""Runs, candidates and environments as text for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from autoreward.cli.output import clock, dollars
from autoreward.number_format import number, short, with_interval

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from autoreward.records import Certainty, FieldSpec, Fitness, PairedDifference, WitnessReport
    from autoreward.views import (
        CompareReport,
        EnvReport,
        FieldView,
        RestartsSummary,
        RestartsView,
        RunReport,
        SpentReport,
        TrainView,
    )


def table(*columns: str, title: str | None = None) -> Table:
    """An empty table in the one style of this program; numbers go right with a `>` before the heading."""
    from rich import box
    from rich.table import Table

    empty = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False)
    for column in columns:
        empty.add_column(column.removeprefix(">"), justify="right" if column.startswith(">") else "left")
    return empty


def restarts_verdict(summary: RestartsSummary) -> str:
    """`1 better, 2 undecided`: how several searches stand to the human reward."""
    counts = {
        "better": summary.better,
        "undecided": summary.undecided,
        "worse": summary.worse,
        "failed": summary.failed,
    }
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count)


def restarts(view: RestartsView) -> list[RenderableType]:
    """`design --restarts`: each search, and the mean over them."""
    unit = "" if view.unit == "1" else f" [{view.unit}]"
    columns = (f">success{unit}, fresh seeds", ">as selected", ">human", ">less human, paired", "")
    listing = table("run", "best", *columns, title=f"{view.env}/{view.task}: {len(view.rows)} searches")
    for row in view.rows:
        told = (row.fitness, row.selection, row.human, row.difference.fitness if row.difference else None)
        verdict = row.difference.verdict if row.difference else ""
        listing.add_row(row.run, row.best or "none", *map(with_interval, told), verdict)
    one = view.summary
    means = (one.fitness, one.selection, one.human, one.difference)
    listing.add_row("mean over searches", "", *map(with_interval, means), restarts_verdict(one), style="bold")
    return [listing]


def outcome(run: RunReport) -> list[RenderableType]:
    """The end of every search: the final table, where everything is, what was spent, what to type next."""
    from rich.text import Text

    from autoreward.views.next_commands import WAITING

    parts: list[RenderableType] = [_final_table(run)]
    if run.certainty is not None:
        from autoreward.cli.certainty import in_words

        parts.append(Text(f"choice       {in_words(run.certainty)}"))
    if run.metric_origin == "model":
        parts.append(Text(f"success      {run.metric} ({_origin(run)})"))
    if run.confirmation is not None and run.confirmation.difference is not None:
        confirmed, difference = run.confirmation, run.confirmation.difference
        told = f"{with_interval(difference.fitness)}, {difference.verdict}{_with(difference)}"
        parts.append(Text(f"confirmed    {confirmed.best} less {confirmed.runner_up} on fresh seeds: {told}"))
    if run.witness is not None and not run.witness.unread:
        parts.append(Text(f"witness      {_witnessed(run.witness)}"))
    if run.choice is not None:
        parts.append(Text(_choice_line(run)))
    if run.best is not None and run.best.file is not None:
        parts.append(Text(f"best reward  {run.best.file}"))
    if run.files.learning:
        parts.append(Text(f"learning     {run.files.learning}"))
    if run.video:
        parts.append(Text(f"clip         {run.video}"))
    if run.status == "error":
        parts.append(Text(f"ended        {run.message}"))
    parts += [Text(f"run          {run.folder or run.run} ({run.status})"), Text(f"spent        {spent(run.spent)}")]
    unanswered = [one for one in run.files.prompts if one.replace(".prompt.", ".reply.") not in run.files.replies]
    if run.status == WAITING and unanswered:
        parts.append(Text(f"question     {unanswered[-1]}"))
    parts.append(Text("next", style="bold"))
    return [*parts, *(Text(f"  {command}") for command in run.next)]


def _witnessed(report: WitnessReport) -> str:
    against = ", against the metric" if report.contradicts else ""
    does = f"{report.model} sees it done in the best episode: {report.best}, in the worst: {report.worst}{against}"
    return f"{does}. {report.why}".rstrip()


def _choice_line(run: RunReport) -> str:
    """`choice       people prefer g01c02 (success 154), the metric g00c02 (195): they disagree`."""
    choice = run.choice
    assert choice is not None
    found = {candidate.id: candidate.fitness for candidate in run.candidates}

    def told(name: str) -> str:
        fitness = found.get(name)
        return name if fitness is None else f"{name} (success {number(fitness.mean)})"

    if choice.metric is None:
        return f"choice       people prefer {told(choice.people)}"
    if choice.agree:
        return f"choice       people and the metric prefer {told(choice.people)}"
    return f"choice       people prefer {told(choice.people)}, the metric {told(choice.metric)}: they disagree"


def _origin(run: RunReport) -> str:
    if not run.metric_version:
        return "found in the text by a language model"
    times = "once" if run.metric_version == 1 else f"{run.metric_version} times"
    return f"revised {times} by a language model"


def _final_table(run: RunReport) -> Table:
    """Success of the best and of the baselines; with the progress where the best never succeeds."""
    unit = "" if run.unit == "1" else f" [{run.unit}]"
    best = run.best.fitness if run.best else None
    baselines = {name: getattr(run.baselines, name) for name in ("human", "sparse", "random")}
    graded = _all_zero([best] if best else list(baselines.values())) and bool(run.graded)
    columns = ["policy", f">success{unit}, 95 % interval", *([">progress"] if graded else []), ">seeds"]
    rows = table(*columns, title=f"{run.env}: {run.task}")

    def row(name: str, key: str, fitness: Fitness | None, style: str | None = None) -> None:
        progress = [with_interval(run.graded.get(key))] if graded else []
        rows.add_row(name, with_interval(fitness), *progress, str(fitness.seeds) if fitness else "-", style=style)

    if run.best is not None:
        row(f"best, {run.best.candidate}", "best", best, "bold")
        if run.selection is not None:
            row("  as selected (biased upward)", "selection", run.selection, "dim")
    for name, measured in baselines.items():
        row(name, name, measured)
        if name == "human" and run.best is not None and run.best.difference is not None:
            difference = run.best.difference
            row(f"  best less human: {difference.verdict}{_with(difference)}", "", difference.fitness, "dim")
        if name == "random" and run.best is not None and run.best.over_random and run.best.difference is None:
            over_random = run.best.over_random
            row(f"  best less random: {over_random.verdict}", "", over_random.fitness, "dim")
    if run.reference is not None:
        rows.add_row("declared as good", f"{run.reference:g}", *([""] if graded else []), "", style="dim")
    return rows


def _with(difference: PairedDifference) -> str:
    """How likely it is above zero."""
    return "" if difference.probability is None else f" (better with {difference.probability:.0%})"


def _all_zero(measured: Sequence[Fitness | None]) -> bool:
    """Whether nothing has succeeded at all."""
    measurements = [fitness for fitness in measured if fitness is not None]
    return bool(measurements) and all(fitness.mean == 0.0 for fitness in measurements)


def spent(view: SpentReport) -> str:
    """`12 calls · 34,000 tokens (9,000 cached) · $0.84 · 1,200,000 steps (800,000 saved by halving) · 14:20`."""
    usage = view.usage
    parts = [f"{usage.cached_tokens:,} cached"] if usage.cached_tokens else []
    parts += [f"{usage.reasoning_tokens:,} thought"] if usage.reasoning_tokens else []
    parts += ["some estimated"] if usage.estimated else []
    split = f" ({', '.join(parts)})" if parts else ""
    tokens = f"{view.tokens:,} tokens{split}"
    calls = f"{view.calls} calls · {tokens} · {dollars(view.cost)}"
    saved = f" ({view.saved_steps:,} saved by halving)" if view.saved_steps else ""
    return f"{calls} · {view.env_steps:,} steps{saved} · {clock(view.seconds)}"


def candidates(run: RunReport) -> Table:
    """Every candidate, the failed and stopped ones with their reason; with the progress where no candidate succeeds."""
    graded = _all_zero([candidate.fitness for candidate in run.candidates])
    progress_head = [">progress, 95 % interval"] if graded else []
    parts = list(dict.fromkeys(name for candidate in run.candidates for name in candidate.subtasks))
    required = list(dict.fromkeys(one.text for candidate in run.candidates for one in candidate.required))
    heads = [*progress_head, *(f">{name}" for name in (*parts, *required))]
    sure = [] if run.certainty is None else [">expected", ">best with"]
    preferred = [] if run.choice is None else [">preferred"]
    rows = table("candidate", "parents", "status", ">success, 95 % interval", *sure, *heads, *preferred, "why")
    for candidate in run.candidates:
        reasons = [one for one in candidate.findings if one.severity == "error" or one.rule == "training.stopped"]
        why = reasons[0].message if reasons else ""
        measured = [with_interval(candidate.fitness), *_sure(run.certainty, candidate.id)]
        measured += [with_interval(candidate.progress)] if graded else []
        measured += [f"{100 * candidate.subtasks[name]:.0f} %" if name in candidate.subtasks else "-" for name in parts]
        kept = {one.text: f"{one.met:.0%} ({number(one.value)})" for one in candidate.required}
        measured += [kept.get(text, "-") for text in required]
        if preferred:
            measured.append("-" if candidate.preferred is None else f"{candidate.preferred:+.2f}")
        rows.add_row(candidate.id, ", ".join(candidate.parents), candidate.status, *measured, why)
    return rows


def remarks(run: RunReport) -> list[str]:
    """What a language model says of candidates beside the numbers; a line each."""
    return [f"{one.id} {remark.in_words}" for one in run.candidates for remark in one.remarks]


def _sure(certainty: Certainty | None, candidate: str) -> list[str]:
    """The shrunken mean of a candidate, and how likely it is the best of all."""
    if certainty is None:
        return []
    likely = certainty.probability_best.get(candidate)
    return [number(certainty.shrunken.get(candidate)), "-" if likely is None else f"{likely:.0%}"]


def members(view: TrainView) -> Table:
    """One row a member of a population."""
    learned = any(line.weights for line in view.lines)
    columns = ["file", ">seed", "status", ">success", ">progress", ">own return", ">steps"]
    required = list(dict.fromkeys(text for line in view.lines for text in line.requirements))
    rows = table(*columns, *(f">{text}" for text in required), *(["learned weights"] if learned else []))
    for line in view.lines:
        numbers = [number(one) for one in (line.success, line.progress, line.own_episodic_return)]
        weights = ", ".join(f"{name} {number(weight)}" for name, weight in line.weights.items())
        seed = "-" if line.seed is None else str(line.seed)
        cells = [line.file, seed, line.status, *numbers, f"{line.env_steps:,}"]
        kept = {text: f"{met:.0%} ({number(line.required.get(text))})" for text, met in line.requirements.items()}
        cells += [kept.get(text, "-") for text in required]
        cells += [weights] if learned else []
        rows.add_row(*cells)
    return rows


def findings(view: TrainView) -> Sequence[str]:
    """The reasons of the files that were refused."""
    return [
        f"{check.file} {check.status}: {finding.in_words()}"
        for check in view.checks
        if check.status != "accepted"
        for finding in check.findings
    ]


def comparison(view: CompareReport) -> list[RenderableType]:
    """The pairs, and where there was training the rewards."""
    unit = "" if view.unit == "1" else f" [{view.unit}]"
    trained = any(reward.success for reward in view.rewards)
    where = f"{view.env}: {view.task}" if view.task else view.env
    columns = ["a", "b", ">distance", ">rank agreement"] + (
        [f">success of a - b{unit}, 95 % interval"] if trained else []
    )
    pairs = table(*columns, title=where)
    for pair in view.pairs:
        agreement = "-" if pair.rank_agreement is None else f"{pair.rank_agreement:z.2f}"
        row = [pair.a, pair.b, f"{pair.distance:.3f}", agreement]
        pairs.add_row(*row, *([with_interval(pair.difference)] if trained else []))
    if not trained:
        return [pairs]
    rewards = table("reward", f">success{unit}, 95 % interval", ">progress", ">seeds")
    for reward in view.rewards:
        seeds = str(reward.success.seeds) if reward.success else "-"
        rewards.add_row(reward.name, with_interval(reward.success), with_interval(reward.progress), seeds)
    return [pairs, rewards]


def environment(view: EnvReport) -> list[RenderableType]:
    """Everything a designer sees of an environment; then, marked as such, what it does not see."""
    from rich.text import Text

    spec = view.spec
    seconds = spec.horizon * spec.control_period
    parts: list[RenderableType] = [
        Text(f"{view.env}: {spec.title}", style="bold"),
        Text(spec.description),
        Text(""),
        Text(f"horizon {spec.horizon} steps of {spec.control_period:g} s ({seconds:g} s), gamma {spec.gamma:g}"),
        Text(f"termination: {spec.termination}"),
    ]
    for name, vector in spec.directions.items():
        parts.append(Text(f"{name} is ({', '.join(f'{entry:g}' for entry in vector)}) in the world frame"))
    action = view.action
    low, high = _span(action.low), _span(action.high)
    parts.append(Text(f"action [{action.size}] in [{low}, {high}]: {action.meaning}"))
    parts += [Text(line) for line in spec.body.splitlines()]
    places = ", ".join(f"{one.name} [{one.unit}] {one.start:.3g}" for one in view.coordinates)
    parts += [Text(f"coordinates at the start: {places}")] if places else []
    parts += [Text(spec.notes)] if spec.notes else []
    gpu = [Text(f"On a GPU (MJX) the physics differs: {view.gpu_physics}")] if view.gpu_physics else []
    said = [Text(note) for note in view.notes]
    if not view.tasks and said:
        return [*parts, _fields(view), Text("Not shown to a designer:", style="bold"), *said]
    unseen = Text("Not shown to a designer, but for the text of its own task:", style="bold")
    return [*parts, _fields(view), unseen, *gpu, _tasks(view)]


def _span(bounds: Sequence[float]) -> str:
    return f"{bounds[0]:g}" if len(set(bounds)) == 1 else "(" + ", ".join(f"{bound:g}" for bound in bounds) + ")"


def _fields(view: EnvReport) -> Table:
    rows = table(
        "field", "shape", "unit", "frame", ">range in random rollouts", "meaning (entries: 5, 50, 95 % quantiles there)"
    )
    for field in view.fields:
        rows.add_row(field.name, str(list(field.shape)), field.unit, field.frame, _range(field), _meaning(view, field))
    return rows


def _range(field: FieldView) -> str:
    return "-" if field.range is None else f"{number(field.range[0])} .. {number(field.range[1])}"


def _meaning(view: EnvReport, field: FieldView) -> str:
    declared = view.spec.field(field.name)
    if declared is None:
        return field.meaning
    remarks = [_entries(declared)] if declared.components else []
    remarks += ["the policy cannot see it"] if not declared.observable else []
    remarks += ["nor ever infer it"] if not declared.inferable else []
    remarks += ["next_state only"] if declared.next_state_only else []
    return "; ".join([field.meaning, *remarks])


def _entries(declared: FieldSpec) -> str:
    """The named entries of a field, with their 5, 50 and 95 % quantiles: `(x -1.9 -0.39 1; y; z -3.5 -0.56 0.87)`."""
    if not declared.quantiles:
        return f"({', '.join(declared.components)})"
    named = zip(declared.components, declared.quantiles, strict=True)
    return f"({'; '.join(' '.join([name, *(map(short, seen) if any(seen) else ())]) for name, seen in named)})"


def _tasks(view: EnvReport) -> Table:
    rows = table("task", "text", "success is", ">good")
    for task in view.tasks:
        unit = "" if task.unit == "1" else f" {task.unit}"
        good = "-" if task.reference is None else f"{task.reference:g}{unit}"
        rows.add_row(task.name, task.text, task.success, good)
    return rows
