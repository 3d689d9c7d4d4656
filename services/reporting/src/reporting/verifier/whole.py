"""Whether a bundle is whole: `python verify.py BUNDLE`."""
from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

from reporting.verifier.chain import Checked, check_piece
from reporting.verifier.container import read_member
from reporting.verifier.ed25519 import fingerprint
from reporting.verifier.expressions import Exact
from reporting.verifier.fault import Fault, Trail, json_of
from reporting.verifier.figures import Explained, Page, check_page
from reporting.verifier.manifest import HASH, MANIFEST, TOTALS, Bundle
from reporting.verifier.owed import Owed
from reporting.verifier.seals import Seals, check_head
from reporting.verifier.stored import Stored, begun_of

UNFORESEEN = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError, MemoryError)
"""What reading something else than a bundle may end in, where no fault names it."""
FEW = 32
"""Pieces up to which one process is enough."""
ALONE = ("held against nothing from elsewhere (--root, --head): that nobody left out a source, the end of a trail without seals, "
         "or figures with their sums, is not proven")


def verify(path: str, heads: Sequence[str] = (), root: str = "", keys: Sequence[str] = (), jobs: int = 0) -> list[str]:
    """What a whole bundle holds, in sentences. `Fault` with the first thing that is wrong."""
    bundle = Bundle(path)
    if root and root != bundle.root:
        raise Fault("changed", MANIFEST, f"the bundle's root hash is {bundle.root}, not the one that was given")
    pieces = bundle.pieces()
    with _side_by_side(jobs, len(pieces)) as run:
        checked = list(_without_fault(run(check_piece, pieces)))
        begun = begun_of(checked)
        with Stored(path, begun) as stored:
            _check_heads(bundle, stored, checked, heads)
            seals = _check_seals(bundle, stored, checked, keys)
        figures = _check_figures(bundle, begun, checked, run)
    if bundle.manifest["facts"] != _facts(checked):
        raise Fault("changed", MANIFEST, f"it says {bundle.manifest['facts']} facts, and there are {_facts(checked)}")
    bundle.check_forms({kind.decode("ascii", "replace") for one in checked for kind in one.types}, {one.trail.source for one in checked})
    bundle.check_plain()
    return [*_counts(bundle, checked, figures), *_sealed(seals), *_ends(checked, bundle.about[1]), f"root {bundle.root}",
            *([] if root or heads else [ALONE])]


Run = Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[Any]]


