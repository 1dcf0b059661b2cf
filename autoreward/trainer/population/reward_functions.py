"""What members are paid: compiled rewards and the sparse baseline, applied to all steps of a rollout after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

import jax
import numpy as np
from jaxtyping import Float

from autoreward.records import SHAPING_TERMS, SPARSE_TERM, CompiledReward, Finding, Requirements, RewardSpec
from autoreward.reward.composition import compose_reward, potential_shaping
from autoreward.reward.forms import initial_memory, pay_step
from autoreward.reward.program import RewardProgram
from autoreward.trainer.combination.combination import Pay
from autoreward.trainer.combination.reward_model import pay_by_model

Array = Any  # of numpy, or of jax where the rollout stays on a device
Arrays = Mapping[str, Array]


class Rewards(NamedTuple):
    """What one candidate's n environments are paid for the T steps of a rollout."""

    terms: Float[Array, "T n K"]  # unweighted
    reward: Float[Array, "T n"]
    counted: Float[Array, "T n"] | None = None  # what the own return is a sum of; None: the reward
    memory: Any = None  # of the episodes that go on, where the form of a program remembers them
    outcome: Float[Array, "T n"] | None = None  # by how much success grew, for what learns weights from it


class Paying(NamedTuple):
    """What a rollout is paid with besides its steps."""

    over: Array  # an episode ended with the step [T, n]
    pay: Pay | None = None  # None: the program's own weights
    memory: Any = None  # of the rollout before; None: all episodes begin
    success_gain: Array = None  # as the gain of progress, of success


@runtime_checkable
class RewardFunction(Protocol):
    """One way of paying members. Works on numpy and jax arrays alike."""

    term_names: tuple[str, ...]  # of the K columns of `Rewards.terms`

    def compute_rewards(
        self, state: Arrays, action: Array, next_state: Arrays, t: Array, env: Array, gain: Array,
        paying: Paying | None = None,
    ) -> Rewards:  # fmt: skip
        """Rewards of a rollout; arrays `[T, n, ...]`.

        Args:
            t, env: where the task's progress is paid `[P]`; rows beyond the rollout are ignored.
            gain: by how much it has grown there since it was paid last `[P]`.
            paying: with what; None: with the program's own weights, and episodes that do not end.
        """
        ...

    def describe_non_finite(self, counts: Sequence[int], transitions: int) -> Finding:
        """What is wrong with rewards that are not finite.

        Args:
            counts: on how many transitions each term is not finite `[K]`.
            transitions: of how many.
        """
        ...


