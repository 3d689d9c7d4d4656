"""`verify.py`: the verifier's parts in one file that needs nothing but Python ≥ 3.9."""
from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import reporting.verifier

PARTS = ("fault", "container", "ed25519", "chain", "stored", "expressions", "figures", "seals", "manifest", "owed", "whole")
"""In the order in which they need one another."""
FOLDER = Path(reporting.verifier.__file__).parent
HEAD = '''#!/usr/bin/env python3
"""Whether an evidence bundle of Percorso is whole: python3 verify.py BUNDLE (--help says more).

It needs Python 3.9 or later and nothing else, and knows no programme: it recomputes every hash, seal and figure of the bundle and
prints "whole", or the first fault. Exit 0 or 1. Verifica un fascicolo di prova: integro, oppure il primo difetto.
"""
from __future__ import annotations
'''
TAIL = '''

if __name__ == "__main__":
    gc.disable()  # nothing here makes a cycle, and looking for one would take a tenth of the time
    sys.exit(main(sys.argv[1:]))
'''


@cache
def verifier() -> str:
    """The file's text. `ValueError` where two parts use one name."""
    imports: dict[str, None] = {"import gc": None}
    bodies: list[str] = []
    owners: dict[str, str] = {}
    for part in PARTS:
        text = (FOLDER / f"{part}.py").read_text("utf-8")
        tree, lines = ast.parse(text), text.splitlines()
        for name in _names(tree):
            if owners.setdefault(name, part) != part:
                raise ValueError(f"{name} is a name of {owners[name]} and of {part}")
        for node in tree.body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                imports.update(dict.fromkeys(_own_imports(node)))
                lines[node.lineno - 1:node.end_lineno] = [""] * ((node.end_lineno or node.lineno) - node.lineno + 1)
        title, about = ast.get_docstring(tree) or part, tree.body[0]
        lines[:about.end_lineno or 1] = ["", "", *(f"# {line}".rstrip() for line in title.splitlines())]
        bodies.append("\n".join(lines).rstrip())
    return HEAD + "\n" + "\n".join(sorted(imports)) + "\n".join(_spaced(body) for body in bodies) + TAIL


def _own_imports(node: ast.Import | ast.ImportFrom) -> list[str]:
    """A line a name; nothing of what is in the file already."""
    if isinstance(node, ast.Import):
        return [f"import {name.name}" for name in node.names]
    if node.module is None or node.module == "__future__" or node.module.startswith("reporting."):
        return []
    return [f"from {node.module} import {name.name}" for name in node.names]


def _names(tree: ast.Module) -> list[str]:
    found: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.append(node.name)
        elif isinstance(node, ast.Assign):
            found += [one.id for one in node.targets if isinstance(one, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.append(node.target.id)
    return found


def _spaced(body: str) -> str:
    """No more than two empty lines in a row."""
    kept: list[str] = []
    for line in body.splitlines():
        if line.strip() or kept[-2:] != ["", ""]:
            kept.append(line.rstrip())
    return "\n".join(kept)
