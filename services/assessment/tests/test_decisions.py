"""Assessment, as a case worker would say it."""
from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from assessment.adapters.kinds import ACTION_PLAN, EVALUATION, INSTRUMENT, KINDS, PLAN, PROFILE
from assessment.adapters.outbound import SILENT, SPOKEN
from assessment.domain.action_plan import (
    ActionPlanAgreed,
    ActionPlanClosed,
    ActionPlanDeclined,
    ActionPlanOffered,
    Due,
    PlanStep,
    agree_action_plan,
    close_action_plan,
    decline_action_plan,
    offer_action_plan,
)
from assessment.domain.evaluation import (
    Evaluation,
    Member,
    MultidimensionalEvaluationCompleted,
    TeamConvened,
    complete_evaluation,
    convene_team,
)
from assessment.domain.instrument import Band, InstrumentVersionPublished, Item, Need, publish_instrument_version
from assessment.domain.known import Case, Programme, Version
from assessment.domain.plan import Goal, PlanAgreed, PlanDrafted, PlanRevised, Signature, agree_plan, draft_plan, revise_plan
from assessment.domain.profile import Answer, complete_profile
from chassis.given import given, refused
from chassis.record import Codec
from contracts.words import OperatorId

CONFIG: dict[str, Any] = {
    "sources": [{"code": "EEMM_ADI", "kind": "SOCIAL_SERVICE"}],
    "teams": [{"phase": "EVALUATION", "template_version": 1, "roles": ["CASE_MANAGER", "ORIENTATORE"]}],
    "plan_signatures": ["PARTICIPANT", "CASE_MANAGER", "ORIENTATORE"],
    "policies": [{"policy_id": "PUGLIA", "valid_from": "2023-11-28"}],
    "action_plan": {"offered": True, "grace_days": 15, "stabilising_contracts": ["PERMANENT", "FIXED_TERM"]},
}
BARI = Programme((Version(config=CONFIG),), {"PUGLIA": "PUGLIA@0123456789abcdef"})
ANNA = Case("c", "002", "s", notice=True, manager="cm", internships={"i": date(2025, 4, 13)}, begun=frozenset({"i"}))
CM, OR = Member(OperatorId("cm"), "CASE_MANAGER", "bari"), Member(OperatorId("or"), "ORIENTATORE", "bari")
GOALS = (Goal("g1", "work"), Goal("g2", "childcare"))
CONVENED = TeamConvened("e", "c", "002", "s", "t", "EVALUATION", (CM, OR), 1)
SIGNED = MultidimensionalEvaluationCompleted("e", ("WORK",), ("CASE_MANAGER", "ORIENTATORE"), ("CASE_MANAGER", "ORIENTATORE"), (), "", "")
PUBLISHED = publish_instrument_version(
    given(INSTRUMENT), instrument_code="PROFILO-002", programme_id="002", programme=BARI, version=1,
    items=(Item("Q1"), Item("Q2", mandatory=False)), needs=(Need("CHILDCARE"), Need("THERAPY", special=True)),
    competences=("SALES",), bands=(Band("LOW", 0), Band("HIGH", 3)), shared_with=("EEMM_ADI",), on=date(2024, 8, 28))[0]
DRAFTED = PlanDrafted("p", "c", "002", "s", "PUGLIA@0123456789abcdef", 1, "e", ("g1", "g2"), (), GOALS, (), "")
OFFERED = ActionPlanOffered("a", "c", "002", "s", date(2025, 4, 28))
DAY = date(2024, 9, 20)


def test_every_event_is_spoken_and_each_contract_finds_its_fields() -> None:
    Codec("assessment", KINDS, SPOKEN, SILENT, None)  # type: ignore[arg-type]


class TestInstrument:
    def publish(self, *before: InstrumentVersionPublished, **changed: Any) -> list[Any]:
        args: dict[str, Any] = {"instrument_code": "PROFILO-002", "programme_id": "002", "programme": BARI, "version": 1,
                                "items": PUBLISHED.items, "needs": PUBLISHED.needs, "competences": PUBLISHED.competences,
                                "bands": PUBLISHED.bands,
                                "shared_with": PUBLISHED.shared_with, "on": DAY}
        return publish_instrument_version(given(INSTRUMENT, *before), **(args | changed))

    def test_the_same_version_published_twice_is_published_once(self) -> None:
        assert self.publish(PUBLISHED) == []

    def test_a_published_version_never_changes(self) -> None:
        with refused("VERSION_IMMUTABLE"):
            self.publish(PUBLISHED, items=(Item("Q9"),))

    def test_the_next_version_may_differ(self) -> None:
        assert self.publish(PUBLISHED, version=2, items=(Item("Q9"),))

    def test_it_is_shared_with_sources_of_the_programme_only(self) -> None:
        with refused("SOURCE_NOT_CONFIGURED:SCHOOL"):
            self.publish(shared_with=("SCHOOL",))

    def test_codes_are_words_and_there_is_something_to_ask(self) -> None:
        for broken in ({"items": ()}, {"competences": ("good with people",)}):
            with refused("INSTRUMENT_INVALID"):
                self.publish(**broken)