@contextmanager
def _side_by_side(jobs: int, pieces: int) -> Iterator[Run]:
    """As many processes as there are processors, where there is enough to do."""
    jobs = jobs or min(os.cpu_count() or 1, 8)
    if jobs == 1 or pieces <= FEW:
        yield map
        return
    with get_context().Pool(jobs) as pool:
        yield lambda work, of: pool.imap(work, of, max(1, min(8, len(of) // (16 * jobs))))


def _without_fault(done: Iterable[Any]) -> Iterator[Any]:
    for one in done:
        if one.fault is not None:
            raise Fault(*one.fault)
        yield one


def _last(checked: Sequence[Checked]) -> dict[Trail, Checked]:
    return {one.trail: one for one in checked}


def _check_heads(bundle: Bundle, stored: Stored, checked: Sequence[Checked], heads: Sequence[str]) -> None:
    """Those of the manifest, at which the trails end; those that somebody holds elsewhere."""
    ends = _last(checked)
    for head in bundle.manifest["heads"]:
        trail = Trail(head["source"], head["incarnation"], bool(head.get("programme")))
        if trail not in ends:
            raise Fault("missing", str(trail), "the manifest names its head, and nothing of it is in the archive")
        check_head(stored, trail, head["number"], head["head"], "the manifest")
    named = {Trail(head["source"], head["incarnation"], bool(head.get("programme"))): head["number"] for head in bundle.manifest["heads"]}
    if len(named) != len(bundle.manifest["heads"]):
        raise Fault("refused", MANIFEST, "it names two heads of one trail")
    for trail, end in ends.items():
        if named.get(trail) != end.number:
            raise Fault("inserted", f"{trail}, number {end.number}", "the trail goes on beyond the head that the manifest names")
    for said in heads:
        source, incarnation, programme, number, head_hash = _held(said)
        if programme not in ("", bundle.manifest["programme"]):
            raise Fault("refused", said, "this head is of another programme")
        trail = Trail(source, incarnation, bool(programme))
        if trail not in ends:
            raise Fault("missing", str(trail), "a head of it was given, and nothing of it is in the archive")
        check_head(stored, trail, number, head_hash, "the head that was given")


def _held(said: str) -> tuple[str, int, str, int, str]:
    parts = said.split("/")
    if len(parts) != 5 or not parts[1].isdigit() or not parts[3].isdigit() or not HASH.fullmatch(parts[4]):
        raise Fault("refused", said, "a head is source/incarnation/programme/number/hash, with - for the trail of no programme")
    return parts[0], int(parts[1]), parts[2].strip("-"), int(parts[3]), parts[4]


def _check_seals(bundle: Bundle, stored: Stored, checked: Sequence[Checked], trusted: Sequence[str]) -> list[Seals]:
    of: dict[str, list[tuple[int, int, str]]] = {}
    for one in checked:
        of.setdefault(one.trail.source, []).extend((one.trail.incarnation, position, kind) for kind, position in one.log)
    found = []
    for source, entries in sorted(of.items()):
        name = f"keys/{source}.json"
        keys = json_of(read_member(bundle.path, bundle.members[name]), name) if name in bundle.members else []
        seals = Seals(stored, source, bundle.about, [str(key) for key in keys], trusted)
        seals.take(sorted(entries))
        found.append(seals)
    return found


def _check_figures(bundle: Bundle, begun: Any, checked: Sequence[Checked], run: Run) -> int:
    """Page by page; then the totals, which rest on all of them, and on sums over all facts of a type."""
    sums, policies = bundle.manifest["sums"], bundle.policies()
    owed, count = Owed(checked), 0
    totals: dict[str, Exact] = {}
    pages = [Page(bundle.path, bundle.members[name], bundle.files[name], begun, policies, sums, None, {}) for name in bundle.pages()]
    for done in _without_fault(run(check_page, pages)):
        count += done.figures
        owed.explain(done.of)
        for kind, value in done.totals.items():
            totals[kind] = totals.get(kind, 0) + value
    every = {f"{kind} {pointer}": 0 for kind, pointers in sums.items() for pointer in pointers}
    there: set[str] = set()
    for one in checked:
        there.update(one.sums)
        for name, value in one.sums.items():
            every[name] += value
    page = Page(bundle.path, bundle.members[TOTALS], bundle.files[TOTALS], begun, policies, sums, totals, every)
    last: Explained = next(_without_fault([check_page(page)]))
    for name in sorted(there - last.summed):
        raise Fault("missing", TOTALS, f"there are facts of {name.rstrip()}, and no total speaks of them")
    owed.check()
    return count + last.figures


def _facts(checked: Sequence[Checked]) -> int:
    return sum(one.facts + one.in_place for one in checked)


def _counts(bundle: Bundle, checked: Sequence[Checked], figures: int) -> list[str]:
    manifest, ends = bundle.manifest, _last(checked)
    period = f", from {manifest.get('from') or 'the beginning'} to {manifest.get('to') or 'the end'}"
    in_place = sum(one.in_place for one in checked)
    return [f"programme {manifest['programme']} of {manifest['tenant']}{period}",
            f"{_facts(checked)} facts in {len(ends)} trails: {_facts(checked) - in_place} as they were spoken, {in_place} by their digests",
            f"{figures} figures, each explained by its facts"]


def _sealed(seals: Sequence[Seals]) -> Iterator[str]:
    for one in seals:
        if one.signed or one.unsigned:
            said = f"{one.signed} signed" + (f", {one.unsigned} unsigned" if one.unsigned else "")
            stamps = f", {one.stamps} time stamps of the seals that they name" if one.stamps else ""
            yield f"seals of {one.source}: {said}{stamps}; the last is {one.upto}"
            yield from (f"  key {one.source} {fingerprint(bytes.fromhex(key))}" for key in one.shown_keys())
        else:
            yield f"seals of {one.source}: none; its trails are whole only by their heads"


def _ends(checked: Sequence[Checked], programme: str) -> Iterator[str]:
    for trail, end in _last(checked).items():
        yield f"head {trail.source}/{trail.incarnation}/{programme if trail.own else '-'}/{end.number}/{end.head}"


def main(arguments: Sequence[str]) -> int:
    """0 where all is whole, 1 with the first fault, 2 for a command that is none."""
    parser = argparse.ArgumentParser(prog="verify.py", description="Whether an evidence bundle of Percorso is whole.")
    parser.add_argument("bundle", help="the bundle, a tar file")
    parser.add_argument("--head", action="append", default=[], metavar="SOURCE/INCARNATION/PROGRAMME/NUMBER/HASH",
                        help="a head that you hold from elsewhere, - for the trail of no programme; may be repeated")
    parser.add_argument("--root", default="", help="the root hash that the fact AuditEvidenceExported names")
    parser.add_argument("--key", action="append", default=[], metavar="FINGERPRINT", help="a key that you trust; may be repeated")
    parser.add_argument("--jobs", type=int, default=0, help="processes; as many as there are processors unless said")
    asked = parser.parse_args(arguments)
    try:
        said = verify(asked.bundle, asked.head, asked.root, asked.key, asked.jobs)
    except Fault as fault:
        sys.stdout.write(f"{fault}\n")
        return 1
    except OSError as wrong:
        sys.stdout.write(f"refused: {asked.bundle}: it cannot be read ({wrong.strerror})\n")
        return 1
    except UNFORESEEN as wrong:
        sys.stdout.write(f"refused: {asked.bundle}: it holds what no bundle holds ({type(wrong).__name__})\n")
        return 1
    sys.stdout.write("whole\n" + "".join(f"  {one}\n" for one in said))
    return 0

