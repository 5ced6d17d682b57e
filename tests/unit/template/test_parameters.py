"""What the person who deploys is asked and told, and the layers that are built for them."""

import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]

Template = dict[str, Any]

KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

# Parameters


def test_every_parameter_and_output_is_described(template: Template) -> None:
    for name, value in {**template["Parameters"], **template["Outputs"]}.items():
        assert value["Description"].endswith("."), name


def test_every_free_text_has_a_pattern_and_says_what_it_wants(template: Template) -> None:
    for name, parameter in template["Parameters"].items():
        if parameter["Type"] in {"String", "CommaDelimitedList"} and "AllowedValues" not in parameter:
            assert {"AllowedPattern", "ConstraintDescription"} <= set(parameter), name


def test_every_parameter_is_in_a_group(template: Template) -> None:
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = [name for group in groups for name in group["Parameters"]]
    assert sorted(grouped) == sorted(template["Parameters"])


@pytest.mark.parametrize(
    ("parameter", "good", "bad"),
    [
        (
            "DeskAddress",
            ["support@example.com", "o'hara+desk@mail.example.com"],
            ["", "support", "a@b", "S <s@example.com>"],
        ),
        ("FromName", ["Support", "Kundendienst Müller & Söhne"], ["", 'The "Desk"', "a@b", "two\nlines"]),
        (
            "Recipients",
            ["support@example.com", "example.com", ".example.com"],
            ["", "example", "@example.com", "a b.com"],
        ),
        ("SendingIdentity", ["", "example.com", "a@example.com"], ["example", "@example.com"]),
        (
            "KmsKeyArn",
            ["", KEY, KEY.replace("aws:", "aws-cn:")],
            ["alias/desk", KEY.replace("key/", "alias/"), "key/1"],
        ),
        ("ClamdAddress", ["", "clamd.example.internal:3310", "10.0.0.1:3310"], ["clamd", "/run/clamd", "http://a:1"]),
        ("ClamdSubnets", ["", "subnet-0123456789abcdef0"], ["sg-01234567", "subnet-1 subnet-2"]),
        ("ClamdSecurityGroups", ["", "sg-01234567"], ["default"]),
        ("FormerKmsKeyArns", ["", KEY], ["alias/desk", f"{KEY} {KEY}"]),
        (
            "BedrockModelId",
            ["", "amazon.nova-micro-v1:0", "eu.anthropic.claude-3-haiku-20240307-v1:0", "vendor.model-2.5"],
            ["nova", "arn:aws:bedrock:eu-west-1::foundation-model/a.b", "a.b/c", "a.*", "A.b", "a.b c"],
        ),
        ("CategoryModel", ["", "models/support.model"], ["support.model", "models/", "models/a/b", "raw/mail-1"]),
        ("AlarmEmail", ["", "ops@example.com"], ["ops", "a@example.com,b@example.com"]),
    ],
)
def test_a_pattern_takes_what_is_good_and_nothing_else(
    template: Template, parameter: str, good: list[str], bad: list[str]
) -> None:
    pattern = template["Parameters"][parameter]["AllowedPattern"]
    assert [text for text in good if not re.fullmatch(pattern, text)] == []
    assert [text for text in bad if re.fullmatch(pattern, text)] == []


# The layers


def test_the_vendor_layer_has_the_pins_and_no_copy_of_them() -> None:
    assert (ROOT / "layers/vendor/requirements.txt").resolve() == ROOT / "requirements/vendor.txt"


@pytest.mark.parametrize("layer", ["Postroom", "Vendor"])
def test_a_layer_is_built_by_its_makefile_with_its_bytecode(template: Template, layer: str) -> None:
    resource = template["Resources"][f"{layer}Layer"]
    makefile = (ROOT / resource["Properties"]["ContentUri"] / "Makefile").read_text(encoding="utf-8")
    assert resource["Metadata"]["BuildMethod"] == "makefile"
    assert f"\nbuild-{layer}Layer:" in makefile
    assert "compileall -q --invalidation-mode unchecked-hash" in makefile
