"""Which file systems are reached over a network: SQLite's WAL needs memory shared by all its users."""

from __future__ import annotations

from pathlib import Path

_MOUNTS = Path("/proc/self/mounts")
NETWORK_TYPES = frozenset(
    (
        "9p", "afs", "beegfs", "ceph", "cifs", "coda", "gfs2", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4",
        "ocfs2", "orangefs", "panfs", "pvfs2", "smb2", "smb3", "smbfs", "virtiofs", "wekafs", "fuse.ceph",
        "fuse.gcsfuse", "fuse.glusterfs", "fuse.juicefs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs",
    )
)  # fmt: skip


def is_on_network(path: Path) -> bool:
    """Whether a folder lies on a network file system; False where the system does not say."""
    return _MOUNTS.exists() and filesystem_type(path, _MOUNTS.read_text()) in NETWORK_TYPES


def filesystem_type(path: Path, mounts: str) -> str:
    """The type of the file system a path lies on, from the text of /proc/mounts; "" where none matches."""
    found, kind = Path(), ""
    resolved = path.resolve()
    for line in mounts.splitlines():
        _, point, mounted, *_ = line.split(" ")
        place = Path(_unescaped(point))
        # The deepest mount point counts; of two on the same point, the later one covers the earlier.
        if resolved.is_relative_to(place) and len(place.parts) >= len(found.parts):
            found, kind = place, mounted
    return kind


def _unescaped(point: str) -> str:
    """A mount point as written in /proc/mounts: space, tab, newline and backslash stand as octal numbers."""
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        point = point.replace(code, character)
    return point
