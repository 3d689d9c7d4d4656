"""An archive of a stranger that means harm is refused with a sentence; nothing is unpacked, nothing grows."""
from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.bundles import Files, lines, remade, trail_name, with_lines, write
from reporting.verifier.container import END, MOST_MEMBERS, MOST_SIZE, header, members
from reporting.verifier.fault import Fault
from reporting.verifier.whole import main, verify

MANIFEST = b'{"format":"percorso-bundle-1","tenant":"bari","programme":"002","files":[],"heads":[],"sums":{}}'


def named(name: bytes, kind: bytes = b"0", link: bytes = b"", size: int = 0) -> bytes:
    """A header made by hand, whatever it says."""
    made = bytearray(header("x", size))
    made[:100], made[156:157], made[157:257], made[148:156] = name.ljust(100, b"\0"), kind, link.ljust(100, b"\0"), b" " * 8
    made[148:156] = b"%06o\0 " % sum(made)
    return bytes(made)


def packed(kind: bytes, name: str = "x", link: str = "/etc/passwd") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, link
        tar.addfile(info)
    return out.getvalue()


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("manifest.json", MANIFEST)
    return out.getvalue()


def with_manifest(text: bytes) -> bytes:
    return header("manifest.json", len(text)) + text + bytes(-len(text) % 512) + END


ARCHIVES: dict[str, Callable[[], bytes]] = {
    "a path that climbs": lambda: named(b"../../etc/cron.d/x") + END,
    "an absolute path": lambda: named(b"/etc/passwd") + END,
    "a path with a drive": lambda: named(b"C:\\x") + END,
    "a path with a dot": lambda: named(b"trails/./x") + END,
    "a hidden file": lambda: named(b".ssh/authorized_keys") + END,
    "a link": lambda: packed(tarfile.SYMTYPE),
    "a hard link": lambda: packed(tarfile.LNKTYPE),
    "a device": lambda: packed(tarfile.CHRTYPE),
    "a pipe": lambda: packed(tarfile.FIFOTYPE),
    "a folder": lambda: packed(tarfile.DIRTYPE),
    "a name that needs another header": lambda: packed(tarfile.REGTYPE, "n" * 300),
    "a header that does not add up": lambda: b"y" + header("x", 0)[1:] + END,
    "a file larger than the archive": lambda: named(b"x", size=MOST_SIZE) + b"x" * 512,
    "a file too large": lambda: named(b"x", size=MOST_SIZE + 1) + END,
    "a size that is none": lambda: header("x", 0)[:124] + b"\x80" + b"\xff" * 11 + header("x", 0)[136:] + END,
    "one name twice": lambda: named(b"x") * 2 + END,
    "a million files": lambda: b"".join(named(b"x%d" % n) for n in range(MOST_MEMBERS + 1)) + END,
    "a bomb": lambda: gzip.compress(bytes(10_000_000)),
    "a zip": zipped,
    "nothing": lambda: b"",
    "only an end": lambda: END,
    "no end": lambda: named(b"x"),
    "no archive": lambda: b"hello, world\n" * 100,
    "a manifest that is no JSON": lambda: with_manifest(b'{"format": '),
    "a manifest of another kind": lambda: with_manifest(b"[]"),
    "a manifest that lacks": lambda: with_manifest(b"{}"),
    "a manifest of tomorrow": lambda: with_manifest(MANIFEST.replace(b"bundle-1", b"bundle-9")),
    "a manifest as deep as a well": lambda: with_manifest(b"[" * 200_000 + b"]" * 200_000),
    "a manifest with a number without end": lambda: with_manifest(b'{"n":' + b"9" * 1_000_000 + b"}"),
    "a manifest with a float": lambda: with_manifest(b'{"n":1e999}'),
    "a manifest that is no text": lambda: with_manifest(b"\xff\xfe"),
    "files without names": lambda: with_manifest(MANIFEST.replace(b'"files":[]', b'"files":[{}, 1]')),
    "heads without hashes": lambda: with_manifest(MANIFEST.replace(b'"heads":[]', b'"heads":[{"source":"x"}]')),
    "sums of nothing": lambda: with_manifest(MANIFEST.replace(b'"sums":{}', b'"sums":{"x":1}')),
}


