"""The critic: judges reward programs and metrics without training. Static rules first, then the sandboxed probe."""

from autoreward.critic.expression import metric_from_expression
from autoreward.critic.metrics import check_metric
from autoreward.critic.verdicts import check, check_static

__all__ = ["check", "check_metric", "check_static", "metric_from_expression"]
