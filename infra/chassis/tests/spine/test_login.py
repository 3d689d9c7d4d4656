"""Where Kafka is and who asks, as it is written in a setting."""
import pytest

from chassis.login_kafka import options, parsed


@pytest.mark.parametrize(("where", "protocol", "mechanism"), [
    ("k:9092", None, None),
    ("a%40b:p%3Aw@k:9092,l:9093", "SASL_SSL", "SCRAM-SHA-512"),
    ("a:p@k:9092?tls=no", "SASL_PLAINTEXT", "SCRAM-SHA-512"),
    ("a:p@k:9092?tls=no&mechanism=PLAIN", "SASL_PLAINTEXT", "PLAIN"),
])
def test_a_login_is_scram_over_tls_unless_it_says_otherwise(where: str, protocol: str | None, mechanism: str | None) -> None:
    servers, security = parsed(where)
    assert servers[0] == "k:9092"
    said = options(security)
    assert (said.get("security_protocol"), said.get("sasl_mechanism")) == (protocol, mechanism)
    if "%40" in where:
        assert (said["sasl_plain_username"], said["sasl_plain_password"], servers) == ("a@b", "p:w", ["k:9092", "l:9093"])


@pytest.mark.parametrize("where", ["k:9092?tls", "k:9092?user=a", "a:p@k:9092?mechanism=GUESS"])
def test_what_is_not_understood_is_refused_and_repeats_no_password(where: str) -> None:
    with pytest.raises(ValueError, match="mechanism") as wrong:
        parsed(where)
    assert "a:p" not in str(wrong.value)
