"""A rules file: which rule fits, what it tells, and every fault at once."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import functions
from postroom.errors import Misconfigured
from postroom.kinds.kind import Kind
from postroom.message import Address, Attachment, Message, Reply
from postroom.rules.rules import FOR_THE_REST, CategoryFinding, Facts, Priority, RuleSet, load

DEFAULT = Path(next(iter(functions.__path__))) / "classify" / "rules.yaml"


def mail(subject: str = "", text: str = "", to: str = "desk@desk.example") -> Message:
    return Message(subject=subject, text=text, reply=Reply(visible=text), to=(Address(name="", address=to),))


def facts(message: Message) -> Facts:
    return Facts(message=message, kind=Kind.PERSON)


def one(when: str) -> RuleSet:
    return load(f"rules:\n- name: the rule\n  category: found\n  when: {when}\n")


def fits(when: str, message: Message, kind: Kind = Kind.PERSON, language: str | None = None) -> bool:
    return one(when).apply(Facts(message=message, kind=kind, language=language)).category == "found"


def faults(text: str) -> tuple[str, ...]:
    with pytest.raises(Misconfigured) as caught:
        load(text)
    return caught.value.faults


# --- conditions


def test_words_are_looked_for_in_subject_and_text() -> None:
    assert fits("{words: [invoice]}", mail("Your invoice"))
    assert fits("{words: [invoice]}", mail("Hello", "about the invoice"))
    assert not fits("{words: [invoice]}", mail("Hello", "about the order"))


def test_subject_and_text_can_be_told_apart() -> None:
    assert not fits("{subject: invoice}", mail("Hello", "invoice"))
    assert not fits("{text: invoice}", mail("invoice", "Hello"))


def test_what_was_quoted_is_not_looked_at() -> None:
    message = Message(text="Thanks\n> invoice", reply=Reply(visible="Thanks", quoted="> invoice"))
    assert not fits("{words: invoice}", message)


def test_all_conditions_must_hold() -> None:
    when = "{words: [invoice], language: de, kind: person}"
    assert fits(when, mail("invoice"), Kind.PERSON, "de")
    assert not fits(when, mail("invoice"), Kind.PERSON, "en")
    assert not fits(when, mail("invoice"), Kind.BULK, "de")


def test_unless_takes_a_mail_out() -> None:
    assert not fits("{words: invoice, unless: [newsletter]}", mail("invoice", "our newsletter"))


def test_only_a_rule_without_a_condition_is_for_all_the_rest() -> None:
    rest = load("rules: [{name: rest, category: general}]").apply(facts(mail()))
    assert (rest.confidence, rest.is_open) == (FOR_THE_REST, True)
    assert not one("{unless: [newsletter]}").apply(facts(mail("Hello"))).is_open
    assert not one("{not: {language: de}}").apply(facts(mail("Hello"))).is_open


def test_a_tag_is_the_same_in_capitals() -> None:
    text = "rules: [{name: a, tags: [VIP]}, {name: b, category: found, when: {tag: Vip}}]"
    found = load(text).apply(facts(mail()))
    assert (found.tags, found.category) == (("vip",), "found")


def test_a_recipient_is_known_with_and_without_its_label() -> None:
    assert fits("{to: billing}", mail(to="Billing+118@desk.example"))
    assert fits("{to: billing+118}", mail(to="billing+118@desk.example"))
    assert not fits("{to: billing}", mail(to="bill@desk.example"))


def test_attachments_are_asked_for_by_yes_or_no() -> None:
    part = Attachment(
        path="2", filename="a.pdf", safe_filename="a.pdf", content_type="application/pdf", detected_type=None,
        disposition="attachment", content_id=None, size=1, sha256="0" * 64,
    )  # fmt: skip
    assert fits("{attachments: yes}", Message(attachments=(part,)))
    assert fits("{attachments: no}", Message())
    assert not fits("{attachments: yes}", Message())


def test_a_language_that_yaml_takes_for_false_is_norwegian() -> None:
    assert fits("{language: no}", mail(), language="no")


# --- findings


def test_the_first_rule_that_fits_decides() -> None:
    rules = load("""
rules:
- {name: first, category: a, priority: high, when: {words: [order]}}
- {name: second, category: b, when: {words: [order, invoice]}}
- {name: rest, category: c, priority: low}
""")
    assert rules.apply(facts(mail("order"))) == CategoryFinding(
        category="a",
        priority=Priority.HIGH,
        rule="first",
        confidence=80,
        signals=("subject:order",),
        rules=("first",),
    )
    assert rules.apply(facts(mail("", "an invoice"))).rule == "second"
    assert rules.apply(facts(mail("hello"))).rule == "rest"


def test_a_mail_that_no_rule_fits_has_no_category() -> None:
    assert one("{words: order}").apply(facts(mail())) == CategoryFinding()


def test_the_version_follows_the_text() -> None:
    assert load("rules: []").version == load("rules: []").version
    assert load("rules: []").version != load("rules:  []").version


# --- faults


def test_all_faults_are_told_at_once_with_line_and_column() -> None:
    told = faults("""rules:
- name: bills
  categry: billing
  when: {kind: [persn], language: english}
- name: urgent
  category: urgent
  priority: hihg
