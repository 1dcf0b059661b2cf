"""What people say of a run: preferences between candidates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from autoreward.api.arguments import chosen_settings, find_folder
from autoreward.config import Settings
from autoreward.records import Choice, Judgement, Preference, TermSums
from autoreward.views import AcceptedView, NoteView, PairView, PreferenceView, ProposalView, SeveralView, TasteView


def prefer(run: str, statement: str, *, rater: str | None = None, settings: Settings | None = None) -> PreferenceView:
    """Say which of two candidates is better, by what their policies do. Any process may, while the search runs too.

    Args:
        run: a path, the suffix of an id, or `last`.
        statement: "g01c02 > g01c03: smoother"; "=" where both are equally good, "!" where both are bad.
        rater: who says it; the name of the account by default.

    Raises:
        UsageError: it says nothing of two candidates that were trained.
        StorageError: the run cannot be written.
    """
    from autoreward.people.preferences import read_statement
    from autoreward.people.raters import rater_name
    from autoreward.runs.preferences import say_preference

    read = read_statement(statement)
    return say_preference(find_folder(run, chosen_settings(settings, {}))[0], read, rater_name(rater))


def prefer_ends(
    run: str,
    best: str,
    worst: str,
    *,
    reasons: Sequence[str] = (),
    rater: str | None = None,
    settings: Settings | None = None,
) -> list[PreferenceView]:
    """Say which candidate of a generation is the best and which the worst: each pair that this says is stored.

    Args:
        reasons: why the best one is.

    Raises:
        UsageError: they are of two generations, or were not trained.
    """
    from autoreward.people.preferences import Ends, read_reasons
    from autoreward.people.raters import rater_name
    from autoreward.runs.choices import say_ends

    said = Ends(best, worst, read_reasons(reasons))
    return say_ends(find_folder(run, chosen_settings(settings, {}))[0], said, rater_name(rater))


def next_pair(
    run: str = "last", *, rater: str | None = None, draw: bool = True, settings: Settings | None = None
) -> PairView:
    """The two candidates that a rater is asked about next, with their clips; at most ten pairs a generation.

    Args:
        draw: clips that are missing, which takes some seconds each.

    Raises:
        UsageError: there are no two candidates to compare.
    """
    from autoreward.people.raters import rater_name
    from autoreward.runs.preferences import pair_to_show

    return pair_to_show(find_folder(run, chosen_settings(settings, {}))[0], rater_name(rater), draw)


def prefer_by_model(
    run: str,
    model: str,
    *,
    on_answer: Callable[[PreferenceView], None] | None = None,
    settings: Settings | None = None,
) -> int:
    """Have a model that reads images answer the pairs of a run, from frames; how many it answered.

    Args:
        model: "openai/gpt-5"; its answers are stored under "vlm:openai:gpt-5", marked as a model's.
        on_answer: gets each answer when it is stored.

    Raises:
        UsageError: it is no language model, or its answer cannot be read.
        RunLockedError: somebody works on the run.
        BudgetReachedError, ModelError, RenderingError: see `autoreward.errors`.
    """
    from autoreward.runs.eyes import answer_by_model

    chosen = chosen_settings(settings, {})
    return answer_by_model(find_folder(run, chosen)[0], model, chosen, on_answer or (lambda view: None))


def several(
    run: str, candidates: Sequence[str], *, rater: str | None = None, settings: Settings | None = None
) -> SeveralView:
    """Several candidates as they are shown together, shuffled, and what is asked about each two of them.

    Raises:
        UnknownNameError, UsageError: there is no such candidate, or it was not trained.
    """
    from autoreward.people.raters import rater_name
    from autoreward.runs.choices import several_to_show

    return several_to_show(find_folder(run, chosen_settings(settings, {}))[0], rater_name(rater), candidates)


def newest_round(run: str = "last", *, rater: str | None = None, settings: Settings | None = None) -> tuple[str, ...]:
    """Three or four candidates of the newest generation that a rater can order at once; () where there are not."""
    from autoreward.people.raters import rater_name
    from autoreward.runs.choices import round_to_show

    return round_to_show(find_folder(run, chosen_settings(settings, {}))[0], rater_name(rater))


def choose(
    run: str,
    shown: SeveralView,
    choice: Choice,
    *,
    reasons: Sequence[str] = (),
    settings: Settings | None = None,
) -> list[PreferenceView]:
    """Say which of several that were shown is the best, and which the worst: each pair that this answers is stored.

    Args:
        shown: as `several` gave it.
        reasons: why the best one is, or why all are alike.

    Raises:
        UsageError: it is no choice among them, or not what was asked.
    """
    from autoreward.runs.choices import give_choice

    folder = find_folder(run, chosen_settings(settings, {}))[0]
    return give_choice(folder, shown.shown, shown.questions, choice, rater=shown.rater, reasons=reasons)


def preferences(run: str = "last", *, settings: Settings | None = None) -> list[Preference]:
    """The preferences of a run that count, oldest first."""
    from autoreward.ledger import Run
    from autoreward.people.preferences import preferences

    with Run.open(find_folder(run, chosen_settings(settings, {}))[0], write=False) as opened:
        return preferences(opened)


def answer(
    run: str,
    pair: PairView,
    verdict: Judgement,
    *,
    reasons: Sequence[str] = (),
    settings: Settings | None = None,
) -> PreferenceView:
    """Answer the question about a pair; it has one answer, and the first one that is stored stays.

    Args:
        pair: as `next_pair` gave it.
        verdict: "a": the left one is better; "b": the right one; "tie"; "both_bad".
        reasons: why, in a few words each.

    Raises:
        UsageError: nothing is asked.
    """
    from autoreward.errors import UsageError
    from autoreward.runs.preferences import Answer, give_answer

    if pair.question is None:
        raise UsageError(f"{pair.run}: nothing is asked.", "Say it in words: prefer RUN 'A > B'.")
    left, right = pair.shown
    said = Answer(pair.question, pair.rater, (left, right), verdict, tuple(reasons))
    return give_answer(find_folder(run, chosen_settings(settings, {}))[0], said)


def note(
    run: str, text: str, *, step: int | None = None, rater: str | None = None, settings: Settings | None = None
) -> NoteView:
    """Say something about a run, or about a candidate (`RUN:g01c02`): it stands in every later prompt.

    Args:
        step: the control step of the candidate's first evaluation episode that it is about.
        rater: who says it; the name of the account by default.

    Raises:
        UsageError: it says nothing, or is too long; or there is no such step.
        UnknownNameError: there is no such candidate.
    """
    from autoreward.people.raters import rater_name
    from autoreward.runs.notes import take_note

    folder, candidate = find_folder(run, chosen_settings(settings, {}))
    return take_note(folder, candidate, text, step, rater_name(rater))


def taste(run: str = "last", directory: str | Path | None = None, *, settings: Settings | None = None) -> TasteView:
    """What explains the choices of people, in the terms of the best program or of one (`RUN:g01c02`).

    Args:
        directory: where a program for each taste is written.

    Raises:
        UsageError: too few pairs were answered.
        NoValidCandidateError: there is no such program.
    """
    from autoreward.runs.taste import explain_taste

    chosen = chosen_settings(settings, {})
    folder, candidate = find_folder(run, chosen)
    return explain_taste(folder, candidate, Path(directory) if directory else None, chosen.require_isolation)


def term_sums(run: str, *, settings: Settings | None = None) -> TermSums:
    """What each term of a candidate's program (`RUN:g01c02`) sums up to over the watched episode of each candidate.

    Raises:
        NoValidCandidateError: there is no program, or it cannot be called on what was recorded.
    """
    from autoreward.ledger import Run
    from autoreward.runs.taste import measure_terms
    from autoreward.search.leaderboard import read_leaderboard

    chosen = chosen_settings(settings, {})
    folder, candidate = find_folder(run, chosen)
    with Run.open(folder, write=False) as opened:
        return measure_terms(opened, candidate, read_leaderboard(opened), chosen.require_isolation)


def propose(
    run: str, weights: Mapping[str, float], *, rater: str | None = None, settings: Settings | None = None
) -> ProposalView:
    """Have the program of a candidate (`RUN:g01c02`) tried with other weights: it is one of the next generation.

    Raises:
        UnknownNameError, UsageError: there is no such candidate, or these are not the weights of its program.
    """
    from autoreward.people.raters import rater_name
    from autoreward.runs.proposals import propose_weights

    folder, candidate = find_folder(run, chosen_settings(settings, {}))
    return propose_weights(folder, candidate, weights, rater_name(rater))


def accept_metric(run: str = "last", *, rater: str | None = None, settings: Settings | None = None) -> AcceptedView:
    """Say that the success metric of a run measures what is meant; a search then asks nobody about it.

    Raises:
        UsageError: the run has no metric.
    """
    from autoreward.people.acceptance import accept_metric
    from autoreward.people.raters import rater_name

    return accept_metric(find_folder(run, chosen_settings(settings, {}))[0], rater_name(rater))


def take_back(run: str = "last", *, rater: str | None = None, settings: Settings | None = None) -> list[PreferenceView]:
    """Take back what a rater said last: one preference, or all pairs that a choice among several answered.

    Raises:
        UsageError: there is none.
    """
    from autoreward.people.raters import rater_name
    from autoreward.runs.preferences import take_back as take_back_last

    return take_back_last(find_folder(run, chosen_settings(settings, {}))[0], rater_name(rater))