@pytest.mark.parametrize("what", ARCHIVES)
def test_what_is_no_bundle_is_refused_with_a_sentence(what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = tmp_path / "bundle.tar"
    archive.write_bytes(ARCHIVES[what]())
    assert main([str(archive)]) == 1
    said = capsys.readouterr().out
    assert said.startswith(("refused: ", "cut off: ", "missing: ", "changed: "))
    assert len(said) < 400
    assert [one.name for one in tmp_path.iterdir()] == ["bundle.tar"]


def test_a_file_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.tar")]) == 1
    assert capsys.readouterr().out.startswith("refused: ")


EXPRESSIONS = {
    "too deep": lambda: nested(100),
    "too many": lambda: {"op": "sum", "of": [{"number": "1"}] * 30_000},
    "growing": lambda: {"op": "product", "of": [{"number": "9" * 30}] * 500},
    "by nothing": lambda: {"op": "ratio", "of": [{"number": "1"}, {"number": "0"}]},
    "unknown": lambda: {"op": "eval", "of": [{"number": "1"}]},
    "of nothing": lambda: {"op": "sum", "of": []},
    "no object": lambda: [1],
    "no place": lambda: {"fact": ["x"], "field": 3},
    "no field": lambda: {"fact": "stipend/1/1", "field": "/data/../../x"},
    "no day": lambda: {"op": "day", "of": [{"number": "1"}]},
    "a sum that is no total's": lambda: {"every": "stipend.StipendPaid.v1", "field": "/data/amount_cents"},
    "a total of totals": lambda: {"total": "paid_cents"},
    "a place spelt otherwise": lambda: {"fact": "stipend/01/1", "field": "/data/amount_cents"},
    "a field spelt otherwise": lambda: {"fact": "stipend/1/1", "field": "/data/amount~2cents"},
    "a month without end": lambda: {"op": "day_after_months", "of": [{"number": "1"}, {"number": "9" * 30}]},
}


def nested(depth: int) -> object:
    found: object = {"number": "1"}
    for _ in range(depth):
        found = {"op": "sum", "of": [found]}
    return found


@pytest.mark.parametrize("what", EXPRESSIONS)
def test_an_expression_that_means_harm_explains_nothing(files: Files, tmp_path: Path, what: str) -> None:
    figure = {"kind": "x", "about": "y", "value": 1, "expression": EXPRESSIONS[what]()}
    made = with_lines(files, "figures/000001.jsonl", [json.dumps(figure).encode()])
    with pytest.raises(Fault) as found:
        verify(str(write(tmp_path / "b.tar", remade(made))))
    assert found.value.kind == "figure not explained"


def test_a_fact_that_is_no_json_is_found_before_it_is_read(files: Files, tmp_path: Path) -> None:
    name = trail_name("reporting")
    broken = with_lines(files, name, [line.replace(b'"data":', b'"data":[' * 5000) for line in lines(files, name)])
    with pytest.raises(Fault) as found:
        verify(str(write(tmp_path / "b.tar", remade(broken))))
    assert found.value.kind == "changed"


HEADERS: dict[str, tuple[int, bytes]] = {
    "a mode": (100, b"0000755"), "an owner": (108, b"0001750"), "a day": (136, b"%011o" % 1_700_000_000), "an owner's name": (265, b"root"),
    "a link to nothing": (157, b"x"), "the end of the header": (500, b"hello"), "a name behind a name": (60, b"note"),
    "a checksum spelt otherwise": (148, b" %06o\0"), "a size spelt otherwise": (124, b"          0 ")}


@pytest.mark.parametrize("what", HEADERS)
def test_a_header_says_nothing_but_a_name_and_a_size(what: str, tmp_path: Path) -> None:
    at, text = HEADERS[what]
    made = bytearray(header("x", 0))
    made[at:at + len(text)] = text
    made[148:156] = b" " * 8
    made[148:156] = (text if at == 148 else b"%06o\0 ") % sum(made)
    bundle = tmp_path / "b.tar"
    bundle.write_bytes(bytes(made) + END)
    with pytest.raises(Fault) as found:
        verify(str(bundle))
    assert found.value.kind in ("changed", "refused")


def test_what_stands_between_two_files_is_refused(files: Files, tmp_path: Path) -> None:
    bundle = write(tmp_path / "b.tar", files)
    data = bytearray(bundle.read_bytes())
    member = members(str(bundle))["index.en.md"]
    data[member.offset + member.size] = ord("!")
    bundle.write_bytes(data)
    with pytest.raises(Fault) as found:
        verify(str(bundle))
    assert (found.value.kind, found.value.where) == ("inserted", "index.en.md")


@pytest.mark.parametrize("name", ["notes.txt", "figures/notes.jsonl", "trails/x.jsonl", "policies/of-1999.json", "contracts/x.json",
                                  "keys/S.json", "index.de.md", "documents/1.jsonl"])
def test_a_name_that_no_bundle_has_is_refused(files: Files, tmp_path: Path, name: str) -> None:
    with pytest.raises(Fault) as found:
        verify(str(write(tmp_path / "b.tar", remade({**files, name: b"[]\n"}))))
    assert (found.value.kind, found.value.where) == ("refused", name)


def test_a_manifest_that_names_a_file_twice_is_refused(files: Files, tmp_path: Path) -> None:
    made = remade(files)
    manifest = json.loads(made["manifest.json"])
    manifest["files"].append({**manifest["files"][0], "sha256": "0" * 64})
    with pytest.raises(Fault) as found:
        verify(str(write(tmp_path / "b.tar", {**made, "manifest.json": json.dumps(manifest).encode()})))
    assert "twice" in found.value.why


def test_what_stands_behind_the_end_of_the_archive_is_refused(files: Files, tmp_path: Path) -> None:
    bundle = write(tmp_path / "b.tar", files)
    bundle.write_bytes(bundle.read_bytes() + bytes(512) + b"a letter that nobody has checked")
    with pytest.raises(Fault) as found:
        verify(str(bundle))
    assert found.value.kind == "inserted"
