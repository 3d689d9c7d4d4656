"""The tree keeps the rules; and each rule finds a violation that is planted."""
from collections.abc import Callable
from pathlib import Path

import pytest

from architecture import rules

ROOT = Path(__file__).parents[2]
PLANTED = {
    rules.service_imports: ("services/intake/src/intake/adapters/bad.py", "from stipend.domain import payment\n"),
    rules.domain_imports: ("services/intake/src/intake/domain/bad.py", "def late():\n    from fastapi import Request\n"),
    rules.contract_imports: ("contracts/src/contracts/bad.py", "import orjson\n"),
    rules.chassis_words: ("infra/chassis/src/chassis/bad.py", "# one stipend, please\n"),
    rules.chassis_imports: ("infra/chassis/src/chassis/bad.py", "from contracts.stipend import SPOKEN\n"),
    rules.long_files: ("services/intake/src/intake/bad.py", "x = 1\n" * 301),
    rules.locks: ("services/intake/requirements.lock", "--extra-index-url=https://mirror.example/simple\nhttpx==0.28.1\n"),
    rules.vague_names: ("services/intake/src/intake/utils.py", "x = 1\n"),
}
Rule = Callable[[Path], list[str]]


@pytest.mark.parametrize("rule", PLANTED, ids=lambda rule: rule.__name__)
def test_the_tree_keeps_the_rule(rule: Rule) -> None:
    assert rule(ROOT) == []


@pytest.mark.parametrize("rule", PLANTED, ids=lambda rule: rule.__name__)
def test_a_planted_violation_is_found(rule: Rule, tmp_path: Path) -> None:
    where, text = PLANTED[rule]
    (tmp_path / where).parent.mkdir(parents=True)
    (tmp_path / where).write_text(text, "utf-8")
    found = rule(tmp_path)
    assert len(found) >= 1
    assert all(where in violation for violation in found)


@pytest.mark.parametrize("rule", PLANTED, ids=lambda rule: rule.__name__)
def test_the_rule_looks_at_files_that_exist(rule: Rule) -> None:
    assert (ROOT / PLANTED[rule][0]).parent.is_dir()
