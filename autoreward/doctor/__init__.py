"""What works on this machine, and what to do about the rest: the checks behind `autoreward doctor`."""

from autoreward.doctor.checklist import examine

__all__ = ["examine"]