class TestProfile:
    def complete(self, case: Case = ANNA, **changed: Any) -> list[Any]:
        args: dict[str, Any] = {"profile_id": "f", "case_id": "c", "case": case, "instrument": given(INSTRUMENT, PUBLISHED),
                "instrument_code": "PROFILO-002", "version": 1, "answers": (Answer("Q1", 3),), "on": DAY}
        return complete_profile(given(PROFILE), **(args | changed))

    def test_needs_of_a_special_kind_are_kept_apart_from_what_is_spoken(self) -> None:
        (profile,) = self.complete(needs=("CHILDCARE", "THERAPY"), competences=("SALES",))
        assert (profile.needs, profile.special_needs, profile.band, profile.score) == (("CHILDCARE",), ("THERAPY",), "HIGH", 3)

    def test_a_version_that_was_not_published_cannot_be_used(self) -> None:
        with refused("INSTRUMENT_NOT_PUBLISHED"):
            self.complete(version=2)

    def test_every_mandatory_item_is_answered(self) -> None:
        with refused("PROFILE_INCOMPLETE"):
            self.complete(answers=(Answer("Q2", 1),))

    def test_words_of_another_instrument_are_refused(self) -> None:
        with refused("NOT_IN_INSTRUMENT:answers", "NOT_IN_INSTRUMENT:needs", "NOT_IN_INSTRUMENT:competences"):
            self.complete(answers=(Answer("Q1", 1), Answer("Q9", 1)), needs=("HOUSING",), competences=("WELDING",))

    def test_nothing_is_done_before_the_privacy_notice(self) -> None:
        with refused("PRIVACY_NOTICE_MISSING"):
            self.complete(Case("c", "002", "s"))

    def test_nothing_is_done_on_a_closed_case(self) -> None:
        with refused("CASE_CLOSED"):
            self.complete(Case("c", "002", "s", notice=True, closed=True))


class TestEvaluation:
    def convene(self, *before: Any, case: Case = ANNA, members: tuple[Member, ...] = (CM, OR)) -> list[Any]:
        return convene_team(given(EVALUATION, *before), evaluation_id="e", case_id="c", case=case, programme=BARI, team_id="t",
                            members=members, on=DAY)

    def complete(self, *before: Any, there: tuple[Any, ...] = ("CASE_MANAGER", "ORIENTATORE")) -> list[Any]:
        return complete_evaluation(given(EVALUATION, *before), evaluation_id="e", case=ANNA, programme=BARI, domains=("WORK",),
                                   present_roles=there, signed_by=there, on=DAY)

    def test_the_team_has_the_roles_of_the_template(self) -> None:
        assert self.convene() == [CONVENED]

    def test_a_team_convened_twice_is_one_team(self) -> None:
        assert self.convene(CONVENED) == []

    def test_no_team_before_the_privacy_notice(self) -> None:
        with refused("PRIVACY_NOTICE_MISSING"):
            self.convene(case=Case("c", "002", "s", manager="cm"))

    def test_no_team_without_a_case_manager_of_the_case(self) -> None:
        with refused("NO_CASE_MANAGER"):
            self.convene(case=Case("c", "002", "s", notice=True))
        with refused("OPERATOR_NOT_AUTHORISED"):
            self.convene(case=Case("c", "002", "s", notice=True, manager="other"))

    def test_the_case_manager_alone_is_no_quorum(self) -> None:
        with refused("TEAM_QUORUM_MISSING:ORIENTATORE"):
            self.complete(CONVENED, there=("CASE_MANAGER",))

    def test_the_quorum_signs(self) -> None:
        assert self.complete(CONVENED) == [SIGNED]

    def test_a_signed_evaluation_does_not_change(self) -> None:
        assert self.complete(CONVENED, SIGNED) == []
        with refused("EVALUATION_SIGNED"):
            self.convene(CONVENED, SIGNED, members=(OR, CM))

    def test_a_team_comes_first(self) -> None:
        with refused("TEAM_NOT_CONVENED"):
            self.complete()


