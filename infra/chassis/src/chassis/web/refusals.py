"""The codes that a function may refuse with, read from its source: `Refused("CODE", …)` in it and in what it calls of its module."""
from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from types import FunctionType
from typing import Any

Node = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def codes(function: Callable[..., Any]) -> tuple[str, ...]:
    """The codes, sorted; `missing="CODE"` of a look counts too."""
    found: set[str] = set()
    seen: set[Any] = set()
    ahead: list[Any] = [function]
    while ahead:
        one = _plain(ahead.pop())
        if isinstance(one, FunctionType) and one.__code__ not in seen:
            seen.add(one.__code__)
            said, called = _read(one)
            found.update(said)
            ahead += called
    return tuple(sorted(found))


def _plain(function: Any) -> Any:
    while isinstance(function, partial):
        function = function.func
    return inspect.unwrap(function)


@cache
def _read(function: FunctionType) -> tuple[frozenset[str], tuple[Any, ...]]:
    """What a function says itself, and what it calls."""
    nodes = [inner for node in _nodes(inspect.getsourcefile(function) or "").get(function.__code__.co_firstlineno, ())
             for inner in ast.walk(node)]
    return (frozenset(code for node in nodes for code in _said(node)),
            tuple(dict.fromkeys(called for node in nodes for called in _called(node, function))))


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


@cache
def _nodes(path: str) -> Mapping[int, Sequence[Node]]:
    """The functions of a file, by the line that the code of each names as its first."""
    found: dict[int, list[Node]] = {}
    with open(path, encoding="utf-8") as source:
        tree = ast.parse(source.read())
    for node in ast.walk(tree):
        if isinstance(node, Node):
            first = node.decorator_list[0].lineno if not isinstance(node, ast.Lambda) and node.decorator_list else node.lineno
            found.setdefault(first, []).append(node)
    return found
