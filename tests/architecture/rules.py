"""The rules of the architecture, as functions from a tree to what breaks them. Each is proven by a planted violation."""
from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

SERVICES = ("intake", "assessment", "placement", "stipend", "reporting")
DOMAIN_MAY = ("chassis.decide", "contracts.words")
FIELD_WORDS = ("referral", "internship", "placement", "stipend", "entitlement", "accrual", "tutor", "enterprise", "consent", "iban",
               "payment", "attendance", "eligib", "assessment", "intake", "participant", "payee")
"""Words of the field that the chassis has no business with. `case`, `programme` and `subject` are attributes of the envelope."""
MOST_LINES = 300


def sources(root: Path) -> Iterator[Path]:
    """Every Python source file of the members: not tests."""
    for folder in ("contracts/src", "infra", "services"):
        for file in sorted((root / folder).rglob("*.py")):
            if "tests" not in file.relative_to(root).parts and ".venv" not in file.parts:
                yield file


def imports(file: Path) -> Iterator[str]:
    """The full names of the modules that a file imports, wherever it does."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def service_imports(root: Path) -> list[str]:
    """No service imports another."""
    return [f"{file.relative_to(root)} imports {name}" for service in SERVICES
            for file in sorted((root / "services" / service).rglob("*.py")) for name in imports(file)
            if name.partition(".")[0] in SERVICES and name.partition(".")[0] != service]


def domain_imports(root: Path) -> list[str]:
    """A domain file imports the standard library, its own domain, `chassis.decide` and `contracts.words`."""
    found = []
    for service in SERVICES:
        for file in sorted((root / "services" / service / "src" / service / "domain").rglob("*.py")):
            for name in imports(file):
                own = name == f"{service}.domain" or name.startswith(f"{service}.domain.")
                may = any(name == m or name.startswith(f"{m}.") for m in DOMAIN_MAY) or name in ("chassis", "contracts")
                if not own and not may and name.partition(".")[0] not in sys.stdlib_module_names:
                    found.append(f"{file.relative_to(root)} imports {name}")
    return found


def contract_imports(root: Path) -> list[str]:
    """Contracts import the standard library, pydantic and themselves; the words the standard library alone."""
    found = []
    for file in sorted((root / "contracts/src").rglob("*.py")):
        others = () if file.name == "words.py" else ("pydantic", "contracts")
        found += [f"{file.relative_to(root)} imports {name}" for name in imports(file)
                  if name.partition(".")[0] not in sys.stdlib_module_names and name.partition(".")[0] not in others]
    return found


def chassis_words(root: Path) -> list[str]:
    """No word of the field in the chassis, not in a comment either."""
    word = re.compile("|".join(FIELD_WORDS), re.IGNORECASE)
    return [f"{file.relative_to(root)}:{number}: {line.strip()}" for file in sorted((root / "infra/chassis/src").rglob("*.py"))
            for number, line in enumerate(file.read_text("utf-8").splitlines(), 1) if word.search(line)]


def chassis_imports(root: Path) -> list[str]:
    """The chassis imports no service, and of the contracts only the envelope, and what every log says of itself."""
    may = ("contracts.envelope", "contracts.log", "contracts.task")
    return [f"{file.relative_to(root)} imports {name}" for file in sorted((root / "infra/chassis/src").rglob("*.py"))
            for name in imports(file) if name.partition(".")[0] in (*SERVICES, "percorso")
            or (name.startswith("contracts.") and not any(name == m or name.startswith(f"{m}.") for m in may))]


def long_files(root: Path) -> list[str]:
    """No source file is over 300 lines."""
    counts = {file: len(file.read_text("utf-8").splitlines()) for file in sources(root)}
    return [f"{file.relative_to(root)} has {count} lines" for file, count in counts.items() if count > MOST_LINES]


def locks(root: Path) -> list[str]:
    """A lock names versions and hashes, and no host."""
    found = []
    for file in [*root.glob("*.lock"), *root.glob("services/*/*.lock"), *root.glob("infra/*/*.lock")]:
        text = file.read_text("utf-8").replace("\\\n", " ")
        found += [f"{file.relative_to(root)}: {line.strip()[:80]}" for line in text.splitlines()
                  if line.strip() and ("://" in line or "-index" in line or not re.match(r"[a-z0-9._\[\]-]+==\S+ .*--hash=sha256:", line))]
    return found


def vague_names(root: Path) -> list[str]:
    """No room without a name."""
    return [str(file.relative_to(root)) for file in sources(root)
            if re.fullmatch(r"(utils?|helpers?|common|misc|base|manager)\.py", file.name)]
