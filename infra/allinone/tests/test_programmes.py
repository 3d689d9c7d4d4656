"""Programme files: what is wrong is named with its line, and then nothing is sent."""
from __future__ import annotations

import base64
import json
from pathlib import Path

import httpx
import pytest

from chassis.issuer import Issuer
from chassis.service import migrate
from chassis.settings import Settings
from chassis.web.app import create_app
from contracts.policyref import policy_ref
from percorso.errors import Sorry
from percorso.programmes import ApplyRefused, FileFaulty, apply, load
from reporting.service import DECLARED, build

ROOT = Path(__file__).parents[3]
BARI = ROOT / "infra/programmes/002.yaml"
TEXT = BARI.read_text("utf-8")


def changed(folder: Path, *changes: tuple[str, str]) -> Path:
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "p.yaml").write_text(text, "utf-8")
    return folder / "p.yaml"


def faults(path: Path) -> list[tuple[str, str]]:
    """Of each fault, the text of the line it names, and its field."""
    with pytest.raises(FileFaulty) as wrong:
        load(path)
    lines = path.read_text("utf-8").splitlines()
    assert all(str(fault).startswith(f"{path}:{fault.line}: ") for fault in wrong.value.faults)
    return [(lines[fault.line - 1].strip(), fault.field) for fault in wrong.value.faults]


def test_bari_pays_600_euro_from_70_percent_on() -> None:
    stipend = load(BARI).config["policies"][0]["stipend"]
    assert (stipend["monthly_amount"], stipend["beyond_amount"], stipend["threshold"]) == (600_00, 700_00, "0.70")


def test_other_figures_are_another_file() -> None:
    hourly, steps = load(ROOT / "tests/scenarios/programmes/s02.yaml").config["policies"]
    assert (hourly["stipend"]["hourly_rate"], steps["stipend"]["threshold"]) == (5_00, "0.60")


def test_a_policy_is_referred_to_by_its_content() -> None:
    policy = load(BARI).config["policies"][0]
    assert policy_ref(policy) == "PUGLIA-LR26-2023-TIS@4aae85fb2e8f0c47"
    assert policy_ref(policy | {"changes_days": 6}) != policy_ref(policy)


@pytest.mark.parametrize(("old", "new", "line", "field"), [
    ('monthly_amount: "600.00"', "monthly_amount: 600.00", "monthly_amount: 600.00", "config.policies.0.stipend.monthly_amount"),
    ('monthly_amount: "600.00"', 'monthly_amount: "600"', 'monthly_amount: "600"', "config.policies.0.stipend.monthly_amount"),
    ('"0.70"', "0.70", "threshold: 0.70", "config.policies.0.stipend.threshold"),
    ("mode: FLAT_THRESHOLD", "mode: FLAT", "mode: FLAT", "config.policies.0.stipend.mode"),
    ("min_monthly: null", 'min_monthly: "650.00"', 'monthly_amount: "600.00"', "config.policies.0.stipend.monthly_amount"),
    ("period: INTERNSHIP_MONTH", "periods: X", "periods: X", "config.policies.0.stipend.periods"),
    ("grace_days: 15", "grace_days: some", "grace_days: some", "config.action_plan.grace_days"),
    ("field: isced,", "field: iscde,", "", "config.catalogue.indicators.8.conditions.0.field"),
    ("    min_age: 16", "    min_age: 16\n    min_age: 18", "min_age: 18", "config.eligibility.min_age"),
    ('["072006"]', "[072006]", "", "config.eligibility.residence.0"),
    ("Z99Z99000000002", "Z99Z9900000002", "cup: Z99Z9900000002            # synthetic", "cup"),
    ("end: 2026-12-31                 # synthetic", "end: 2024-06-30", "end: 2024-06-30", "end"),
    ("fund: PN_METRO_PLUS", "fund: PN Metro Plus", "fund: PN Metro Plus", "fund"),
    ("config_version: 1\n", "", "", "config_version"),
    ("roles: [CASE_MANAGER, ORIENTATORE]", "roles: [CASE_MANAGER, ORIENTATOR]", "", "config.teams.0.roles.1"),
    ("changes_days: 5", "changes_days: 5\n      changes_dayz: 5", "changes_dayz: 5", "config.policies.0.changes_dayz"),
    ("max_months: {DEFAULT: 6, DISABILITY: 24}", "max_months: {DISABILITY: 24}", "", "config.policies.0.duration.max_months"),
])
def test_what_is_wrong_is_named_with_its_line_and_field(tmp_path: Path, old: str, new: str, line: str, field: str) -> None:
    ((shown, named),) = faults(changed(tmp_path, (old, new)))
    assert named == field
    assert not line or shown == line


