"""Which file systems are reached over a network: SQLite's WAL needs memory shared by all its users."""

from __future__ import annotations

from pathlib import Path

import psutil

NETWORK_TYPES = frozenset(
    (
        "9p", "afs", "beegfs", "ceph", "cifs", "coda", "gfs2", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4",
        "ocfs2", "orangefs", "panfs", "pvfs2", "smb2", "smb3", "smbfs", "virtiofs", "wekafs", "fuse.ceph",
        "fuse.gcsfuse", "fuse.glusterfs", "fuse.juicefs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs",
    )
)  # fmt: skip


def is_on_network(path: Path) -> bool:
    """Whether a folder lies on a network file system; False where the system does not say."""
    return filesystem_type(path) in NETWORK_TYPES


def filesystem_type(path: Path) -> str:
    """The type of the file system a path lies on; "" where the system does not say."""
    try:
        mounts = psutil.disk_partitions(all=True)
    except OSError:
        return ""
    resolved = path.resolve()
    around = [mount for mount in mounts if resolved.is_relative_to(mount.mountpoint)]
    # The deepest mount point counts; of two on the same point, the later one covers the earlier.
    around.sort(key=lambda mount: len(Path(mount.mountpoint).parts))
    return around[-1].fstype if around else ""
