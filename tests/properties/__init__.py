"""What holds of every aggregate, decision, look and reaction of every service, whatever came before: found by Hypothesis."""
import os

from hypothesis import HealthCheck, settings

SOME = settings(max_examples=int(os.environ.get("PERCORSO_EXAMPLES", "25")), deadline=None,
                suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