class TestPlan:
    def draft(self, evaluation: Evaluation, goals: tuple[Goal, ...] = GOALS, policy: str | None = "PUGLIA",
              programme: Programme = BARI) -> list[Any]:
        return draft_plan(given(PLAN), plan_id="p", case_id="c", evaluation_id="e", case=ANNA, programme=programme,
                          evaluation=evaluation, goals=goals, policy_id=policy, on=DAY)

    def agree(self, *before: Any, parties: tuple[Any, ...] = ("PARTICIPANT", "CASE_MANAGER", "ORIENTATORE"), case: Case = ANNA,
              version: int = 1, coherent: bool = True) -> list[Any]:
        return agree_plan(given(PLAN, *before), plan_id="p", version=version, case=case, programme=BARI,
                          signatures=tuple(Signature(p, "HANDWRITTEN", DAY) for p in parties), valid_to=date(2025, 9, 26),
                          coherent=coherent, on=DAY)

    def revise(self, *before: Any, from_version: int = 1) -> list[Any]:
        return revise_plan(given(PLAN, *before), plan_id="p", from_version=from_version, case=ANNA, reason="CRITICAL_ISSUE",
                           goals=GOALS, changes="flexible schedule", on=DAY)

    def test_a_plan_rests_on_a_signed_evaluation(self) -> None:
        with refused("EVALUATION_MISSING"):
            self.draft(given(EVALUATION, CONVENED))
        assert self.draft(given(EVALUATION, CONVENED, SIGNED)) == [DRAFTED]

    def test_a_plan_has_goals_and_a_policy_of_its_programme(self) -> None:
        with refused("GOALS_MISSING", "POLICY_NOT_CONFIGURED"):
            self.draft(given(EVALUATION, CONVENED, SIGNED), goals=(), policy="TOSCANA")

    def test_a_policy_applies_from_its_first_day_and_from_the_version_that_names_it(self) -> None:
        later = [{"policy_id": "NEXT", "valid_from": "2024-09-21"}, {"policy_id": "NOW", "valid_from": "2024-09-20"}]
        versions = (Version(config=CONFIG), Version(DAY, {**CONFIG, "policies": [*CONFIG["policies"], *later]}),
                    Version(date(2099, 1, 1), {**CONFIG, "policies": [{"policy_id": "FAR", "valid_from": "2024-01-01"}]}))
        known = Programme(versions, {name: f"{name}@0123456789abcdef" for name in ("PUGLIA", "NEXT", "NOW", "FAR")})
        for policy, code in (("NEXT", "POLICY_NOT_IN_FORCE"), ("FAR", "POLICY_NOT_CONFIGURED")):
            with refused(code):
                self.draft(given(EVALUATION, CONVENED, SIGNED), policy=policy, programme=known)
        (drafted,) = self.draft(given(EVALUATION, CONVENED, SIGNED), policy="NOW", programme=known)
        assert drafted.policy_ref == "NOW@0123456789abcdef"

    @pytest.mark.parametrize("absent", ["PARTICIPANT", "CASE_MANAGER", "ORIENTATORE"])
    def test_a_plan_without_one_of_its_signatures_does_not_hold(self, absent: str) -> None:
        with refused(f"SIGNATURE_MISSING:{absent}"):
            self.agree(DRAFTED, parties=tuple(p for p in ("PARTICIPANT", "CASE_MANAGER", "ORIENTATORE") if p != absent))

    def test_a_guardian_signs_for_a_minor(self) -> None:
        young = Case("c", "002", "s", notice=True, under_age=True)
        with refused("SIGNATURE_MISSING:GUARDIAN"):
            self.agree(DRAFTED, case=young)
        assert self.agree(DRAFTED, case=young, parties=("GUARDIAN", "CASE_MANAGER", "ORIENTATORE"))

    def test_a_plan_agrees_with_the_care_plan(self) -> None:
        with refused("PLAN_NOT_COHERENT"):
            self.agree(DRAFTED, coherent=False)

    def test_a_revision_is_a_new_draft_and_only_the_latest_can_be_agreed(self) -> None:
        (agreed,) = self.agree(DRAFTED)
        (revised,) = self.revise(DRAFTED, agreed)
        assert isinstance(revised, PlanRevised)
        assert (revised.from_version, revised.to_version, revised.policy_ref) == (1, 2, DRAFTED.policy_ref)
        with refused("STALE_VERSION"):
            self.agree(DRAFTED, revised, version=1)
        (second,) = self.agree(DRAFTED, agreed, revised, version=2)
        assert isinstance(second, PlanAgreed)
        assert (second.version, second.goal_ids) == (2, ("g1", "g2"))

    def test_the_version_in_force_stays_until_the_next_is_agreed(self) -> None:
        (agreed,) = self.agree(DRAFTED)
        (revised,) = self.revise(DRAFTED, agreed)
        assert given(PLAN, DRAFTED, agreed, revised).agreed == 1

    def test_what_is_revised_is_the_latest_version(self) -> None:
        with refused("STALE_VERSION"):
            self.revise(DRAFTED, from_version=2)

    def test_a_plan_agreed_twice_is_agreed_once(self) -> None:
        (agreed,) = self.agree(DRAFTED)
        assert self.agree(DRAFTED, agreed) == []


