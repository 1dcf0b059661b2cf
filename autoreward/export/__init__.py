"""What a run gives away: a reward file that works without autoreward, its provenance, a picture, the final table."""

from autoreward.export.picture import Curve, learning_curve, learning_picture
from autoreward.export.provenance import provenance_of
from autoreward.export.report import ReportRow, report_rows
from autoreward.export.reward_file import export_reward

__all__ = [
    "Curve",
    "ReportRow",
    "export_reward",
    "learning_curve",
    "learning_picture",
    "provenance_of",
    "report_rows",
]
