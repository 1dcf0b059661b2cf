"""Where a robot's limbs end: one point a limb, for all limbs of all its trees.

Bodies that are fixed to each other are one link. A limb is followed to the last link that an actuator moves; a link
whose fingers are moved by one or two actuators is a gripper, and ends the limb itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import mujoco
import numpy as np
from numpy.typing import NDArray

from autoreward.environment.simulation.model import name_of
from autoreward.errors import UnknownNameError
from autoreward.pack_tools.scaffold.names import plain_name, unique

MOST_ENDS = 16  # two hands, two feet and a head; fields for more would drown the rest
GRIPPER = 2  # actuators that move all fingers of a gripper, at most
ALIKE = 0.02  # [m] between points that are as far
ANCESTORS = 2  # links above the last one on which a named site may stand for it
# Words in the names of sites that mark the point which does the work, the best first.
_SITES = ("tcp", "pinch", "grip", "end_effector", "endeffector", "eef", "ee", "tip", "palm", "attachment", "grasp")
_NO_LIMB = re.compile(r"camera|screen|display|lidar|laser|optical|imu|antenna|(^|[^a-z])cam([^a-z]|$)")
_END = re.compile(r"foot|toe|hand|finger|heel|wheel")
_TOUCH = re.compile(r"touch|tch|sensor|imu|(^|[^a-z])t_")


Array = Literal["site_xpos", "geom_xpos", "xipos", "xpos"]


@dataclass(frozen=True)
class End:
    """The far end of a limb: a site, a geom, a body's centre of mass, or the origin of one without a mass."""

    name: str
    array: Array
    index: int
    body: int  # that carries it


def find_ends(model: Any, home: Sequence[float], roots: frozenset[int], moving: Sequence[frozenset[int]]) -> list[End]:
    """The ends of all limbs.

    Args:
        home: qpos.
        roots: the root bodies of the robot's trees.
        moving: for each actuator, the degrees of freedom that it moves.
    """
    links = _Links(model, home, roots, moving)
    found = [link for root in sorted(roots) for link in links.last_links(root)]
    limbs = [link for link in found if not _NO_LIMB.search(links.words(link))] or found
    taken: set[str] = set()
    ends = [links.point(link) for link in limbs[:MOST_ENDS]]
    return [End(unique(end.name, taken), end.array, end.index, end.body) for end in ends]


def named_ends(model: Any, names: Sequence[str]) -> list[End]:
    """The points that a person names: sites, bodies or geoms, by their names in the model.

    Raises:
        UnknownNameError: the model has nothing of a name.
    """
    known: dict[str, End] = {}
    for index in range(model.ngeom):
        body = int(model.geom_bodyid[index])
        known[name_of(model, "geom", index)] = End("", "geom_xpos", index, body)
    for body in range(1, model.nbody):
        known[name_of(model, "body", body)] = End("", _body_array(model, body), body, body)
    for index in range(model.nsite):
        known[name_of(model, "site", index)] = End("", "site_xpos", index, int(model.site_bodyid[index]))
    known.pop("", None)
    taken: set[str] = set()
    ends = []
    for name in names:
        if name not in known:
            raise UnknownNameError("site, body or geom", name, list(known))
        end = known[name]
        ends.append(End(unique(plain_name(name, "end"), taken), end.array, end.index, end.body))
    return ends


