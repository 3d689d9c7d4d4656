"""The images: who they run as, and that no secret is in them."""
from __future__ import annotations

import json
import subprocess
import tarfile
import tempfile
import zlib
from itertools import chain
from pathlib import Path
from typing import IO

from compose.stack import ROOT, SERVERS, Stack, Wrong, said
from percorso.suite import SERVICES

IMAGES = (*SERVICES, "operator")
OWN_CODE = b"def create_app(service: Service"


def are_their_own(stack: Stack) -> str:
    """Each image runs its own service. BuildKit mixes Dockerfiles up that are equal in name, size and time: seen."""
    folders = [*(ROOT / "services" / service for service in SERVICES), ROOT / "infra/allinone"]
    if len({(folder / "Dockerfile").stat().st_size for folder in folders}) != len(folders):
        raise Wrong("two Dockerfiles have the same size: BuildKit may take one for the other")
    for service in SERVICES:
        runs = json.loads(said("docker", "image", "inspect", stack.image(service)))[0]["Config"]["Entrypoint"]
        if runs != ["python", "-m", service]:
            raise Wrong(f"the image of {service} runs {runs}")
    return f"{len(IMAGES)} images, tagged {stack.version}"


def run_as_nobody(stack: Stack) -> str:
    """The images name a user that is not root, and no process of any container is root's."""
    for service in IMAGES:
        user: str = json.loads(said("docker", "image", "inspect", stack.image(service)))[0]["Config"]["User"]
        if user.split(":")[0] in ("", "0", "root"):
            raise Wrong(f"the image of {service} runs as {user or 'root'}")
    found = stack.containers()
    for service in (*SERVERS, *SERVICES):
        _, *lines = said("docker", "top", found[service]["Id"], "-eo", "uid,pid").splitlines()
        if any(line.split()[0] == "0" for line in lines):
            raise Wrong(f"a process of {service} runs as root")
    for service in SERVICES:
        host = found[service]["HostConfig"]
        if not host["ReadonlyRootfs"] or host["CapDrop"] != ["ALL"] or host["Privileged"]:
            raise Wrong(f"{service} can write its own files, or keeps capabilities")
    return f"{len(IMAGES)} images and {len(SERVERS) + len(SERVICES)} containers, read-only, without capabilities"


def hold_no_secret(stack: Stack) -> str:
    """No secret's value is in an image's layers, history or settings."""
    values = secret_values(stack.secrets)
    for service in IMAGES:
        image = stack.image(service)
        told = said("docker", "image", "inspect", image) + said("docker", "history", "--no-trunc", "--format", "{{json .}}", image)
        if shown := [name for name, value in values.items() if value in told]:
            raise Wrong(f"{shown[0]} is in the history or the settings of the image of {service}")
    found = _found([stack.image(service) for service in IMAGES], [value.encode() for value in values.values()])
    if OWN_CODE not in found:
        raise Wrong("the search finds not even our own code in the images")
    if found - {OWN_CODE}:
        raise Wrong("a secret's value is in the layers of an image")
    return f"{len(values)} values looked for in {len(IMAGES)} images: layers, history, settings"


def secret_values(folder: Path) -> dict[str, str]:
    """What must be nowhere, by the name of its file; of a private key each of its lines."""
    return {f"{file.name}{f':{n}' if n else ''}": line for file in sorted(folder.iterdir()) if file.name != "jwks.json"
            for n, line in enumerate(file.read_text().split("\n")) if len(line) > 20 and not line.startswith("-----")}


def _found(images: list[str], values: list[bytes]) -> set[bytes]:
    """Which of these values are in the images' layers, what a later layer deletes included; our own code among them."""
    with tempfile.NamedTemporaryFile() as patterns:
        patterns.write(b"\n".join([*values, OWN_CODE]))
        patterns.flush()
        saving = subprocess.Popen(("docker", "save", *images), stdout=subprocess.PIPE)
        found: set[bytes] = set()
        with tarfile.open(fileobj=saving.stdout, mode="r|") as archive:
            for layer in archive:
                if layer.isfile() and (content := archive.extractfile(layer)) is not None:
                    found |= _searched(content, patterns.name)
        if saving.wait():
            raise Wrong("`docker save` fails")
    return found


def _searched(content: IO[bytes], patterns: str) -> set[bytes]:
    """A layer may be compressed."""
    first = content.read(2)
    whole = chain([first], iter(lambda: content.read(1 << 20), b""))
    inflate = zlib.decompressobj(31) if first == b"\x1f\x8b" else None
    command = ("grep", "--text", "--only-matching", "--fixed-strings", f"--file={patterns}")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}) as grep:
        assert grep.stdin is not None
        assert grep.stdout is not None
        for some in whole:
            grep.stdin.write(inflate.decompress(some) if inflate else some)
        grep.stdin.close()
        return set(grep.stdout.read().splitlines())
