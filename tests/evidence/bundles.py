"""A bundle as a table of files: read, changed, written again with a manifest that adds up; and trails told again and again."""
from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from chassis.wire import Added, joined, parted, trail_next, trail_start
from reporting.verifier.container import END, header, members, read_member

Files = dict[str, bytes]
LINES = 1000
PLACE = re.compile(rb'"fact":"([a-z]+)/(\d+)/(\d+)"')


def read(path: Path) -> Files:
    return {name: read_member(str(path), member) for name, member in members(str(path)).items()}


def tar(files: Mapping[str, bytes]) -> Iterator[bytes]:
    for name, data in files.items():
        yield header(name, len(data)) + data + bytes(-len(data) % 512)
    yield END


def write(path: Path, files: Mapping[str, bytes]) -> Path:
    """As they are, manifest included."""
    with path.open("wb") as file:
        file.writelines(tar(files))
    return path


def remade(files: Files, **changes: Any) -> Files:
    """With a manifest of these files: what somebody does who hides a change. `changes`: other fields of the manifest."""
    facts = sum(data.count(b"\n") for name, data in files.items() if name.startswith("trails/"))
    manifest = {**json.loads(files["manifest.json"]), "facts": facts, **changes}
    rest = {name: data for name, data in files.items() if name != "manifest.json"}
    manifest["files"] = [{"name": name, "size": len(data), "sha256": sha256(data).hexdigest()} for name, data in sorted(rest.items())]
    return {**rest, "manifest.json": json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()}


def trail_name(source: str, own: bool = True, part: int = 1) -> str:
    return f"trails/{source}/1/{'own' if own else 'none'}-{part:06d}.jsonl"


def lines(files: Files, name: str) -> list[bytes]:
    return files[name].splitlines()


def with_lines(files: Files, name: str, changed: Iterable[bytes]) -> Files:
    """Kept in order: a file keeps its place."""
    return {**files, name: b"".join(line + b"\n" for line in changed)}


def chained(stored: Iterable[tuple[int, bytes]], about: tuple[str, str, str]) -> list[bytes]:
    """Lines of a trail from (position, stored bytes): `about` is source, tenant, programme."""
    source, tenant, programme = about
    head, made = trail_start(source, 1, tenant, programme), []
    for number, (position, fact) in enumerate(stored, 1):
        head = trail_next(head, number, position, fact)
        made.append(joined(fact, Added(1, position, position - 1, number, head.hex())))
    return made


def heads(files: Files) -> list[dict[str, Any]]:
    """The ends of all trails, as the manifest names them."""
    found: dict[tuple[str, int, bool], dict[str, Any]] = {}
    for name in sorted(files):
        if name.startswith("trails/"):
            _, source, incarnation, part = name.split("/")
            end = json.loads(files[name].splitlines()[-1])
            number, head = int(end.get("trailnumber") or end["number"]), end["trailhash"]
            programme = {"programme": json.loads(files["manifest.json"])["programme"]} if part.startswith("own") else {}
            found[source, int(incarnation), bool(programme)] = {
                "source": source, "incarnation": int(incarnation), "number": number, "head": head, **programme}
    return list(found.values())


def told_again(files: Files, times: int) -> Iterator[tuple[str, bytes]]:
    """The files of a bundle in which all that happened happened `times` times: facts, figures, totals."""
    manifest = json.loads(files["manifest.json"])
    parts: dict[tuple[str, bool], list[bytes]] = {}
    for name in files:
        if name.startswith("trails/"):
            _, source, _, part = name.split("/")
            parts.setdefault((source, part.startswith("own")), []).extend(lines(files, name))
    steps = {source: max(_position(line) for (of, _), part in parts.items() if of == source for line in part) for source, _ in parts}
    listed: list[dict[str, Any]] = []
    ends: list[dict[str, Any]] = []
    for (source, own), part in parts.items():
        if not own:
            continue
        stored = [(_position(line), parted(line)[0]) for line in part]
        head, number, page, made = trail_start(source, 1, manifest["tenant"], manifest["programme"]), 0, 0, list[bytes]()
        for turn in range(times):
            for position, fact in stored:
                number += 1
                at = position + turn * steps[source]
                head = trail_next(head, number, at, fact)
                made.append(joined(fact, Added(1, at, at - 1, number, head.hex())))
                if len(made) == LINES or (turn == times - 1 and number == times * len(stored)):
                    page += 1
                    yield _listed(listed, trail_name(source, True, page), b"\n".join(made) + b"\n")
                    made = []
        ends.append({"source": source, "incarnation": 1, "number": number, "head": head.hex(), "programme": manifest["programme"]})
    yield from _figures_again(files, times, steps, listed)
    spoken = {str(json.loads(line)["type"]) for (_, own), part in parts.items() if own for line in part}
    for name, data in files.items():
        if name.startswith(("index.", "policies/", "verify.py", "contracts/envelope")) or name[10:-5] in spoken:
            yield _listed(listed, name, data)
    facts = sum(end["number"] for end in ends)
    yield "manifest.json", json.dumps({**manifest, "heads": ends, "files": listed, "facts": facts}, ensure_ascii=False).encode()


def _figures_again(files: Files, times: int, steps: Mapping[str, int], listed: list[dict[str, Any]]) -> Iterator[tuple[str, bytes]]:
    own = [line for line in lines(files, "figures/000001.jsonl")]
    page, made = 0, list[bytes]()
    for turn in range(times):
        made += [PLACE.sub(lambda at: _moved(at, turn, steps), line) for line in own]  # noqa: B023 (used at once)
        if len(made) >= LINES or turn == times - 1:
            page += 1
            yield _listed(listed, f"figures/{page:06d}.jsonl", b"\n".join(made) + b"\n")
            made = []
    totals = [json.loads(line) for line in lines(files, "figures/totals.jsonl")]
    text = b"".join(json.dumps({**one, "value": one["value"] * times}).encode() + b"\n" for one in totals)
    yield _listed(listed, "figures/totals.jsonl", text)


def _moved(at: re.Match[bytes], turn: int, steps: Mapping[str, int]) -> bytes:
    position = int(at[3]) + turn * steps[at[1].decode()]
    return b'"fact":"%s/%s/%d"' % (at[1], at[2], position)


def _listed(listed: list[dict[str, Any]], name: str, data: bytes) -> tuple[str, bytes]:
    listed.append({"name": name, "size": len(data), "sha256": sha256(data).hexdigest()})
    return name, data


def _position(line: bytes) -> int:
    said = json.loads(line)
    return int(said["position"])
