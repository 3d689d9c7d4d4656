"""Whether an append may pass."""
from chassis.decide import Release, Take
from chassis.judge import Standing, Verdict, judge
from chassis.log import Append, NewEvent
from chassis.parts import Parts

EVENT = NewEvent("bari/ticket/1", 1, "desk.T.v1", Parts(b"", b"", b"", b""), 0)
COLOUR = ("bari", "colour", "red")


def append(command: str, **more: object) -> Append:
    return Append(command, b"digest", b"answer", **{"events": (EVENT,), "versions": {EVENT.stream: 0}, **more})  # type: ignore[arg-type]


def test_the_second_of_two_that_read_the_same_version_has_to_decide_again() -> None:
    standing = Standing()
    assert [judge(append(c), standing) for c in "ab"] == [Verdict.PASSED, Verdict.MOVED]


def test_a_known_id_is_answered_and_with_another_request_refused() -> None:
    standing = Standing(answers={"a": (b"digest", b"before"), "b": (b"other", b"before")})
    assert [judge(append(c), standing) for c in "ab"] == [Verdict.REPEATED, Verdict.REUSED]


def test_of_two_who_take_a_claim_one_gets_it_until_it_is_released() -> None:
    standing = Standing()
    take = {"claims": [("bari", Take("colour", "red", "1"))], "versions": {}}
    other = {"claims": [("bari", Take("colour", "red", "2"))], "versions": {}}
    assert judge(append("a", **take), standing) is Verdict.PASSED
    assert judge(append("b", **other), standing) is Verdict.MOVED
    assert judge(append("c", claims=[("bari", Release("colour", "red"))], versions={}), standing) is Verdict.PASSED
    assert judge(append("d", **other), standing) is Verdict.PASSED
    assert standing.owners == {COLOUR: "2"}


def test_one_append_does_not_take_a_claim_for_two() -> None:
    take = [("bari", Take("colour", "red", "1")), ("bari", Take("colour", "red", "2"))]
    assert judge(append("a", claims=take), Standing()) is Verdict.MOVED
    passed_on = [take[0], ("bari", Release("colour", "red")), take[1]]
    assert judge(append("b", claims=passed_on), Standing()) is Verdict.PASSED


def test_what_was_read_of_a_claim_must_still_hold() -> None:
    standing = Standing(owners={COLOUR: "1"})
    assert judge(append("a", owners={COLOUR: None}), standing) is Verdict.MOVED
    assert judge(append("b", owners={COLOUR: "1"}), standing) is Verdict.PASSED


def test_what_does_not_pass_changes_nothing() -> None:
    standing = Standing(versions={EVENT.stream: 3})
    judge(append("a", claims=[("bari", Take("colour", "red", "1"))]), standing)
    assert standing == Standing(versions={EVENT.stream: 3})
