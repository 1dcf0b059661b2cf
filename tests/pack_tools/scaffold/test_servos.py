"""Position servos in place of motors, or where a model has no actuators."""

from __future__ import annotations

from pathlib import Path

import mujoco
import pytest

from autoreward.environment.pack import load_pack
from autoreward.environment.simulation.model import load_model
from autoreward.errors import UnknownNameError, UsageError
from autoreward.pack_tools.scaffold import new_pack
from autoreward.pack_tools.scaffold.servos import with_servos

LEG = """<body name="thigh"><joint name="hip" axis="0 1 0" range="-60 60" {}/><geom type="capsule" size="0.02"
fromto="0 0 0 0 0 -0.2"/></body>"""
MODEL = """<mujoco><worldbody><body name="hull" pos="0 0 0.3"><freejoint name="root"/><geom size="0.1"/>{}</body>
</worldbody>
<actuator>{}</actuator></mujoco>"""


def written(folder: Path, joint: str = "", actuators: str = "") -> Path:
    file = folder / "leg.xml"
    file.write_text(MODEL.format(LEG.format(joint), actuators))
    return file


def equipped(file: Path) -> mujoco.MjModel:
    return with_servos(file, mujoco.MjModel.from_xml_path(str(file)))[0]


@pytest.mark.parametrize(
    ("joint", "actuators"),
    [
        ("", '<motor joint="hip" gear="4" ctrlrange="-3 3" ctrllimited="true"/>'),
        ("", '<motor joint="hip" forcerange="-12 12" forcelimited="true"/>'),
        ('actuatorfrcrange="-12 12" actuatorfrclimited="true"', ""),
    ],
)
def test_a_servo_has_the_force_of_its_motor(tmp_path: Path, joint: str, actuators: str) -> None:
    model = equipped(written(tmp_path, joint, actuators))
    assert model.nu == 1
    assert model.actuator_forcerange[0].tolist() == [-12.0, 12.0]
    stiffness = model.actuator_gainprm[0, 0]
    assert stiffness == pytest.approx(12.0 / 0.6)  # all its force when 0.6 rad off
    assert model.actuator_biasprm[0, 1] == -stiffness and model.actuator_biasprm[0, 2] < 0.0


def test_a_limit_that_means_none_is_no_force_of_a_servo(tmp_path: Path) -> None:
    free = equipped(written(tmp_path))
    stated = equipped(written(tmp_path, "", '<motor joint="hip" ctrlrange="-20000 20000" ctrllimited="true"/>'))
    assert stated.actuator_forcerange[0].tolist() == free.actuator_forcerange[0].tolist()


def test_the_pack_has_the_changed_model_beside_the_copy(tmp_path: Path) -> None:
    file = written(tmp_path)
    with pytest.raises(UsageError, match="no actuators") as caught:
        new_pack(str(tmp_path / "without"), file)
    assert "--actuate position" in caught.value.remedy
    new_pack(str(tmp_path / "leg"), file, control="position")
    pack = load_pack(str(tmp_path / "leg"))
    assert pack.model_path.name == "leg_actuated.xml"
    assert load_model(pack).nu == 1
    assert pack.action_range == ((-0.5, 0.5),)


def test_what_cannot_have_servos_is_said(tmp_path: Path) -> None:
    tendon = '</actuator><tendon><fixed name="t"><joint joint="hip" coef="1"/></fixed></tendon><actuator>'
    with pytest.raises(UnknownNameError, match="control named 'force'"):
        new_pack(str(tmp_path / "leg"), written(tmp_path), control="force")
    unnamed = written(tmp_path)
    unnamed.write_text(unnamed.read_text().replace('name="hip"', ""))
    with pytest.raises(UsageError, match="joints with names"):
        equipped(unnamed)
    assert equipped(written(tmp_path, "", tendon + '<motor tendon="t"/>')).nu == 1


def test_the_tendon_of_a_gripper_stays_beside_the_servos(tmp_path: Path) -> None:
    fingers = "".join(
        f'<body pos="0 {y} 0"><joint name="{name}" type="slide" axis="0 1 0" range="0 1"/><geom size="0.01"/></body>'
        for name, y in (("left", 0.02), ("right", -0.02))
    )
    pull = '<tendon><fixed name="grip"><joint joint="left" coef="1"/><joint joint="right" coef="1"/></fixed></tendon>'
    file = tmp_path / "arm.xml"
    motors = '<motor joint="hip" ctrlrange="-3 3" ctrllimited="true"/><position tendon="grip" kp="100"/>'
    file.write_text(MODEL.format(LEG.format("") + fingers, motors).replace("<actuator>", pull + "<actuator>"))
    model = equipped(file)
    kinds = [mujoco.mjtTrn(int(kind)).name for kind in model.actuator_trntype]
    assert kinds == ["mjTRN_TENDON", "mjTRN_JOINT"]
    assert model.actuator(1).name == "hip"