""")
    assert told == (
        "rules.yaml:3:3: rule 'bills': a rule has no `categry`: it knows name, when, disposition, category, priority, "
        "tags, assign, reply, notify, stop. Did you mean category?",
        "rules.yaml:4:17: rule 'bills': `kind: persn` is none of person, auto_reply, out_of_office, bounce, "
        "delivery_report, complaint, list, bulk, notification, calendar, challenge, unknown. Did you mean person?",
        "rules.yaml:4:35: rule 'bills': `language: english` must be an ISO 639-1 code such as en, or unknown.",
        "rules.yaml:7:13: rule 'urgent': `priority: hihg` is none of low, normal, high, urgent. Did you mean high?",
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("rules: 3", "must hold a list"),
        ("rules: [", "not YAML"),
        ("\x00", "U+0000 can't stand in it"),
        ("[" * 5000, "not YAML"),
        ("a: 1\n---\nb: 2", "not YAML"),
        ("? [1]\n: 2", "only words as keys"),
        ("rules: &a [*a]", "must be written as"),
        ("rules: []\nrules: []", "written twice"),
        (
            "rules:\n- {name: a, category: x}\n- {name: b, category: x}",
            "has no effect: the rule 'a' in line 2 sets category",
        ),
        ("rules:\n- {name: a, category: x, when: {kind: list}}\n- {name: a, category: x}", "line 2: give each its own"),
        ("rules:\n- {name: a, category: Big Words}", "lower-case letters"),
        ("rules:\n- {name: a, category: x, when: {words: ['a*b']}}", "begin or end a phrase"),
        ("rules:\n- {name: a, category: x, when: {words: ['!!']}}", "no letter or digit"),
        ("rules:\n- {name: a, category: x, when: {words: []}}", "0 entries"),
        ("rules:\n- {name: a, category: x, when: {words: [[b]]}}", "no list"),
        ("rules:\n- {name: a, category: x, when: {to: a@b.example}}", "without @"),
        ("rules:\n- {name: a, category: x, when: {attachments: some}}", "yes or no"),
    ],
)
def test_a_fault_says_what_to_write(text: str, told: str) -> None:
    assert any(told in fault for fault in faults(text))


@given(st.text(max_size=200) | st.text(alphabet="rules:-[]{}&*'\"#|> \nab", max_size=80))
def test_any_text_is_a_rule_set_or_misconfigured(text: str) -> None:
    try:
        assert isinstance(load(text), RuleSet)
    except Misconfigured:
        assert faults(text)


# --- the rules that we ship


@pytest.mark.parametrize(
    ("subject", "text", "category", "priority"),
    [
        ("Invoice 118", "The amount is wrong.", "billing", "normal"),
        ("Rechnung zu meiner Bestellung", "Bitte noch einmal schicken.", "billing", "normal"),
        ("Where is it?", "My order has not arrived.", "order", "normal"),
        ("Frage", "Wann kommt meine Lieferung?", "order", "normal"),
        ("Order 4711", "Please send us 20 pieces.", "order", "normal"),
        ("Bestellung 4711", "Bitte senden Sie uns 20 Stück.", "order", "normal"),
        ("Question", "When is the delivery?", "order", "normal"),
        ("Question", "I write in order to say hello.", "general", "normal"),
        ("Question", "Please make us an offer for two gates.", "sales", "normal"),
        ("The lamp", "It is defective.", "technical_problem", "normal"),
        ("Payment reminder", "The second reminder for March.", "billing", "high"),
        ("Damaged", "I want to return the lamp.", "returns", "normal"),
        ("Retoure", "Ich möchte die Lampe zurückschicken.", "returns", "normal"),
        ("Kündigung", "Hiermit kündige ich.", "cancellation", "normal"),
        ("Help", "I forgot my password.", "account", "normal"),
        ("Hilfe", "Ich kann mich nicht einloggen.", "account", "normal"),
        ("App", "It shows an error message.", "technical_problem", "normal"),
        ("App", "Die App stürzt ab.", "technical_problem", "normal"),
        ("Production down", "Nothing works since nine.", "technical_problem", "high"),
        ("Systemausfall", "Seit neun Uhr.", "technical_problem", "high"),
        ("Letter of our lawyer", "We will take legal action.", "legal", "high"),
        ("Angebot", "Was kosten zwei Tore?", "sales", "normal"),
        ("Idea", "A suggestion: bigger buttons.", "feedback", "normal"),
        ("Please call", "It is urgent.", "general", "high"),
        ("Hello", "Good morning.", "general", "normal"),
    ],
)
def test_the_default_rules_sort_what_desks_get(subject: str, text: str, category: str, priority: str) -> None:
    found = load(DEFAULT.read_text(encoding="utf-8")).apply(facts(mail(subject, text)))
    assert (found.category, found.priority) == (category, priority)


@pytest.mark.parametrize("kind", [k for k in Kind if k not in (Kind.PERSON, Kind.UNKNOWN, Kind.CALENDAR)])
def test_the_default_rules_never_hurry_for_a_machine_without_words(kind: Kind) -> None:
    found = load(DEFAULT.read_text(encoding="utf-8")).apply(Facts(message=mail("Hello"), kind=kind, language="en"))
    assert found.priority is Priority.LOW


@pytest.mark.parametrize("text", ["rules: " + "[" * 100_000, "{a: " * 50_000, "- " * 100_000, "? " * 100_000])
def test_a_file_that_is_nested_without_end_is_a_fault_and_no_end_of_the_process(text: str) -> None:
    (fault,) = faults(text)
    assert "not YAML" in fault


def test_a_fault_is_one_short_line_whatever_the_file_holds() -> None:
    for name in ("a\\e[31m", "a\\n b", "\\u202ea", "x" * 5_000):
        (fault,) = faults(f'rules:\n- {{name: "{name}", category: found}}\n')
        assert "a name of at most 60 characters" in fault
        assert fault.isprintable()
        assert len(fault) < 1_200
