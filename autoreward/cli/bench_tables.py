"""The measurements as tables for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from autoreward.cli.tables import restarts_verdict, table
from autoreward.number_format import number, with_interval

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autoreward.views import (
        AlignedView,
        BankSummary,
        BankView,
        ChoicesView,
        CombineView,
        FieldsBenchView,
        HalvingView,
        IcplView,
        Interval,
        LearnView,
        Machine,
        MetricsBenchView,
        PopulationBenchView,
        RequireView,
        ScreenView,
        SharingView,
        Spread,
        StartBenchView,
        SuiteView,
        TrainBenchView,
    )

MIB = 2**20


def sharing(view: SharingView) -> list[RenderableType]:
    """`bench share`: both arms, reward by reward."""
    title = f"{view.env}: {view.algo}, {view.n_timesteps:,} steps a member, {view.seeds} seeds"
    listing = table("reward", ">a buffer each", ">one a seed", ">difference, paired", "", title=title)
    whole = ("mean over rewards", view.separate, view.shared, view.difference)
    for name, *arms, difference in (
        *((row.reward, row.separate, row.shared, row.difference) for row in view.rows),
        whole,
    ):
        cells = ["-" if one is None else with_interval(one) for one in arms]
        told = ("-", "") if difference is None else (with_interval(difference.fitness), difference.verdict)
        listing.add_row(name, *cells, *told)
    return [listing, f"{view.seconds[0]:.0f} s with a buffer each, {view.seconds[1]:.0f} s with one a seed"]


def learned(view: LearnView) -> list[RenderableType]:
    """`bench learn`: one environment."""
    unit = "" if view.unit == "1" else f" [{view.unit}]"
    listing = table(
        "trainer", f">success{unit}, 95 % interval", ">seeds", ">steps a seed", title=f"{view.env}/{view.task}"
    )
    for row in view.rows:
        listing.add_row(row.trainer, with_interval(row.fitness), str(row.fitness.seeds), f"{row.env_steps:,}")
    verdict = "passed" if view.passed else "not passed: our mean is below the better of the others"
    return [listing, verdict]


def combined(view: CombineView) -> list[RenderableType]:
    """`bench combine`: one environment."""
    title = f"{view.env}/{view.task}: {view.seeds} seeds, {view.n_timesteps:,} steps each"
    listing = table(
        "combination", "weights", ">success, 95 % interval", ">less good fixed weights, paired", "", title=title
    )
    for row in view.rows:
        paired = (with_interval(row.difference.fitness), row.difference.verdict) if row.difference else ("", "")
        listing.add_row(row.way, row.weights, with_interval(row.fitness), *paired)
    return [listing]


def combined_markdown(view: CombineView) -> list[RenderableType]:
    """The same as a Markdown table."""
    lines = [f"**{view.env}/{view.task}**, {view.seeds} seeds x {view.n_timesteps:,} steps", ""]
    lines.append("| combination | weights | success, 95 % interval | less good fixed weights, paired | |")
    lines.append("|---|---|---|---|---|")
    for row in view.rows:
        paired = (with_interval(row.difference.fitness), row.difference.verdict) if row.difference else ("", "")
        lines.append(f"| {row.way} | {row.weights} | {with_interval(row.fitness)} | {paired[0]} | {paired[1]} |")
    return [Text("\n".join(lines), no_wrap=True, overflow="ignore")]


def aligned(view: AlignedView) -> list[RenderableType]:
    """`bench aligned`: one environment."""
    title = f"{view.env}/{view.task}: {view.seeds} seeds, {view.n_timesteps:,} steps each"
    listing = table("paid", ">success, 95 % interval", ">of the progress alone", ">less it, paired", "", title=title)
    for row in view.rows:
        paired = (with_interval(row.difference.fitness), row.difference.verdict) if row.difference else ("", "")
        share = f"{view.shares[row.name]:.2f}" if row.name in view.shares else "-"
        listing.add_row(row.name, with_interval(row.fitness), share, *paired)
    cost = f"An update that also learns weights takes {view.cost:.2f} times a plain one (medians, in turns)."
    return [listing, cost, _reached(view.passed)]


def required(view: RequireView) -> list[RenderableType]:
    """`bench require`: one environment."""
    title = f"{view.env}/{view.task}: {view.seeds} seeds, {view.n_timesteps:,} steps each"
    listing = table(
        "requirement", ">met", ">value", ">success, 95 % interval", ">loss", ">less the reward alone, paired",
        title=title,
    )  # fmt: skip
    listing.add_row("(none)", "", "", with_interval(view.free), "", "")
    for row in view.rows:
        loss = "-" if row.loss is None else f"{row.loss:.0%}"
        paired = with_interval(row.difference.fitness) if row.difference else ""
        met = f"{row.met:.0%} (alone {row.free_met:.0%})"
        value = f"{number(row.value)} (alone {number(row.free_value)})"
        listing.add_row(row.requirement, met, value, with_interval(row.fitness), loss, paired)
    return [listing, _reached(view.passed)]


def _reached(passed: bool) -> str:
    return "passed" if passed else "not passed"


def bank(view: BankView) -> list[RenderableType]:
    """`bench bank`: every reward beside the human one, and what they say together."""
    title = f"{view.env}/{view.task}: {len(view.rows)} of {view.rewards} rewards, {view.n_timesteps:,} steps a seed"
    listing = table(
        "reward", "origin", ">success, 95 % interval", ">less the human one, paired", "", ">seeds", ">failed",
        title=title,
    )  # fmt: skip
    for row in view.rows:
        trained = str(row.fitness.seeds) if row.fitness else "refused" if row.refused else "0"
        paired = (with_interval(row.difference.fitness), row.difference.verdict) if row.difference else ("", "")
        listing.add_row(row.reward, row.origin, with_interval(row.fitness), *paired, trained, str(row.failed or ""))
    said = [_bank_summary(view.summary)] if view.summary is not None else []
    return [listing, *said, f"stored in {view.folder}"]


def _bank_summary(summary: BankSummary) -> str:
    parts = [f"{summary.rewards} rewards beside human and sparse: mean success {number(summary.mean)}"]
    if summary.above_human is not None:
        parts.append(
            f"{summary.above_human} above the human reward's mean ({summary.better_than_human} certainly better, "
            f"{summary.worse_than_human} certainly worse)"
        )
    if summary.reliability_one_seed is not None:
        one, all_seeds = summary.reliability_one_seed, summary.reliability_all_seeds
        parts.append(
            f"share of the variance that is the rewards': {number(one)} at one seed, {number(all_seeds)} at all"
        )
    return "; ".join(parts)


def speeds(view: TrainBenchView) -> list[RenderableType]:
    """`bench train`: one environment."""
    title = f"{view.env}/{view.task}: {view.env_steps:,} environment steps a round, {_rounds(view.rounds)}"
    rates = table("who", ">steps/s, median", ">least to greatest", ">processes", ">peak memory", title=title)
    for row in view.rows:
        memory = f"{row.peak_memory / MIB:,.0f} MiB"
        rates.add_row(row.label, f"{row.rate.median:,.0f}", _span(row.rate, ",.0f"), str(row.processes), memory)
    ratios = table("rate over rate", ">ratio, median", ">least to greatest", ">target", "")
    for ratio in view.ratios:
        target = "-" if ratio.target is None else f"{ratio.target:g}"
        shown = (f"{ratio.of} / {ratio.to}", f"{ratio.ratio.median:.3g}", _span(ratio.ratio, ".3g"))
        ratios.add_row(*shown, target, "" if ratio.met is None else _mark(ratio.met))
    parts: list[RenderableType] = [rates, ratios]
    if view.profile is not None:
        shares = table("where our time goes", ">share")
        for name, share in view.profile.items():
            shares.add_row(name, f"{100 * share:.1f} %")
        parts.append(shares)
    reasons = dict.fromkeys(reason for reason in view.left_out.values())
    for reason in reasons:
        names = ", ".join(name for name, why in view.left_out.items() if why == reason)
        parts.append(f"not measured: {names} ({reason})")
    return [*parts, _where(view.machine, view.command), _verdict(view.passed)]


def shapes(view: PopulationBenchView) -> list[RenderableType]:
    """`bench train --population`."""
    title = f"{view.env}/{view.task}: {view.env_steps:,} environment steps a round, {_rounds(view.rounds)}"
    listing = table(
        ">candidates", ">members", ">environments each", ">steps/s, median", ">cost, median", ">least to greatest", "",
        title=title,
    )  # fmt: skip
    for row in view.rows:
        counts = (str(row.candidates), str(row.members), str(row.num_envs), f"{row.rate.median:,.0f}")
        listing.add_row(*counts, f"{row.cost.median:.3f}", _span(row.cost, ".3f"), _mark(row.met))
    rule = f"cost: time a step over the median of all; target: within {100 * view.tolerance:.0f} %"
    return [listing, rule, _where(view.machine, view.command), _verdict(view.passed)]


def field_costs(view: FieldsBenchView) -> list[RenderableType]:
    """`bench fields`."""
    title = f"{view.env}: {view.fields} fields, more processor time than a rollout without them, {_rounds(view.rounds)}"
    listing = table("where", ">cost, median", ">least to greatest", ">target", "", title=title)
    words = {"unread": "nothing reads them", "read": "all are read, before and after each step"}
    for row in view.rows:
        median, low, high = (f"{100 * value:+.1f} %" for value in (row.cost.median, row.cost.low, row.cost.high))
        listing.add_row(words[row.kind], median, f"{low} to {high}", f"{100 * row.target:g} %", _mark(row.met))
    return [listing, _where(view.machine, f"autoreward bench fields {view.env}"), _verdict(view.passed)]


def starts(view: StartBenchView) -> list[RenderableType]:
    """`bench start`."""
    title = f"{view.command}: seconds to the first update, {_rounds(view.rounds)}"
    listing = table("compilation cache", ">seconds, median", ">least to greatest", ">target", "", title=title)
    for row in view.rows:
        spread = (f"{row.seconds.median:.2f}", _span(row.seconds, ".2f"))
        listing.add_row(row.cache, *spread, f"{row.target:g}", _mark(row.met))
    return [listing, _where(view.machine, "autoreward bench start"), _verdict(view.passed)]


def _rounds(rounds: int) -> str:
    return f"{rounds} rounds" if rounds > 1 else "1 round"


def _span(spread: Spread, form: str) -> str:
    return f"{spread.low:{form}} to {spread.high:{form}}"


def _mark(met: bool) -> str:
    return "met" if met else "missed"


def _where(machine: Machine, command: str) -> str:
    cores = f"{machine.cores} cores" if machine.cores > 1 else "1 core"
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    return f"{machine.date} · {cores}, {machine.cpu} · {versions} · {command}"


def _verdict(passed: bool) -> str:
    return "passed" if passed else "not passed: a target was missed"


def metrics(view: MetricsBenchView) -> list[RenderableType]:
    """`bench metrics`: a row a task, and what all drafts come to."""
    columns = ("task", ">drafts", ">programs", ">accepted", ">kept", ">clusters", "proposed", ">tau, undirected")
    listing = table(*columns, ">tau, policies", ">policies")
    for row in view.rows:
        counts = [str(one) for one in (row.drafts, row.parsed, row.accepted, row.kept, row.clusters)]
        taus = [_tau(row.tau_undirected), _tau(row.tau_policies)]
        listing.add_row(f"{row.env}/{row.task}", *counts, row.chosen or "-", *taus, str(row.policies or ""))
    sums = [sum(getattr(row, name) for row in view.rows) for name in ("drafts", "parsed", "accepted", "kept")]
    said = "{} drafts: {} hold a program, {} pass the critic, {} survive what nobody designed".format(*sums)
    why = [f"{row.env}/{row.task} {reason}" for row in view.rows for reason in row.reasons]
    return [listing, said, *why]


def _tau(value: float | None) -> str:
    return "-" if value is None else f"{value:z.2f}"


def icpl(view: IcplView) -> list[RenderableType]:
    """`bench icpl`: a line a search."""
    listing = table("task", ">restart", ">by the metric", ">by preferences", ">steps of each", title=view.designer)
    for row in view.rows:
        for one, other in zip(row.metric, row.people, strict=True):
            values = (number(one.success), number(other.success), f"{other.env_steps:,}")
            listing.add_row(row.env, str(one.restart), *values)
    shares = (f"{row.env}: {'-' if row.share is None else f'{row.share:.2f}'}" for row in view.rows)
    return [listing, f"share of the mean success by the metric (0.9 is asked for): {', '.join(shares)}"]


def halving(view: HalvingView) -> list[RenderableType]:
    """`bench halving`: one bank."""
    title = (
        f"{view.env}/{view.task}: {view.resamplings} generations drawn from {view.rewards} rewards x {view.seeds} "
        f"seeds x {view.n_timesteps:,} steps; best reward {view.best:.4g}"
    )
    columns = (">chosen, %", ">paired difference, %", ">over banks, %", "not worse")
    listing = table("policy", ">started", ">steps, %", *columns, title=title)
    for row in view.rows:
        verdict = {True: "yes", False: "no", None: ""}[row.not_worse]
        judged = (f"{100 * row.chosen.mean:.1f}", _percent(row.difference), _percent(row.over_banks), verdict)
        listing.add_row(row.policy, f"{row.candidates} x {row.seeds}", f"{100 * row.steps:.0f}", *judged)
    return [
        listing,
        "started: candidates x seeds; chosen: true success of the candidate chosen, of the best reward's",
        "not worse: the differences from full training, relative, have both intervals above -5 %",
    ]


def choices(view: ChoicesView) -> list[RenderableType]:
    """`bench choices`: one bank."""
    title = (
        f"{view.env}/{view.task}: {view.resamplings} generations drawn from {view.rewards} rewards x {view.seeds} "
        f"seeds x {view.n_timesteps:,} steps"
    )
    columns = (">trainings", ">chosen", ">paired difference, %", ">over banks, %")
    listing = table("rule: candidates x seeds", *columns, title=title)
    for row in view.rows:
        judged = (number(row.chosen.mean), _percent(row.difference), _percent(row.over_banks))
        listing.add_row(row.rule, f"{row.trainings:g}", *judged)
    return [listing, "chosen: success of the reward chosen, on seeds that the rule has not seen"]


def screen(view: ScreenView) -> list[RenderableType]:
    """`bench screen`: one bank."""
    title = f"{view.env}/{view.task}: {view.resamplings} generations drawn from {view.rewards} rewards"
    listing = table("rule: candidates x seeds", ">programs", ">chosen", ">paired difference, %", title=title)
    for row in view.rows:
        listing.add_row(row.rule, f"{row.asked:g}", number(row.chosen.mean), _percent(row.difference))
    quarters = "; ".join(f"{number(one.mean)} ({one.low:.2f} to {one.high:.2f})" for one in view.groups)
    return [
        listing,
        "agreement: of the order that a reward gives undirected episodes with that of their success (Kendall's tau)",
        f"rank correlation of agreement with what a reward comes to: {view.correlation:.2f}",
        f"success of the quarters of the rewards by agreement, the least first: {quarters}",
        f"mean difference of two rewards' successes, by their distance (STARC, survival included): {_nearness(view)}",
    ]


def _nearness(view: ScreenView) -> str:
    told = (f"{number(one.difference)} (below {min(one.high, 1.0):g}, {one.pairs} pairs)" for one in view.near)
    return "; ".join(told) or "unknown"


def suite(view: SuiteView) -> list[RenderableType]:
    """`bench suite`: one table for each task, and one over all of them."""
    shape = f"{view.candidates} candidates x {view.generations} generations x {view.seeds} seeds"
    tables: list[RenderableType] = [f"designer {view.designer}, {shape}, {view.n_timesteps:,} steps a seed"]
    for task in dict.fromkeys(row.task for row in view.rows):
        columns = (
            ">success, fresh",
            ">as selected",
            ">human",
            ">less human",
            ">less the first",
            "",
            ">steps",
            ">replies",
        )
        listing = table("method", *columns, title=f"{task}, mean over restarts, 95 % interval")
        for row in (row for row in view.rows if row.task == task):
            one = row.summary
            told = (one.fitness, one.selection, one.human, one.difference, row.to_first)
            listing.add_row(
                row.method, *map(with_interval, told), restarts_verdict(one), f"{one.env_steps:,}", str(one.replies)
            )
        tables.append(listing)
    total = table("method", ">better", ">undecided", ">worse", ">failed", ">of human", title="against the human reward")
    for sums in view.totals:
        counts = (sums.better, sums.undecided, sums.worse, sums.failed)
        total.add_row(sums.method, *map(str, counts), with_interval(sums.of_human))
    return [*tables, total, "better, worse: searches whose paired interval over fresh seeds is above or below 0"]


def _percent(interval: Interval | None) -> str:
    if interval is None:
        return ""
    return f"{100 * interval.mean:.1f} [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"
