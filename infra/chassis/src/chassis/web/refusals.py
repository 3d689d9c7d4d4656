"""The codes that a function may refuse with, read from its source: `Refused("CODE", …)` in it and in what it calls of its module."""
from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from functools import cache, partial
from types import FunctionType
from typing import Any

Node = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def codes(function: Callable[..., Any]) -> tuple[str, ...]:
    """The codes, sorted; `missing="CODE"` of a look counts too."""
    found: set[str] = set()
    _collect(function, found, set())
    return tuple(sorted(found))


def _collect(function: Any, found: set[str], seen: set[Any]) -> None:
    while isinstance(function, partial):
        function = function.func
    function = inspect.unwrap(function)
    if not isinstance(function, FunctionType) or function.__code__ in seen:
        return
    seen.add(function.__code__)
    for node in _nodes(function):
        for inner in ast.walk(node):
            found.update(_said(inner))
            for called in _called(inner, function):
                _collect(called, found, seen)


def _said(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refused" and node.args:
        yield from _texts(node.args[0])
    if isinstance(node, ast.keyword) and node.arg == "missing":
        yield from _texts(node.value)


def _texts(node: ast.expr) -> Iterator[str]:
    """A literal, or the literals of a conditional."""
    if isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def _called(node: ast.AST, function: FunctionType) -> Iterator[Any]:
    """Functions of the same module by name, methods of its classes by theirs."""
    if isinstance(node, ast.Name):
        named = function.__globals__.get(node.id)
        if isinstance(named, FunctionType) and named.__module__ == function.__module__:
            yield named
    elif isinstance(node, ast.Attribute):
        for shape in function.__globals__.values():
            if isinstance(shape, type) and shape.__module__ == function.__module__ and node.attr in shape.__dict__:
                member = shape.__dict__[node.attr]
                yield member.fget if isinstance(member, property) else getattr(member, "__func__", member)


def _nodes(function: FunctionType) -> Iterator[Node]:
    for node in ast.walk(_tree(inspect.getsourcefile(function) or "")):
        if isinstance(node, Node):
            first = node.decorator_list[0].lineno if not isinstance(node, ast.Lambda) and node.decorator_list else node.lineno
            if first == function.__code__.co_firstlineno:
                yield node


@cache
def _tree(path: str) -> ast.Module:
    with open(path, encoding="utf-8") as source:
        return ast.parse(source.read())
