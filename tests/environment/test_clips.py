"""Clips: what is drawn, under which camera, in which form; and a clear word where nothing can be drawn."""

from __future__ import annotations

import io
from pathlib import Path

import mujoco
import numpy as np
import pytest

from autoreward import process_environment
from autoreward.environment.clip_worker import CAMERA, camera_of, draw_endless_floors, stride_of
from autoreward.environment.clips import ClipMaker
from autoreward.environment.pack import load_pack
from autoreward.environment.simulation.model import load_model
from autoreward.errors import RenderingError

FREE = '<mujoco><worldbody><body name="b"><freejoint/><geom size="0.1"/></body></worldbody></mujoco>'
HINGE = FREE.replace("<freejoint/>", '<joint type="hinge"/>')


@pytest.mark.parametrize(
    ("period", "stride"),
    # 50 Hz is every second step, 25 a second; 125 Hz every fifth, 25 a second; 1/30 s is just every step
    [(0.05, 1), (0.04, 1), (0.02, 2), (0.008, 5), (1 / 30, 1), (0.002, 17)],
)
def test_no_more_than_thirty_frames_a_second(period: float, stride: int) -> None:
    assert stride_of(period, 30.0) == stride


def test_the_camera_follows_what_can_run_away() -> None:
    assert camera_of(load_model(load_pack("half_cheetah"))) == CAMERA
    free = camera_of(mujoco.MjModel.from_xml_string(FREE))
    assert (free.type, free.trackbodyid) == (mujoco.mjtCamera.mjCAMERA_TRACKING, 1)
    floor = FREE.replace("<body", '<geom type="plane" size="500 500 1"/><body', 1)
    near = camera_of(mujoco.MjModel.from_xml_string(floor))
    assert near.distance == pytest.approx(2.5 * 0.2 * 3**0.5)  # of the ball's box, not of the floor's
    for still in (mujoco.MjModel.from_xml_string(HINGE), load_model(load_pack("inverted_pendulum"))):
        assert camera_of(still).type == mujoco.mjtCamera.mjCAMERA_FREE


def test_a_file_of_the_working_folder_takes_the_place_of_no_module(folder_of_shadows: Path) -> None:
    try:
        clip = ClipMaker().draw("inverted_pendulum", np.zeros((3, 2), np.float32))
        assert b"moov" in clip
    except RenderingError as error:  # no GL here, which is only found out after the imports
        assert "was imported" not in str(error)
    assert not list(folder_of_shadows.glob("imported_*"))


def test_a_clip_plays_everywhere_and_moves() -> None:
    import av

    qpos = np.zeros((25, 2), np.float32)
    qpos[:, 0] = np.linspace(-0.8, 0.8, 25)  # the cart goes from left to right
    try:
        clip = ClipMaker().draw("inverted_pendulum", qpos)
    except RenderingError as error:
        pytest.skip(str(error))
    assert clip.index(b"moov") < clip.index(b"mdat")  # the index stands in front
    with av.open(io.BytesIO(clip)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt, stream.average_rate) == ("h264", "yuv420p", 25)
        frames = list(container.decode(video=0))
    assert len(frames) == 25
    assert sum(frame.key_frame for frame in frames) >= 2
    # The brightest column of the picture is the cart.
    places = [frame.to_ndarray(format="gray").sum(axis=0).argmax() for frame in (frames[0], frames[-1])]
    assert places[1] - places[0] > 100


def test_the_form_of_a_clip_is_its_suffix() -> None:
    try:
        clip = ClipMaker().draw("inverted_pendulum", np.zeros((3, 2), np.float32), ".gif")
    except RenderingError as error:
        pytest.skip(str(error))
    assert clip.startswith(b"GIF89a")


def test_a_floor_is_drawn_as_far_as_a_robot_can_run() -> None:
    model = load_model(load_pack("half_cheetah"))
    (floor,) = np.flatnonzero(model.geom_type == int(mujoco.mjtGeom.mjGEOM_PLANE))
    material = model.geom_matid[floor]
    assert model.geom_size[floor, :2].tolist() == [40.0, 40.0]
    assert model.mat_texrepeat[material].tolist() == [60.0, 60.0]
    draw_endless_floors(model)
    assert model.geom_size[floor, :2].tolist() == [0.0, 0.0]  # MuJoCo's sign for a plane without an end
    assert model.mat_texrepeat[material].tolist() == [1.5, 1.5]
    before = model.geom_size.copy(), model.mat_texrepeat.copy()
    draw_endless_floors(model)
    np.testing.assert_array_equal(model.geom_size, before[0])
    np.testing.assert_array_equal(model.mat_texrepeat, before[1])


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUJOCO_GL", "nonsense")
    with pytest.raises(RenderingError, match=r"nonsense: ") as caught:
        ClipMaker().draw("inverted_pendulum", np.zeros((2, 2), np.float32))
    assert "autoreward doctor" in caught.value.remedy


def test_a_closed_maker_draws_no_more() -> None:
    maker = ClipMaker()
    maker.close()
    with pytest.raises(RenderingError):
        maker.draw("inverted_pendulum", np.zeros((2, 2), np.float32))


def test_the_backend_of_the_environment_is_honoured() -> None:
    assert process_environment.gl_backends({"MUJOCO_GL": "osmesa"}) == ("osmesa",)
    assert process_environment.gl_backends({}) == ("egl", "osmesa")
