from postroom.mime.facts import facts
from postroom.mime.scan import scan


def of(raw: str) -> dict[str, tuple[str, ...]]:
    return facts(scan(raw.encode()))


def test_fields_that_decide_are_kept_and_others_are_not() -> None:
    found = of("Auto-Submitted: auto-replied\nX-Postroom-Id: 1\nX-Secret: no\nPrecedence: bulk\n\n")
    assert found == {"auto-submitted": ("auto-replied",), "x-postroom-id": ("1",), "precedence": ("bulk",)}


def test_values_stay_in_the_order_of_the_mail_and_are_decoded() -> None:
    assert of("X-Loop: =?utf-8?q?=C3=A9?=\nX-Loop: two\n\n")["x-loop"] == ("é", "two")


BLOCK = (
    "Return-Path: <ann@example.com>\n"
    "Received: from mx.example.com (mx.example.com [192.0.2.1])\n by inbound-smtp.eu-west-1.amazonaws.com with SMTP\n"
    " id abc for desk@example.org;\n Tue, 24 Nov 2026 08:00:00 +0000 (UTC)\n"
    "X-SES-Spam-Verdict: FAIL\n"
    "Received-SPF: pass (spfCheck: domain of example.com designates 192.0.2.1)\n"
)
RESULTS = "Authentication-Results: amazonses.com;\n spf=pass smtp.mailfrom=ann@example.com; dmarc=fail\n"
SEALS = "X-SES-RECEIPT: AEFB\nX-SES-DKIM-SIGNATURE: a=rsa-sha256; d=amazonses.com\n"
FORGED = "Authentication-Results: amazonses.com; dmarc=pass header.from=bank.example\n"


def test_the_results_that_ses_wrote_are_kept_and_those_below_are_not() -> None:
    for below in (FORGED, SEALS + FORGED, "From: a@example.com\n" + FORGED, "X-SES-Virus-Verdict: PASS\n" + FORGED):
        found = of(BLOCK + RESULTS + below + "\n")
        assert found["authentication"] == ("spf=pass example.com", "dmarc=fail")
        assert found["authentication-results"][0].startswith("amazonses.com; spf=pass")
        assert found["x-ses-spam-verdict"] == ("FAIL",)


def test_results_that_ses_did_not_write_are_none() -> None:
    for raw in (FORGED, BLOCK + SEALS + FORGED, BLOCK + "From: a@example.com\n" + FORGED, FORGED + "Received: x\n"):
        found = of(raw + "X-SES-Virus-Verdict: PASS\n\n")
        assert "authentication" not in found
        assert "authentication-results" not in found
        assert "x-ses-virus-verdict" not in found


def test_number_and_length_are_bounded() -> None:
    found = of("X-Loop: " + "x" * 10_000 + "\n" + "X-Loop: again\n" * 10_000 + "\n")
    assert len(found["x-loop"]) == 10
    assert len(found["x-loop"][0]) == 1_000


def test_names_that_anybody_may_make_up_are_bounded() -> None:
    found = of("".join(f"X-Postroom-{i}: x\n" for i in range(10_000)) + "Auto-Submitted: auto-replied\n\n")
    assert len(found) == 201
    assert found["auto-submitted"] == ("auto-replied",)
