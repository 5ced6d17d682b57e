from postroom.mime.facts import facts
from postroom.mime.scan import scan


def of(raw: str) -> dict[str, tuple[str, ...]]:
    return facts(scan(raw.encode()))


def test_fields_that_decide_are_kept_and_others_are_not() -> None:
    found = of("Auto-Submitted: auto-replied\nX-Postroom-Id: 1\nX-Secret: no\nPrecedence: bulk\n\n")
    assert found == {"auto-submitted": ("auto-replied",), "x-postroom-id": ("1",), "precedence": ("bulk",)}


def test_values_stay_in_the_order_of_the_mail_and_are_decoded() -> None:
    assert of("X-Loop: =?utf-8?q?=C3=A9?=\nX-Loop: two\n\n")["x-loop"] == ("é", "two")


def test_only_the_topmost_result_of_the_receiving_server_is_kept() -> None:
    found = of("Authentication-Results: ours; dmarc=fail\nAuthentication-Results: forged; dmarc=pass\n\n")
    assert found["authentication-results"] == ("ours; dmarc=fail",)


def test_number_and_length_are_bounded() -> None:
    found = of("X-Loop: " + "x" * 10_000 + "\n" + "X-Loop: again\n" * 10_000 + "\n")
    assert len(found["x-loop"]) == 10
    assert len(found["x-loop"][0]) == 1_000


def test_names_that_anybody_may_make_up_are_bounded() -> None:
    found = of("".join(f"X-Postroom-{i}: x\n" for i in range(10_000)) + "Auto-Submitted: auto-replied\n\n")
    assert len(found) == 201
    assert found["auto-submitted"] == ("auto-replied",)