def test_everything_that_is_wrong_is_named_at_once(tmp_path: Path) -> None:
    path = changed(tmp_path, ("grace_days: 15", "grace_days: x"), ('"700.00"', "7e2"), ("haccp: IF_FOOD", "haccpp: IF_FOOD"))
    assert [field.split(".")[-1] for _, field in faults(path)] == ["grace_days", "beyond_amount", "haccpp"]


@pytest.mark.parametrize("text", ["", "- a\n", "a: [\n", "programme: \"002\"\n  x: 1\n"])
def test_a_file_that_holds_no_programme_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "p.yaml").write_text(text)
    with pytest.raises(FileFaulty):
        load(tmp_path / "p.yaml")


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(Sorry, match="cannot be read"):
        load(tmp_path / "none.yaml")


class Reporting(httpx.AsyncBaseTransport):
    """Answers as reporting does, and remembers what it was sent."""

    def __init__(self, *answers: tuple[int, object]) -> None:
        self.answers, self.sent = list(answers), list[tuple[str, dict[str, object]]]()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append((request.url.path, json.loads(request.content)))
        assert request.headers["authorization"] == "Bearer t"
        assert len(request.headers["idempotency-key"]) == 36
        status, body = self.answers.pop(0)
        return httpx.Response(status, json=body)


async def applied(reporting: Reporting, path: Path = BARI) -> str:
    async with httpx.AsyncClient(transport=reporting) as http:
        return await apply(path, "http://reporting", {"Authorization": "Bearer t"}, http)


async def test_a_programme_is_activated_with_its_whole_configuration() -> None:
    reporting = Reporting((201, {"events": [1]}))
    assert "is active" in await applied(reporting)
    ((path, body),) = reporting.sent
    assert (path, body["title"]) == ("/programmes/002/activation", load(BARI).title)
    assert body["config"] == load(BARI).config
    assert "evidence" not in body


async def test_a_running_programme_gets_its_next_version() -> None:
    reporting = Reporting((409, {"code": "PROGRAMME_ALREADY_ACTIVE"}), (201, {"events": [1]}))
    assert "now has version 1" in await applied(reporting)
    assert [path for path, _ in reporting.sent] == ["/programmes/002/activation", "/programmes/002/configurations"]


async def test_the_same_file_again_changes_nothing() -> None:
    assert "nothing changed" in await applied(Reporting((200, {"events": []})))


async def test_a_refusal_is_handed_on_in_its_own_words() -> None:
    with pytest.raises(ApplyRefused, match="POLICY_IMMUTABLE"):
        await applied(Reporting((409, {"code": "PROGRAMME_ALREADY_ACTIVE"}), (409, {"code": "POLICY_IMMUTABLE"})))


async def test_nothing_is_sent_of_a_faulty_file(tmp_path: Path) -> None:
    reporting = Reporting()
    with pytest.raises(FileFaulty):
        await applied(reporting, changed(tmp_path, ("fund: PN_METRO_PLUS", "fund: [a]")))
    assert reporting.sent == []


async def test_reporting_takes_the_file_of_bari_and_never_another_content_under_the_same_policy(tmp_path: Path) -> None:
    settings = Settings(service="reporting", database_url=f"sqlite:///{tmp_path}/r.sqlite", bus=f"local:///{tmp_path}/bus.sqlite",
                        actor_key=b"a" * 32, master_key=base64.b64encode(b"m" * 32).decode(), issuer_key_file=tmp_path / "i" / "key.pem")
    migrate(DECLARED, settings)
    app = create_app(build(settings), parts=())
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
        assert settings.issuer_key_file
        token = Issuer.at(settings.issuer_key_file).mint(role="PARTNER_ADMIN", tenant="bari", org="comune-bari", sub="admin")

        async def sent(path: Path) -> str:
            return await apply(path, "http://reporting", {"Authorization": f"Bearer {token}"}, http)

        assert "is active, with version 1" in await sent(BARI)
        assert "nothing changed" in await sent(BARI)
        second = ("config_version: 1", "config_version: 2")
        with pytest.raises(ApplyRefused, match="POLICY_IMMUTABLE:PUGLIA-LR26-2023-TIS"):
            await sent(changed(tmp_path, second, ('beyond_amount: "700.00"', 'beyond_amount: "750.00"')))
        with pytest.raises(ApplyRefused, match="VERSION_IMMUTABLE"):
            await sent(changed(tmp_path, ("grace_days: 15", "grace_days: 20")))
        assert "now has version 2" in await sent(changed(tmp_path, second, ("grace_days: 15", "grace_days: 20")))
