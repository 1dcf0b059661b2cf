"""One training of a population: what is asked of the trainer, and what became of every member."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from autoreward.records.candidate import Finding
from autoreward.records.record import Device, Record
from autoreward.records.task import RandomisedRange
from autoreward.records.verdict import CompiledMetric, CompiledReward

Size = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]


class PPOSettings(Record):
    """PPO, with CleanRL's names. Defaults are the project's; see `autoreward bench learn`."""

    num_envs: Size = 16  # a member
    device_envs: Size | None = None  # a member on a GPU; None: chosen from its memory and the length of the training
    num_steps: Size = 128  # a rollout
    device_steps: Size | None = None  # a rollout on a GPU; None: at most 32, many short ones in parallel
    update_epochs: Size = 4
    num_minibatches: Size = 32
    device_minibatches: Size | None = None  # on a GPU; None: as many as keep their size
    learning_rate: NotNegative = 7e-4
    anneal_lr: bool = False
    gae_lambda: Share = 0.95
    clip_coef: Positive = 0.2
    ent_coef: Finite = 0.005
    vf_coef: Finite = 0.5
    max_grad_norm: Positive = 0.5
    target_kl: NotNegative | None = None
    policy_average: NotNegative = 0.04  # time constant of the running average of the policy that is
    # kept, as a share of the training (Polyak averaging); 0: none
    hidden: tuple[Size, ...] = (64, 64)
    log_std_init: Finite = -1.0
    norm_obs: bool = True
    norm_reward: bool = True
    gamma: Share | None = None  # None: the environment's


Algo = Literal["ppo", "sac", "td3", "dqn"]


class OffPolicySettings(Record):
    """SAC, TD3 and DQN: stable-baselines3's, with its names where PPO has no other number of that name."""

    learner_envs: Size = 4  # environments a member
    train_freq: Size = 64  # environment steps of a member between two updates; their rewards are paid in one batch
    updates_per_step: Positive = 1.0  # gradient steps an environment step
    learning_starts: Annotated[int, Field(ge=0)] = 1_000  # random steps first; at most a tenth of the training
    buffer_size: Size = 300_000  # transitions
    batch_size: Size = 256
    adam_rate: Positive = 3e-4
    tau: Share = 0.005  # of the networks, a gradient step, into those that targets are made with
    net_arch: tuple[Size, ...] = (256, 256)
    action_noise: NotNegative = 0.1  # standard deviation of TD3's exploration, in -1..1
    exploration_fraction: Share = 0.2  # of the training, in which the share of DQN's random actions falls from 1
    exploration_final: Share = 0.05  # to this
    normalise: bool = True  # observations by their running mean and deviation, rewards by their deviation
    checkpoint_seconds: Positive = 60.0  # between two that a learner writes, from which a killed run goes on


# Sizes of a training, and what they are called on a GPU: there they are chosen, unless a person has set either of them.
DEVICE_SIZES = {"num_envs": "device_envs", "num_steps": "device_steps", "num_minibatches": "device_minibatches"}

REWARD_CLIP = 10.0  # of normalised rewards, as VecNormalize clips them
OBSERVATION_CLIP = 10.0  # of normalised observations, as a policy sees them and VecNormalize clips them
VARIANCE_FLOOR = 1e-8  # added to the variance that observations are normalised with


class MemberSpec(Record):
    """One policy of the population."""

    candidate: str
    seed: int  # seed index: all randomness of the member comes from (job seed, this), never from its slot


class RankedFactor(Record):
    """One factor of a ranking: a term, and by how much two segments have to differ in it."""

    term: str
    better: Literal["more", "less"] = "more"
    margin: NotNegative = 0.5  # times the standard deviation of the factor over segments


class CombinationSpec(Record):
    """Where the weights of a program come from, and how they change while its members train."""

    kind: Literal["fixed", "episodic", "ranked", "aligned", "added"] = "fixed"  # added: fixed, and the task's progress
    model: Literal["linear", "network"] = "linear"  # of what is learned from episodes or rankings
    rank: tuple[RankedFactor, ...] = ()  # ranked: the first that differs decides
    adapt: bool = False  # weights move within a factor of 4 of the program's, to what still informs the policy

    @property
    def learns(self) -> bool:
        """Whether what is paid changes while its members train."""
        return self.kind != "fixed" or self.adapt


