"""Environments and task files: what there is, and how to add one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autoreward.api.arguments import chosen_settings
from autoreward.views import EnvCheckLine, EnvReport, EnvSummary, MeaningsView, NewEnvView

if TYPE_CHECKING:
    from autoreward.config import Settings
    from autoreward.environment.task_file import TaskFile

OTHER_NAME = "Give another name: autoreward init FILE.yaml."


def read_task_file(file: str | Path) -> TaskFile:
    """What a task file says: arguments for `design`, and settings.

    Raises:
        UsageError: it cannot be read, or holds something else.
    """
    from autoreward.environment.task_file import read_task_file as read

    return read(Path(file))


def init(file: str | Path = "task.yaml", env: str = "half_cheetah", task: str | None = None) -> Path:
    """Write a commented task file that `design` accepts.

    Raises:
        UsageError: there is a file of this name already, or it has another ending than .yaml.
        UnknownNameError: there is no such environment or task.
        StorageError: it cannot be written.
    """
    from autoreward.environment.random_rollout import open_environment
    from autoreward.environment.task import load_task, split_environment, task_names
    from autoreward.environment.task_file import SUFFIXES, task_file_text
    from autoreward.ledger.files import write_atomic
    from autoreward.ledger.outputs import check_output_file, output_errors
    from autoreward.ledger.trust import remember_own

    path = Path(file)
    check_output_file(path, suffixes=SUFFIXES, cure=OTHER_NAME)
    name, task = split_environment(env, task)
    environment = open_environment(name)
    tasks = [
        load_task(environment.pack, one)
        for one in dict.fromkeys([*([task] if task else []), *task_names(environment.pack)])
    ]
    remember_own(pack=environment.path)
    text = task_file_text(environment.spec, environment.path or environment.pack.name, tasks, task)
    with output_errors(path, OTHER_NAME):
        write_atomic(path, text)
    return path


def environments() -> list[EnvSummary]:
    """The environments that come with autoreward."""
    from autoreward.environment.pack import load_pack, pack_names
    from autoreward.environment.task import task_names

    packs = [load_pack(name) for name in pack_names()]
    return [
        EnvSummary(env=pack.name, title=pack.title, tasks=tuple(task_names(pack)), mirrors=pack.mirrors)
        for pack in packs
    ]


def environment(env: str) -> EnvReport:
    """What a designer sees of an environment (of one task: `hopper/front_flip`), and its tasks with their success."""
    from autoreward.environment.random_rollout import open_environment
    from autoreward.environment.sides import coordinates
    from autoreward.environment.task import load_task, split_environment, task_names

    environment = open_environment(*split_environment(env, None))
    tasks = tuple(load_task(environment.pack, name) for name in task_names(environment.pack))
    pack = environment.pack
    notes = pack.foreign.notes if pack.foreign is not None else ()
    gpu_physics = pack.mjx.reason if pack.mjx else None
    return EnvReport.of(environment.spec, tasks, gpu_physics, notes, coordinates(pack))


def describe_environment(
    env: str,
    file: str | Path = "fields.yaml",
    settings: Settings | None = None,
    confirm: Callable[[MeaningsView], bool] | None = None,
) -> MeaningsView:
    """Ask a language model what the fields of somebody else's environment mean, and write it for `fields=FILE`.

    Args:
        env: as for `gymnasium_environment`, or what it returned.
        file: where to; it must not exist.
        settings: the model and its budgets.
        confirm: shows a person what was said before it is written; without one it is written for somebody to read.

    Raises:
        UsageError: it is a pack, there is no language model, or the file exists.
        ModelError, BudgetReachedError: see `autoreward.errors`.
        InterruptedRunError: `confirm` said no.
    """
    from autoreward.environment.random_rollout import open_environment
    from autoreward.environment.task import split_environment
    from autoreward.workflows.meanings import describe_fields

    environment = open_environment(*split_environment(env, None))
    return describe_fields(environment, chosen_settings(settings, {}), Path(file), confirm)


def gymnasium_environment(
    env: str,
    *,
    kwargs: Mapping[str, Any] | None = None,
    packages: Sequence[str] = (),
    fields: str | None = None,
    show_info: Sequence[str] = (),
) -> str:
    """An environment of Gymnasium with how it is made, as one line that every function takes for `env`.

    Args:
        env: an id ("CartPole-v1"), "module:Class", "package.module:function".
        kwargs: arguments of its maker.
        packages: modules whose import registers it.
        fields: "module:function": `function(env, observation, info)` returns its fields by name; or a file that
            `describe_environment` wrote.
        show_info: keys of `info` that designers may see, though they tell the environment's own reward.

    Raises:
        UsageError: `env` is a pack, which takes none of this.
    """
    from autoreward.environment.foreign.reference import with_options

    return with_options(env, kwargs, packages, fields, show_info)


def new_environment(
    name: str,
    mjcf: str | Path,
    home: str | None = None,
    *,
    forward: str | None = None,
    command: str | Sequence[str] = (),
    every: float | None = None,
    end: str | Sequence[str] = (),
    control: str | None = None,
    contacts: bool = False,
    observe: str | Sequence[str] = (),
) -> NewEnvView:
    """Write an environment pack for a robot of one's own, and check it. It runs at once: `env="./NAME"`.

    Args:
        name: its folder, new.
        mjcf: the robot's model: whatever MuJoCo loads; it is copied with all that it includes.
        home: the keyframe of the initial pose, by name or number; by default the one called "home" or "stand", or the
            only one, else the model's rest pose.
        forward: the world axis along which it faces: "x", "-y", ...; guessed by default.
        command: one or several of "velocity", "heading", "target" and "orientation", the latter two also of an end or
            an object ("target:block"): drawn at each reset, seen by the policy and by rewards.
        every: [s] after which commands are drawn anew within an episode.
        end: names of sites, bodies or geoms that are the ends of the limbs; found by default.
        control: "position" for position servos at its joints, in place of motors or where it has no actuators; "delta"
            for the same, where an action moves the target of each servo; "torque" for motors in place of servos.
        contacts: fields for the contacts of each link, from sensors that are added to the copied model.
        observe: "velocity" or "height" of a free base: the policy does not see them by default, for no sensor of a real
            one tells them; while learning, the value network does.

    Raises:
        UsageError: a name is wrong or taken, or the model cannot be used.
    """
    from autoreward.pack_tools.scaffold.new import new_pack

    commands, ends, seen = ((one,) if isinstance(one, str) else tuple(one) for one in (command, end, observe))
    pack = new_pack(
        name,
        Path(mjcf),
        home,
        forward=forward,
        commands=commands,
        every=every,
        ends=ends,
        control=control,
        contacts=contacts,
        observe=seen,
    )
    return NewEnvView(
        folder=str(pack.folder),
        tasks=pack.tasks,
        fields=pack.fields,
        observation_size=pack.observation,
        home=pack.home,
        warnings=pack.warnings,
        check=check_environment(str(pack.folder.resolve())),
    )


def check_environment(env: str) -> EnvCheckLine:
    """Check an environment pack against the contract: its functions, episodes, tasks and metrics.

    Args:
        env: a name, or the path of a pack's folder.
    """
    from autoreward.pack_tools.conformance.suite import check_pack

    report = check_pack(env)
    return EnvCheckLine(
        env=env,
        status="passed" if report.passed else "failed",
        tasks=report.tasks,
        findings=report.findings,
        seconds=round(report.seconds, 3),
    )
