"""The names of a model's parts, in the order of its arrays."""

from __future__ import annotations

import mujoco

from autoreward.environment.simulation.part_names import part_names

MODEL = """<mujoco><worldbody><body name="hull"><freejoint/><geom name="shell" size="0.1"/><site name="eye"/>
<body name="arm"><joint name="elbow"/><geom size="0.1"/></body>
<body><joint type="ball"/><geom size="0.1"/></body></body>
</worldbody><tendon><fixed name="cord"><joint joint="elbow" coef="1"/></fixed></tendon>
<actuator><motor name="pull" joint="elbow"/><motor name="wind" tendon="cord"/></actuator>
<sensor><gyro name="turn" site="eye"/><jointpos name="bend" joint="elbow"/></sensor></mujoco>"""


def test_names_stand_with_where_their_numbers_are() -> None:
    assert part_names(mujoco.MjModel.from_xml_string(MODEL)) == {
        "joints": (("hull", 0, 7, 0, 6), ("elbow", 7, 1, 6, 1), ("", 8, 4, 7, 3)),
        "bodies": ("world", "hull", "arm", ""),
        "sites": ("eye",),
        "geoms": ("shell", "", ""),
        "tendons": ("cord",),
        "actuators": (("pull", "elbow"), ("wind", "")),
        "sensors": (("turn", 0, 3), ("bend", 3, 1)),
    }