class TestActionPlan:
    def offer(self, on: date = date(2025, 4, 28), case: Case = ANNA, programme: Programme = BARI) -> list[Any]:
        return offer_action_plan(given(ACTION_PLAN), action_plan_id="a", case_id="c", case=case, programme=programme, on=on)

    def test_it_is_offered_once_the_grace_days_are_over(self) -> None:
        with refused("GRACE_DAYS_RUNNING"):
            self.offer(date(2025, 4, 27))
        assert self.offer() == [OFFERED]

    def test_not_while_an_internship_runs_nor_before_any(self) -> None:
        for internships in ({}, {"i": None}, {"i": date(2025, 1, 1), "j": None}):
            with refused("INTERNSHIP_NOT_ENDED"):
                self.offer(case=Case("c", "002", "s", notice=True, internships=internships, begun=frozenset({"i"})))

    def test_not_after_an_internship_that_was_given_up_before_it_began(self) -> None:
        with refused("INTERNSHIP_NOT_ENDED"):
            self.offer(case=Case("c", "002", "s", notice=True, internships=ANNA.internships))

    def test_not_to_one_who_was_hired(self) -> None:
        hired = replace(ANNA, hired_with=frozenset({"PERMANENT"}))
        with refused("STABILISED"):
            self.offer(case=hired)

    def test_a_contract_that_does_not_stabilise_is_no_obstacle(self) -> None:
        assert self.offer(case=replace(ANNA, hired_with=frozenset({"OTHER"})))

    def test_not_in_a_programme_that_offers_none(self) -> None:
        with refused("ACTION_PLAN_NOT_IN_PROGRAMME"):
            self.offer(programme=Programme((Version(config=CONFIG | {"action_plan": {"offered": False, "grace_days": 15}}),)))

    def test_it_is_agreed_closed_and_each_only_once(self) -> None:
        steps, on = (PlanStep("s1", date(2025, 6, 1), "write a CV"),), date(2025, 5, 6)
        agreed = agree_action_plan(given(ACTION_PLAN, OFFERED), action_plan_id="a", case=ANNA, programme=BARI, steps=steps, on=on)
        assert agreed == [ActionPlanAgreed("a", on, True, (Due("s1", date(2025, 6, 1)),), steps)]
        closed = close_action_plan(given(ACTION_PLAN, OFFERED, *agreed), action_plan_id="a", outcome="STEPS_DONE_NO_JOB", on=on)
        assert closed == [ActionPlanClosed("a", on, "STEPS_DONE_NO_JOB", "")]
        assert close_action_plan(given(ACTION_PLAN, OFFERED, *agreed, *closed), action_plan_id="a", outcome="OTHER", on=on) == []

    def test_declining_has_no_consequences(self) -> None:
        declined = decline_action_plan(given(ACTION_PLAN, OFFERED), action_plan_id="a", on=DAY)
        assert declined == [ActionPlanDeclined("a", DAY, "")]
        assert agree_action_plan(given(ACTION_PLAN, OFFERED, *declined), action_plan_id="a", case=ANNA, programme=BARI,
                                 steps=(PlanStep("s1", DAY, "x"),), on=DAY)

    def test_nothing_is_agreed_or_closed_that_was_not_offered(self) -> None:
        with refused("ACTION_PLAN_NOT_OFFERED"):
            agree_action_plan(given(ACTION_PLAN), action_plan_id="a", case=ANNA, programme=BARI, steps=(), on=DAY)
        with refused("ACTION_PLAN_NOT_AGREED"):
            close_action_plan(given(ACTION_PLAN, OFFERED), action_plan_id="a", outcome="OTHER", on=DAY)
