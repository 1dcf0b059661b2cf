"""The population that `bench train` trains: what the first generation of a search trains without a language model.

Eight programs of the embedded designer that the critic accepts, each under three seeds, and the task's own metric.
"""

from __future__ import annotations

import math

from autoreward.config import Settings
from autoreward.critic import check
from autoreward.designer.compose.compose import proposals
from autoreward.environment.environment import Environment
from autoreward.errors import EnvironmentFailedError
from autoreward.records import Brief, CompiledMetric, CompiledReward, PPOSettings, RewardSpec, TrainingJob
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.search.request import compile_metric, make_task
from autoreward.trainer.jobs import TrainingSetup

SPARE = 8  # programs that are written in case the critic refuses some


class Population:
    """Compiled rewards of one task, and jobs made of them.

    Args:
        environment: where the population trains.
        task: its task.
        candidates: how many rewards are wanted.
        metric: in place of the task's.

    Raises:
        EnvironmentFailedError: the critic accepts fewer.
    """

    def __init__(
        self, environment: Environment, task: str | None, candidates: int, settings: Settings, metric: str | None = None
    ) -> None:
        self._environment, self._task, self._settings = environment, task, settings
        with Sandbox(settings.require_isolation) as sandbox:
            spec = make_task(environment, None if task else "Do what it is there for.", task, metric)
            self._metric: CompiledMetric | None = compile_metric(environment, spec, sandbox)
            self._rewards = _rewards(environment, spec.text, candidates, settings.design.seed, sandbox)

    def job(self, candidates: int, seeds: int, ppo: PPOSettings, iterations: int) -> TrainingJob:
        """A training of the first `candidates` rewards that can go on for so many iterations, warm-up not included."""
        rewards = dict(list(self._rewards.items())[:candidates])
        warm_up = math.ceil(self._environment.spec.horizon / ppo.num_steps) + 2  # every episode has ended once by then
        design = self._settings.design.model_copy(
            update={"n_timesteps": (warm_up + iterations) * ppo.num_envs * ppo.num_steps}
        )
        settings = self._settings.model_copy(update={"design": design, "ppo": ppo})
        setup = TrainingSetup(self._environment, self._task, self._metric, settings)
        specs = {name: RewardSpec(kind="program", compiled=reward) for name, reward in rewards.items()}
        return setup.job("bench", specs, range(seeds), population_size=candidates * seeds)


def _rewards(
    environment: Environment, text: str, candidates: int, seed: int, sandbox: Sandbox
) -> dict[str, CompiledReward]:
    brief = Brief(text=text, env=environment.spec, generation=0, slot=0, candidates=candidates, seed=seed)
    programs = proposals(brief, further=SPARE)
    sources = [(f"g00c{index:02d}", program.source()) for index, program in enumerate(programs)]
    verdicts = check(sources, environment.spec, environment.transitions, sandbox)
    accepted = {verdict.candidate: verdict.reward for verdict in verdicts if verdict.reward is not None}
    if len(accepted) < candidates:
        raise EnvironmentFailedError(
            f"{environment.spec.name}: the critic accepts {len(accepted)} of {len(programs)} programs of the embedded "
            f"designer, expected at least {candidates}.",
            "Measure fewer candidates: --set candidates=N.",
        )
    return dict(list(accepted.items())[:candidates])