class Requirement(Record):
    """What a behaviour has to keep to: a cost a step, and what it may be in the mean over an episode."""

    text: str  # as it was written: "torso_pitch <= 0.3 in 95 %"
    limit: Finite  # of the mean cost
    counts_steps: bool = False  # the cost is 1 in steps that break it, else 0
    scale: Finite = 1.0  # of a mean: the value that it limits is the cost times this
    charged: bool = True  # False: measured alone

    def value_of(self, cost: float) -> float:
        """A mean cost in the words of the text: the mean that is limited, or the share of steps that keep to it."""
        return 1.0 - cost if self.counts_steps else cost * self.scale


class Requirements(Record):
    """Requirements and the compiled program of their costs."""

    items: tuple[Requirement, ...]
    costs: CompiledReward  # a term a requirement, in their order


class RewardSpec(Record):
    """What a member is paid."""

    kind: Literal["program", "sparse", "shaping"]  # sparse: the task's progress, paid as it grows;
    # shaping: the same, and on every transition gamma * Phi(s') * (1 - terminated) - Phi(s) of the compiled potential
    compiled: CompiledReward | None = None
    combination: CombinationSpec = CombinationSpec()  # of a program
    requirements: Requirements | None = None  # charged for beside the terms of a program


class Rung(Record):
    """A moment of training at which the worse candidates are stopped."""

    at: float = Field(gt=0.0, lt=1.0)  # share of n_timesteps
    keep: float = Field(gt=0.0, le=1.0)  # share of the candidates that go on, rounded up


class TrainingJob(Record):
    """One population to train. Self-contained: the same call can run on another machine."""

    id: str  # "g02", "final", "train", ...
    env: str
    env_path: str | None = None  # a pack outside the installation
    task: str | None
    members: tuple[MemberSpec, ...]
    rewards: Mapping[str, RewardSpec]  # by candidate id
    metric: CompiledMetric | None
    subtasks: Mapping[str, CompiledMetric] = Field(default_factory=dict)  # by name
    n_timesteps: int  # environment steps a member
    seed: int
    population_size: int  # >= len(members): freed slots repeat members under further seeds
    evaluation_episodes: int = 10
    ppo: PPOSettings = PPOSettings()
    rungs: tuple[Rung, ...] = ()  # successive halving; none: every candidate is trained to the end
    device: Device = "auto"
    algo: Algo = "ppo"
    off_policy: OffPolicySettings = OffPolicySettings()  # of the others
    share_experience: bool = False  # members of one seed learn from the steps of all of them, each paid by its reward
    checkpoints: str | None = None  # folder in which learners of the others keep where they are; None: nowhere


class MemberResult(Record):
    """How one member ended. Evaluation episodes have their own seeds and a deterministic policy."""

    candidate: str
    seed: int
    status: Literal["trained", "stopped", "failed"]  # stopped: at a rung, and measured as it was then
    finding: Finding | None = None  # why it failed or was stopped
    success: float | None = None  # mean over its evaluation episodes
    progress: float | None = None
    own_return: float | None = None  # best mean own episodic return while training, of the policy kept
    length: float | None = None  # mean length of evaluation episodes [steps]
    env_steps: int = 0
    subtasks: Mapping[str, float] = Field(default_factory=dict)  # share of evaluation episodes that do each, by name
    diverged: int = 0  # episodes that ended because the simulation diverged
    weights: Mapping[str, float] = Field(default_factory=dict)  # by term: learned, as they were at the end; {}: fixed
    requirements: Mapping[str, float] = Field(default_factory=dict)  # share of evaluation episodes that meet each
    required: Mapping[str, float] = Field(default_factory=dict)  # mean over them of what each limits: the mean, in the
    # unit of its field, or the share of steps that keep to it


class TrainingResult(Record):
    """One trained population. What its members recorded travels beside it; see recordings.py."""

    job: str
    members: tuple[MemberResult, ...]
    env_steps: int  # training
    evaluation_steps: int
    seconds: float
    first_update_seconds: float  # from the call to the end of the first update, compilation included
    randomised: tuple[RandomisedRange, ...] = ()  # the ranges it was trained and evaluated with
    device: str = "cpu"  # where the population was trained; evaluation is always in the C simulation
    notes: tuple[str, ...] = ()  # what did not go as planned: "Out of memory with ..."


class Fitness(Record):
    """The success metric with its 95 % interval over seeds. Printed as FIT in the JSON schemas."""

    mean: float
    low: float | None  # None with one seed: no interval can be given
    high: float | None
    seeds: int
    episodes: int
