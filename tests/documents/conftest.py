"""The modules of `infra/documents` are scripts without a distribution."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "infra/documents"))
