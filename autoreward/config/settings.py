"""Everything that can be set: frozen sections, unknown keys refused, what does not go together refused too.

Keys of providers are no settings: they are read from the environment and never stored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from autoreward.records import Algo, Device, OffPolicySettings, PPOSettings, Tier
from autoreward.written_numbers import read_count, read_seconds

RANK_EXAMPLE = "forward 0.5 > effort 0.1"
FACTOR = re.compile(r"\s*(-?)\s*([A-Za-z]\w*)\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)?\s*")  # of a rank


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _written(read: Callable[[str], float]) -> BeforeValidator:
    """Takes a number in the words that people use for it, in every layer; numbers pass as they are."""
    return BeforeValidator(lambda value: read(value) if isinstance(value, str) else value)


Count = Annotated[int, _written(read_count)]
Seconds = Annotated[float, _written(read_seconds)]  # [s]


# What a generation is where a person sets nothing of it: as many trainings as 8 candidates on 3 seeds each, spent as
# the reward banks showed to be best (docs/measurements.md, "How should 24 trainings be spent on a choice?").
RACED: Mapping[str, int] = {"candidates": 16, "seeds": 1, "race": 8}


class DesignSettings(_Section):
    """How much is searched."""

    candidates: int = Field(default=8, ge=1, le=64)  # a generation
    generations: int = Field(default=5, ge=1, le=100)
    seeds: int = Field(default=3, ge=1, le=32)  # a candidate
    n_timesteps: Count = Field(default=300_000, ge=1)  # environment steps a member
    final_seeds: int = Field(default=5, ge=1, le=64)  # fresh seeds of the winner and the baselines
    evaluation_episodes: int = Field(default=10, ge=1)  # a seed
    seed: int = Field(default=0, ge=0)
    metric_drafts: int = Field(default=8, ge=1, le=32)  # of a success metric, where a text alone is given
    metric_questions: int = Field(default=3, ge=0, le=3)  # about a text that can be read in several ways
    properties: int = Field(default=10, ge=0, le=12)  # tests of meaning that a language model writes; 0: none
    critic: Literal["off", "llm"] = "off"  # llm: reads programs against the text, warns only
    analyst: Literal["off", "llm"] = "off"  # llm: reads the tables of trajectories, says causes and proposals
    # STARC distance (survival included) of a candidate to the others of its generation, below which another is asked
    # for; 0: any; None: 0.1 where the embedded designer writes, whose programs cost nothing, else any
    distinct: float | None = Field(default=None, ge=0, lt=1)
    repairs: int = Field(default=2, ge=0, le=5)  # times a refused candidate goes back with its findings
    target: float | None = None  # success the winner must reach
    # who chooses parent and result; both: people, among those that the metric does not put far behind the best
    select: Literal["metric", "people", "both"] = "metric"
    synthetic_preferences: bool = False  # the metric answers in the place of people, to measure what choosing does
    # candidates beyond these generations, the best programs with numbers of an optimiser's, in whole generations
    tune_weights: int = Field(default=0, ge=0, le=1024)
    # by which rules it is chosen what prompts show, from which candidates the next start, and which is the result
    method: Literal["ours", "eureka", "text2reward", "revolve", "random", "archive"] = "ours"
    track: Literal["none", "tensorboard", "wandb"] = "none"  # where a run is shown too, once a sitting has ended
    clips: bool = True  # draw the best of each generation, in the background
    race: int = Field(default=0, ge=0, le=128)  # further trainings of one seed a generation, to those that can still be
    # best, and the size of all its populations; 0: every candidate has the same seeds
    halving: bool = False  # stop the worse half of a generation's candidates after a third of the training
    shaping_only: bool = False  # design only a potential on top of the task's progress
    algo: Algo = "ppo"  # what policies learn by; the others are stable-baselines3's, a process a member
    share_experience: bool = False  # of the others: members of one seed learn from the steps of all of them
    # where weights come from: the program, the progress of episodes, a ranking, the task's own progress
    combine: Literal["fixed", "episodic", "ranked", "aligned"] = "fixed"
    combine_model: Literal["linear", "network"] = "linear"  # what is learned of episodes or a ranking
    rank: str | None = None  # "forward > upright 0.2 > effort": terms, and margins in standard deviations
    # drafts of the first program that a language model writes for combine = episodic, of which it makes one; 0: none
    factor_drafts: int = Field(default=5, ge=0, le=16)
    adapt: bool = False  # weights move within a factor of 4 of the program's while its members train
    require: tuple[str, ...] = ()  # what policies have to keep to: "torso_pitch <= 0.3 in 95 %"

    @model_validator(mode="after")
    def _ranks_what_is_ranked(self) -> DesignSettings:
        if self.rank and self.combine != "ranked":
            raise ValueError("rank is read by combine = ranked alone: set that too, or leave rank out")
        if self.combine_model == "network" and self.combine in ("fixed", "aligned"):
            raise ValueError("combine_model = network goes with combine = episodic or ranked: set one of these")
        wrong = [part.strip() for part in (self.rank or "").split(">") if self.rank and not FACTOR.fullmatch(part)]
        if wrong:
            raise ValueError(f"rank has {wrong[0]!r:.60}: write terms, each with a margin if you like ({RANK_EXAMPLE})")
        return self

    @model_validator(mode="after")
    def _learns_alone(self) -> DesignSettings:
        if not self.learns_weights:
            return self
        if self.shaping_only:
            raise ValueError("with shaping_only no term is paid, so combine and adapt have nothing to weight")
        if self.halving:
            raise ValueError("halving stops members before what combine or adapt learns can show: set one of them")
        if self.adapt and self.combine != "fixed":
            raise ValueError("adapt moves the weights of the program, combine replaces them: set one of them")
        if self.combine == "ranked" and not self.rank:
            raise ValueError("combine = ranked needs a rank, as in rank = 'forward > upright > effort'")
        if self.algo != "ppo":
            raise ValueError("combine and adapt learn between the rollouts of ppo: leave algo out")
        return self

    @model_validator(mode="after")
    def _charges_terms(self) -> DesignSettings:
        if not self.require:
            return self
        if self.shaping_only:
            raise ValueError("with shaping_only no term is paid that require could be charged beside: set one of them")
        if self.halving:
            raise ValueError("halving stops members by their success alone, require asks for more: set one of them")
        if self.algo != "ppo":
            raise ValueError("require is charged between the rollouts of ppo: leave algo out")
        return self

    def raced(self) -> DesignSettings:
        """The same, as a search takes them: `RACED` where nobody has set how trainings are divided, or who chooses.

        A race is one of success alone, and its populations are not those that off-policy learners share steps in.
        """
        divided = {*RACED, "halving", "method", "select", "synthetic_preferences", "require", "algo"}
        return self if divided & self.model_fields_set else self.model_copy(update=RACED)

    @property
    def learns_weights(self) -> bool:
        """Whether weights change while policies train."""
        return self.combine != "fixed" or self.adapt

    @property
    def ranked_terms(self) -> tuple[str, ...]:
        """The names in the rank, in its order."""
        found = (FACTOR.fullmatch(part) for part in (self.rank or "").split(">"))
        return tuple(one[2] for one in found if one is not None)

    @property
    def tuning_generations(self) -> int:
        """Generations of the optimiser, which follow those of the designer."""
        return -(-self.tune_weights // self.candidates)

    @model_validator(mode="after")
    def _weights_to_tune(self) -> DesignSettings:
        if self.tune_weights and self.shaping_only:
            raise ValueError("shaping_only has no weights to tune: leave tune_weights out")
        return self

    @model_validator(mode="after")
    def _race_or_halving(self) -> DesignSettings:
        if self.race and self.halving:
            raise ValueError("race and halving are two ways to spend the same steps: set one of them")
        return self

    @model_validator(mode="after")
    def _ppo_or_not(self) -> DesignSettings:
        if self.algo == "ppo" and self.share_experience:
            raise ValueError("share_experience needs a buffer, which PPO has not: set algo to sac, td3 or dqn")
        if self.algo != "ppo" and self.halving:
            raise ValueError(f"halving stops members of PPO's population: leave it out with algo {self.algo}")
        return self

    @model_validator(mode="after")
    def _one_way_to_choose(self) -> DesignSettings:
        if self.method != "ours" and (self.race or self.select != "metric"):
            other = "race" if self.race else f"select={self.select}"
            raise ValueError(f"method={self.method} and {other} are two ways to choose: set one of them")
        return self


class ModelSettings(_Section):
    """Which designer, and how it is asked."""

    model: str | None = None  # "compose", "openai/gpt-5", ...; None: a key, a local server, else compose
    base_url: str | None = None
    temperature: float = Field(default=1.0, ge=0)
    request_timeout: Seconds = Field(default=600.0, gt=0)  # [s], one request in total
    outage_budget: Seconds = Field(default=1800.0, ge=0)  # [s] of failing requests before the run stops
    reader_patience: Seconds = Field(default=60.0, gt=0)  # [s] for judge, critic and analyst, then the run goes on
    max_output_tokens: Count = Field(default=16_384, ge=64)  # of one reply, thoughts included
    judge: str | None = None  # a model that looks at clips of the best, "openai/gpt-5"; it never enters fitness
    ask: Literal["candidate", "generation"] = "candidate"  # what one request asks for
    parallel_requests: int = Field(default=8, ge=1)
    confirm_above: float = Field(default=1.0, ge=0)  # [USD]


class BudgetSettings(_Section):
    """When to stop early. None: no limit."""

    max_cost: float | None = Field(default=None, ge=0)  # [USD]
    max_tokens: Count | None = Field(default=None, ge=0)
    max_time: Seconds | None = Field(default=None, ge=0)  # [s]
    max_steps: Count | None = Field(default=None, ge=0)  # environment steps of training


class Settings(_Section):
    """Everything that can be set."""

    design: DesignSettings = DesignSettings()
    llm: ModelSettings = ModelSettings()
    budget: BudgetSettings = BudgetSettings()
    ppo: PPOSettings = PPOSettings()
    off_policy: OffPolicySettings = OffPolicySettings()
    runs: str = "runs"  # where run folders are made
    device: Device = "auto"
    require_isolation: Tier = "basic"  # reward programs run in this tier or better, or not at all

    @model_validator(mode="before")
    @classmethod
    def _forget_executor(cls, data: Any) -> Any:
        """Older runs stored a setting that did nothing."""
        return {key: value for key, value in data.items() if key != "executor"} if isinstance(data, Mapping) else data

    def for_search(self) -> Settings:
        """The same, as a search takes them; see `DesignSettings.raced`."""
        return self.model_copy(update={"design": self.design.raced()})