class _Links:
    """The links of a robot: bodies that no joint separates."""

    def __init__(
        self, model: Any, home: Sequence[float], roots: frozenset[int], moving: Sequence[frozenset[int]]
    ) -> None:
        self.model, self.roots = model, roots
        self.link_of = [int(link) for link in model.body_weldid]
        self.moving = moving
        self.driven = frozenset().union(*moving) if moving else frozenset()
        self.data = mujoco.MjData(model)
        self.data.qpos[:] = home
        mujoco.mj_kinematics(model, self.data)
        mujoco.mj_comPos(model, self.data)

    def last_links(self, root: int) -> Iterator[int]:
        """The last link of each limb of the tree that starts at a body."""
        starts = sorted({self.link_of[body] for body in self._tree(root)} - {0})
        tops = [link for link in starts if self._parent(link) not in starts]
        limbs = [last for top in tops for last in self._last(top, base=top == root)]
        yield from [limb for limb in limbs if limb not in tops] or limbs

    def _last(self, link: int, base: bool = False) -> Iterator[int]:
        every = self._children(link)
        children = [child for child in every if self._is_driven(child)] or (every if len(every) == 1 else [])
        if children and not self._is_driven(children[0]) and _NO_LIMB.search(self.words(children[0])):
            children = []
        below = frozenset(dof for child in every for dof in self._dofs_from(child))
        fingers = sum(1 for dofs in self.moving if dofs and dofs <= below)
        if not children or (not base and len(children) > 1 and fingers <= GRIPPER):
            if base or self._is_driven(link) or self._hangs_on_driven(link):
                yield link
            return
        for child in children:
            yield from self._last(child)

    def point(self, link: int) -> End:
        """The point of a link that does the work."""
        own = [body for body in range(self.model.nbody) if self.link_of[body] == link]
        below = [body for body in self._subtree(link) if body not in own]
        above = [body for one in self._ancestors(link) for body in own_bodies(self.link_of, one)]
        for bodies in (own, below, above):
            site = self._working_site(bodies)
            if site is not None:
                return self._site(site)
        own = [body for body in own if not _NO_LIMB.search(name_of(self.model, "body", body).lower())] or own
        named = [site for site in self._sites(own) if not self._is_beside(site)]
        marked = [site for site in named if _END.search(self._site_words(site))]
        single = next((several[0] for several in (marked, named) if len(several) == 1), None)
        if single is not None:
            return self._site(single)
        return self._between_fingers(link, own, named) or self._far_point(link, own)

    def words(self, link: int) -> str:
        """The name of a link's first body, in lower case."""
        return name_of(self.model, "body", link).lower()

    def _working_site(self, bodies: Sequence[int]) -> int | None:
        sites = [site for site in self._sites(bodies) if not self._is_beside(site)]
        for word in _SITES:
            marked = re.compile(rf"(^|[^a-z]){word}" if len(word) < 4 else word)
            for site in sites:
                if marked.search(self._site_words(site)) or (word == "tip" and self._site_words(site).endswith("tip")):
                    return site
        return None

    def _sites(self, bodies: Sequence[int]) -> list[int]:
        model = self.model
        return [one for one in range(model.nsite) if model.site_bodyid[one] in bodies and name_of(model, "site", one)]

    def _is_beside(self, site: int) -> bool:
        """Whether a site marks a sensor or a camera."""
        words = self._site_words(site)
        return bool(_TOUCH.search(words) or _NO_LIMB.search(words))

    def _site_words(self, site: int) -> str:
        return name_of(self.model, "site", site).lower()

    def _site(self, site: int) -> End:
        name = plain_name(name_of(self.model, "site", site), f"site_{site}")
        return End(name, "site_xpos", site, int(self.model.site_bodyid[site]))

    def _between_fingers(self, link: int, bodies: Sequence[int], sites: Sequence[int]) -> End | None:
        """What of a gripper's own link is nearest to the middle of its fingers' ends; None where it has no fingers."""
        fingers = [child for child in self._children(link) if self._is_driven(child)]
        if len(fingers) < 2:
            return None
        tips = [self._far_point(one, own_bodies(self.link_of, one)) for one in fingers]
        middle = np.mean([self._place(tip) for tip in tips], axis=0)
        points = [self._site(site) for site in sites]
        points += [End(self._name(body, link), _body_array(self.model, body), body, body) for body in bodies]
        return min(points, key=lambda point: float(np.linalg.norm(self._place(point) - middle)))

    def _place(self, end: End) -> NDArray[Any]:
        return np.asarray(getattr(self.data, end.array)[end.index])

    def _far_point(self, link: int, bodies: Sequence[int]) -> End:
        """The geom farthest from the joint of a link, or the centre of mass where that is farther."""
        model, data = self.model, self.data
        joint = int(model.body_jntadr[link])
        anchor: NDArray[Any] = data.xanchor[joint] if joint >= 0 else data.xpos[link]
        geoms = [(one, int(model.geom_bodyid[one])) for one in range(model.ngeom)]
        points: list[tuple[Array, int, int]] = [("geom_xpos", one, body) for one, body in geoms if body in bodies]
        points += [(_body_array(model, body), body, body) for body in bodies]

        def far(point: tuple[Array, int, int]) -> tuple[int, bool]:
            distance = float(np.linalg.norm(getattr(data, point[0])[point[1]] - anchor))
            return round(distance / ALIKE), point[0] != "geom_xpos" and point[2] != link  # a body of its own has a name

        array, index, body = max(points, key=far)
        single = sum(1 for one in points if one[0] == "geom_xpos" and one[2] == body) == 1
        if array == "geom_xpos" and single:  # as good as the centre of mass of its body, which has a name
            array, index = _body_array(model, body), body
        return End(self._name(body, link), array, index, body)

    def _name(self, body: int, link: int) -> str:
        geoms = [name_of(self.model, "geom", one) for one in np.flatnonzero(self.model.geom_bodyid == body).tolist()]
        names = [name_of(self.model, "body", body), *geoms, name_of(self.model, "body", link)]
        return plain_name(next((name for name in names if name), ""), f"body_{body}")

    def _tree(self, root: int) -> list[int]:
        return [body for body in range(self.model.nbody) if int(self.model.body_rootid[body]) == root]

    def _parent(self, link: int) -> int:
        return self.link_of[int(self.model.body_parentid[link])]

    def _children(self, link: int) -> list[int]:
        links = sorted(set(self.link_of) - {0, link})
        return [one for one in links if self._parent(one) == link]

    def _ancestors(self, link: int) -> Iterator[int]:
        for _ in range(ANCESTORS):
            above = self._parent(link)
            if above == 0 or above in self.roots or len(self._children(above)) > 1:
                return
            yield (link := above)

    def _subtree(self, link: int) -> list[int]:
        inside = {link}
        for body in range(link, self.model.nbody):
            if self.link_of[body] in inside or self.link_of[int(self.model.body_parentid[body])] in inside:
                inside.add(self.link_of[body])
        return [body for body in range(self.model.nbody) if self.link_of[body] in inside]

    def _dofs_from(self, link: int) -> frozenset[int]:
        bodies = set(self._subtree(link))
        return frozenset(dof for dof in range(self.model.nv) if int(self.model.dof_bodyid[dof]) in bodies)

    def _is_driven(self, link: int) -> bool:
        return bool(self._dofs_from(link) & self.driven)

    def _hangs_on_driven(self, link: int) -> bool:
        while link > 0:
            if {dof for dof in range(self.model.nv) if int(self.model.dof_bodyid[dof]) == link} & self.driven:
                return True
            link = self._parent(link)
        return False


def _body_array(model: Any, body: int) -> Array:
    """Where a body is: its centre of mass, which MuJoCo puts anywhere where it has no mass."""
    return "xipos" if model.body_mass[body] > 0.0 else "xpos"


def own_bodies(link_of: Sequence[int], link: int) -> list[int]:
    """The bodies of a link."""
    return [body for body, one in enumerate(link_of) if one == link]