class ProgramReward:
    """A candidate's compiled reward, with weights, form, shaping and termination applied outside it."""

    def __init__(self, spec: RewardSpec, gamma: float) -> None:
        compiled = _compiled_of(spec)
        self._program = RewardProgram(compiled)
        self.term_names = compiled.term_names
        self.program_weights = compiled.ordered_weights
        self._weights = np.asarray(compiled.ordered_weights, np.float32)
        self._form, self._gamma = compiled.form, gamma

    def compute_rewards(
        self, state: Arrays, action: Array, next_state: Arrays, t: Array, env: Array, gain: Array,
        paying: Paying | None = None,
    ) -> Rewards:  # fmt: skip
        """See RewardFunction."""
        return self.compute_step_rewards(state, action, next_state, paying)

    def compute_step_rewards(
        self, state: Arrays, action: Array, next_state: Arrays, paying: Paying | None = None
    ) -> Rewards:
        """Rewards of a rollout; what progress it made makes no difference to them."""
        xp = action.__array_namespace__()
        shape = action.shape[:2]
        flat = self._flatten_inputs(state, action, next_state)
        terms, phi, phi_next = (xp.asarray(array) for array in self._program(flat))
        terminated = next_state["terminated"].reshape(-1)
        by_step = terms.reshape(*shape, -1)
        if self._form.plain and (paying is None or paying.pay is None):
            reward = compose_reward(terms, self._weights, phi, phi_next, self._gamma, terminated)
            return Rewards(by_step, xp.asarray(reward, dtype=xp.float32).reshape(shape))
        over = next_state["terminated"] if paying is None else paying.over
        paid, memory = self._combine(xp, by_step, next_state["terminated"], xp.asarray(over, xp.float32), paying)
        reward = paid + potential_shaping(phi, phi_next, self._gamma, terminated).reshape(shape)
        return Rewards(by_step, xp.asarray(reward, dtype=xp.float32), memory=memory)

    def _combine(
        self, xp: Any, terms: Float[Array, "T n K"], terminated: Array, over: Array, paying: Paying | None
    ) -> tuple[Float[Array, "T n"], Any]:
        """What the terms pay, and what is remembered of the episodes that go on."""
        pay = None if paying is None else paying.pay
        if pay is not None and pay.model is not None:
            return xp.asarray(pay_by_model(pay.model, terms)), None
        weights = xp.asarray(self._weights)
        if pay is not None:  # those of a member hold for all its environments
            members = len(pay.weights)
            weights = xp.repeat(xp.asarray(pay.weights), terms.shape[1] // members, axis=0)
        form = self._form.data()
        if not self._form.remembers:
            return pay_step(xp, form, self.term_names, terms, weights, terminated, over, None)
        memory = None if paying is None else paying.memory
        memory = initial_memory(xp, *terms.shape[1:]) if memory is None else memory

        def step(memory: Any, row: tuple[Array, Array, Array]) -> tuple[Any, Array]:
            paid, memory = pay_step(xp, form, self.term_names, row[0], weights, row[1], row[2], memory)
            return memory, paid

        return _step_by_step(xp, step, memory, (terms, terminated, over))

    def _flatten_inputs(self, state: Arrays, action: Array, next_state: Arrays) -> dict[str, Array]:
        sources = {"state": state, "next_state": next_state}
        flat = {}
        for name in self._program.inputs:
            owner, _, field = name.partition(".")
            array = action if name == "action" else sources[owner][field]
            flat[name] = array.reshape(-1, *array.shape[2:])
        return flat

    def describe_non_finite(self, counts: Sequence[int], transitions: int) -> Finding:
        """See RewardFunction."""
        terms = zip(self.term_names, counts, strict=True)
        named = [f"term {name!r} at {count} of {transitions} transitions" for name, count in terms if count]
        return Finding(
            rule="training.reward_not_finite",
            severity="error",
            message=f"The reward is not finite while training: "
            f"{'; '.join(named) or 'the potential or the weighted sum'}.",
            remedy="Guard divisions, logarithms and square roots near zero, and clip exponents.",
        )


class LearnedReward:
    """A program whose terms are combined by what is learned while its members train.

    What counts as own return is the task's progress: the sum of a reward that changes tells no policies apart. So the
    policy that is kept is the one with the most progress in its last training episodes.

    Args:
        program: what the members are paid by.
        requirements: whose costs stand behind the terms, and are charged for with weights of their own.
        gamma: discount.
    """

    def __init__(self, program: ProgramReward, requirements: Requirements | None, gamma: float) -> None:
        self.program, self.term_names = program, program.term_names
        self.requirements = () if requirements is None else requirements.items
        self._costs: ProgramReward | None = None
        if requirements is not None:
            self._costs = ProgramReward(RewardSpec(kind="program", compiled=requirements.costs), gamma)
            self.term_names = (*program.term_names, *(one.text for one in requirements.items))

    def compute_rewards(
        self, state: Arrays, action: Array, next_state: Arrays, t: Array, env: Array, gain: Array,
        paying: Paying | None = None,
    ) -> Rewards:  # fmt: skip
        """See RewardFunction."""
        rewards = self.compute_step_rewards(state, action, next_state, paying)
        progress, grown = _scatter(action, t, env, gain), None if paying is None else paying.success_gain
        outcome = None if grown is None else _scatter(action, t, env, grown)
        rewards = rewards._replace(counted=progress, outcome=outcome)
        pay = None if paying is None else paying.pay
        if pay is None or pay.primary is None:
            return rewards
        xp = action.__array_namespace__()
        primary = xp.repeat(xp.asarray(pay.primary), action.shape[1] // len(pay.primary), axis=0)
        paid = primary[:, 0] * progress
        paid = paid if outcome is None else paid + primary[:, 1] * outcome
        return rewards._replace(reward=rewards.reward + paid)

    def compute_step_rewards(
        self, state: Arrays, action: Array, next_state: Arrays, paying: Paying | None = None
    ) -> Rewards:
        """Without the progress: the terms and the costs behind them, and what both pay."""
        if self._costs is None:
            return self.program.compute_step_rewards(state, action, next_state, paying)
        xp, terms, pay = action.__array_namespace__(), len(self.program.term_names), None
        if paying is not None and paying.pay is not None:
            pay = paying.pay
            paying = paying._replace(pay=pay._replace(weights=pay.weights[:, :terms]))
        rewards = self.program.compute_step_rewards(state, action, next_state, paying)
        costs = self._costs.compute_step_rewards(state, action, next_state).terms
        both = xp.concatenate([rewards.terms, costs], axis=-1)
        if pay is None:
            return rewards._replace(terms=both)
        charges = xp.repeat(xp.asarray(pay.weights[:, terms:]), action.shape[1] // len(pay.weights), axis=0)
        return rewards._replace(terms=both, reward=rewards.reward + (costs * charges).sum(axis=-1))

    def describe_non_finite(self, counts: Sequence[int], transitions: int) -> Finding:
        """See RewardFunction."""
        return self.program.describe_non_finite(counts[: len(self.program.term_names)], transitions)


class SparseReward:
    """The task's progress, paid as it grows: the baseline that knows nothing else.

    With every tenth step of an episode, and with its last one, what the progress of the episode so far has grown since
    the payment before: over an episode the payments sum up to its progress. Paid in one piece at the end, after 1000
    steps, it would reach the last hundred of them only at a gamma of 0.99.
    """

    term_names: tuple[str, ...] = (SPARSE_TERM,)

    def compute_rewards(
        self, state: Arrays, action: Array, next_state: Arrays, t: Array, env: Array, gain: Array,
        paying: Paying | None = None,
    ) -> Rewards:  # fmt: skip
        """See RewardFunction."""
        reward = _scatter(action, t, env, gain)
        return Rewards(reward[..., None], reward)

    def describe_non_finite(self, counts: Sequence[int], transitions: int) -> Finding:
        """See RewardFunction."""
        return Finding(
            rule="training.reward_not_finite", severity="error", message="The task's progress is not finite."
        )


class ShapedReward:
    """The task's progress as SparseReward pays it, and potential-based shaping on every transition.

    The shaping adds -Phi(s_0) to the discounted return of every policy, and nothing else, where an episode terminates
    or is thought to go on behind its time limit, as it is here. So the order of policies by the discounted return of
    the progress, and with it the best policy, stays the same. It is the order by that return, at this gamma, and not
    by success; and it says nothing of which policy a training of finite length finds.

    What counts as own return is the progress alone: an undiscounted sum of shaping depends on the potential's zero.

    Source: Ng, Harada, Russell 1999, "Policy invariance under reward transformations", theorem 1.
    """

    term_names: tuple[str, ...] = tuple(SHAPING_TERMS)

    def __init__(self, spec: RewardSpec, gamma: float) -> None:
        compiled = _compiled_of(spec)
        if not compiled.has_potential:
            raise ValueError("a reward of kind 'shaping' carries a compiled potential")
        unpaid = dict.fromkeys(compiled.weights, 0.0)  # its terms only show the potential to the critic
        without_terms = compiled.model_copy(update={"weights": unpaid})
        self._shaping = ProgramReward(spec.model_copy(update={"compiled": without_terms}), gamma)

    def compute_rewards(
        self, state: Arrays, action: Array, next_state: Arrays, t: Array, env: Array, gain: Array,
        paying: Paying | None = None,
    ) -> Rewards:  # fmt: skip
        """See RewardFunction."""
        xp = action.__array_namespace__()
        sparse = _scatter(action, t, env, gain)
        shaping = self._shaping.compute_step_rewards(state, action, next_state).reward
        return Rewards(xp.stack([sparse, shaping], axis=-1), sparse + shaping, counted=sparse)

    def describe_non_finite(self, counts: Sequence[int], transitions: int) -> Finding:
        """See RewardFunction."""
        finding = self._shaping.describe_non_finite([0] * len(self._shaping.term_names), transitions)
        return finding.model_copy(update={"message": "The potential is not finite on states met in training."})


def make_reward(spec: RewardSpec, gamma: float) -> ProgramReward | LearnedReward | SparseReward | ShapedReward:
    """The reward function of a specification."""
    if spec.kind == "sparse":
        return SparseReward()
    if spec.kind == "shaping":
        return ShapedReward(spec, gamma)
    program = ProgramReward(spec, gamma)
    if spec.combination.learns or spec.requirements is not None:
        return LearnedReward(program, spec.requirements, gamma)
    return program


def program_of(reward: RewardFunction) -> ProgramReward | None:
    """The program that gives a reward its terms; None where the task's progress is paid."""
    if isinstance(reward, LearnedReward):
        return reward.program
    return reward if isinstance(reward, ProgramReward) else None


def _step_by_step(xp: Any, step: Any, memory: Any, rows: tuple[Array, ...]) -> tuple[Array, Any]:
    """`step` over the first axis of `rows`: what each gives [T, ...], and the last memory."""
    if xp is not np:
        memory, paid = jax.lax.scan(step, memory, rows)
        return paid, memory
    given = []
    for row in zip(*rows, strict=True):
        memory, paid = step(memory, row)
        given.append(paid)
    return np.stack(given), memory


def _compiled_of(spec: RewardSpec) -> CompiledReward:
    if spec.compiled is None:
        raise ValueError(f"a reward of kind {spec.kind!r} carries its compiled program")
    return spec.compiled


def _scatter(action: Float[Array, "T n A"], t: Array, env: Array, gain: Array) -> Float[Array, "T n"]:
    """`gain [P]` at (t, env), else zeros; of the namespace of `action`."""
    xp = action.__array_namespace__()
    empty = xp.zeros(action.shape[:2], dtype=xp.float32)
    if hasattr(empty, "at"):  # jax arrays are never written to
        return empty.at[t, env].set(gain, mode="drop")
    empty[t, env] = gain
    return empty
