"""What a run gives away: files that work without autoreward, their provenance, pictures, the final table.

An export is a folder: `reward.py` (numpy), `wrapper.py` or `env.py` with `pack.py` (gymnasium), `policy.py` with
`policy.npz` (numpy), `policy.onnx` where that package is installed, and `PROVENANCE.json`.
"""

from autoreward.export.comparison_picture import comparison_picture
from autoreward.export.environment_file import environment_facts, export_environment
from autoreward.export.picture import Curve, learning_curve, learning_picture
from autoreward.export.policy_file import ExportedPolicy, best_policy, export_policy, policy_facts
from autoreward.export.provenance import provenance_of
from autoreward.export.report import ReportRow, report_rows
from autoreward.export.reward_file import export_reward

__all__ = [
    "Curve",
    "ExportedPolicy",
    "ReportRow",
    "best_policy",
    "comparison_picture",
    "environment_facts",
    "export_environment",
    "export_policy",
    "export_reward",
    "learning_curve",
    "learning_picture",
    "policy_facts",
    "provenance_of",
    "report_rows",
]
