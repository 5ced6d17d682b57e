"""Every condition and action of the table, one mail that fits and one that doesn't; and the faults of each."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from postroom.conversation import Conversation, State
from postroom.envelope import Verdict, Verdicts
from postroom.errors import Misconfigured
from postroom.ids import ConversationId
from postroom.kinds.answering import WANTS_AN_ANSWER
from postroom.kinds.kind import Kind
from postroom.message import Address, Message, Reply
from postroom.rules import action_forms, condition_forms
from postroom.rules.facts import Facts
from postroom.rules.history import History, history_of
from postroom.rules.pressing_words import BY_LANGUAGE, LANGUAGES, WORDS
from postroom.rules.rules import Handling, Priority, load
from postroom.vouching import Vouched
from tests.unit.rules.books import attachment

DOCS = Path(__file__).parents[3] / "docs" / "rules.md"

#: Tuesday, half past eight in the morning in Berlin.
MOMENT = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
MAIL = Facts(
    message=Message(
        subject="Invoice 118",
        reply=Reply(visible="Die Schlussrechnung ist falsch. お世話になります、請求書を送ってください。"),
        from_=(Address(name="Ann", address="Ann@Sales.Example.com"),),
        to=(Address(name="", address="Billing+118@desk.example"),),
        attachments=(attachment("Rechnung.PDF", size=2_000), attachment("logo.png", "image/png", cid="logo")),
        facts={"x-priority": ("1 (Highest)",), "list-id": ("<news.example>",)},
    ),
    kind=Kind.PERSON,
    language="de",
    mail_from="bounces+ann@mail.example.com",
    rcpt_to=("billing+118@desk.example",),
    verdicts=Verdicts(spf=Verdict.PASS, dkim=Verdict.GRAY, dmarc=Verdict.FAIL, spam=Verdict.PASS),
    vouched=Vouched.FORGED,
    received_at=MOMENT,
    size=3 << 20,
    ask_history=lambda: History(
        mails=4, days_since_last=3, open_conversations=2, waiting_days=5, tags=frozenset({"vip"})
    ),
)
UNKNOWN = Facts(message=MAIL.message, kind=Kind.PERSON)
HOURS = "hours: {zone: Europe/Berlin, open: {mon-fri: 09:00-17:30}, holidays: [11-24]}\n"

#: Condition, a value under which MAIL fits, and one under which it doesn't.
CASES: Mapping[str, tuple[str, str]] = {
    "words": ("[falsch]", "[schluss]"),
    "subject": ("['invoice 118']", "[falsch]"),
    "text": ("['*rechnung', 請求書]", "[invoice]"),
    "unless": ("[newsletter]", "[falsch]"),
    "kind": ("[person, list]", "bounce"),
    "language": ("de", "[en, unknown]"),
    "to": ("billing", "sales"),
    "from": ("[.example.com]", "example.com"),
    "mail_from": ("'bounces*@mail.example.com'", "'<>'"),
    "rcpt_to": ("billing@desk.example", "bill@desk.example"),
    "spf": ("pass", "[fail, gray]"),
    "dkim": ("gray", "pass"),
    "dmarc": ("[fail]", "missing"),
    "spam": ("pass", "fail"),
    "virus": ("missing", "pass"),
    "sender": ("[unproven, forged]", "proven"),
    "header": ("{name: X-Priority, matches: '1*'}", "{name: x-priority, contains: low}"),
    "size": ("2 MB..5 MB", "..2 MB"),
    "attachments": ("{extension: pdf, type: 'application/*', count: 1, size: ..2 KB}", "{extension: png}"),
    "mails_before": ("1..", "..3"),
    "days_since_last": ("..7", "4.."),
    "open_conversations": ("2", "3.."),
    "waiting_days": ("3..5", "6.."),
    "customer_tag": ("[vip, press]", "press"),
    "weekday": ("mon-wed", "[sat-sun, thursday]"),
    "time": ("22:00-09:00", "08:31-17:00"),
    "business_hours": ("no", "yes"),
    "holiday": ("yes", "no"),
}
GIVEN = {"category", "tag"}  # what the rules above have set: see below
ALWAYS_KNOWN = {
    "words", "subject", "text", "unless", "kind", "language", "to", "from", "header", "attachments",
}  # fmt: skip


def fits(when: str, mail: Facts = MAIL) -> bool:
    return load(f"{HOURS}rules: [{{name: a, category: yes_it_does, when: {when}}}]").apply(mail).category is not None


def faults(text: str) -> tuple[str, ...]:
    with pytest.raises(Misconfigured) as caught:
        load(text)
    return caught.value.faults


def test_every_condition_is_tried_here() -> None:
    assert CASES.keys() | GIVEN == condition_forms.FORMS.keys()


@pytest.mark.parametrize("name", CASES)
def test_a_condition_holds_of_what_it_names_and_of_nothing_else(name: str) -> None:
    yes, no = CASES[name]
    assert fits(f"{{{name}: {yes}}}")
    assert not fits(f"{{{name}: {no}}}")
    assert fits(f"{{not: {{{name}: {no}}}}}")


@pytest.mark.parametrize("name", sorted(CASES.keys() - ALWAYS_KNOWN))
def test_what_nobody_knows_is_neither_so_nor_otherwise(name: str) -> None:
    for value in CASES[name]:
        assert not fits(f"{{{name}: {value}}}", UNKNOWN)
        assert not fits(f"{{not: {{{name}: {value}}}}}", UNKNOWN)


def test_all_any_and_not_go_into_each_other() -> None:
    assert fits("{all: [{kind: person}, {any: [{spf: fail}, {not: {spf: fail}}]}], unless: x}")
    assert not fits("{any: [{kind: bounce}, {all: [{kind: person}, {spf: fail}]}]}")


def test_case_is_folded_as_unicode_folds_it() -> None:
    mail = replace(MAIL, message=Message(subject="STRASSE und ΣΊΣΥΦΟΣ"))
    assert fits("{words: [straße]}", mail)
    assert fits("{words: [σίσυφος]}", mail)


def test_what_was_quoted_or_is_no_text_reaches_no_rule() -> None:
    hidden = Message(
        text="Hello\n> invoice",
        html="<p style='display:none'>invoice</p>",
        reply=Reply(visible="Hello", quoted="> invoice", signature="invoice"),
    )
    assert not fits("{words: [invoice]}", replace(MAIL, message=hidden))


def test_the_history_is_asked_only_where_a_rule_wants_it_and_then_once() -> None:
    asked = []

    def history() -> History:
        asked.append(1)
        return History()

    mail = replace(MAIL, ask_history=history)
    fits("{words: falsch}", mail)
    assert asked == []
    fits("{any: [{mails_before: 1..}, {waiting_days: 1..}, {customer_tag: vip}]}", mail)
    assert asked == [1]


# --- order, actions, macros


def test_the_first_to_set_a_thing_has_the_word_and_tags_add_up() -> None:
    found = load("""
version: "2026-11"
rules:
- {name: a, category: first, tags: [x], notify: oncall, assign: Ann@Desk.Example}
- {name: b, category: second, priority: low, tags: [y, x], disposition: quarantine, when: {category: first}}
- {name: c, priority: high, tags: z, reply: none, when: {tag: y}}
""").apply(MAIL)
    assert (found.category, found.priority, found.rule) == ("first", Priority.LOW, "a")
    assert (found.tags, found.notify, found.assign) == (("x", "y", "z"), ("oncall",), "Ann@desk.example")
    assert (found.reply, found.disposition, found.rules) == ("none", Handling.QUARANTINE, ("a", "b", "c"))


def test_stop_ends_the_reading() -> None:
    found = load("rules: [{name: a, tags: x, stop: yes, when: {kind: person}}, {name: b, tags: y}]").apply(MAIL)
    assert (found.tags, found.rules) == (("x",), ("a",))


def test_the_version_is_the_files_name_and_a_hash_of_its_text() -> None:
    text = "version: winter\nrules: []"
    assert load(text).version.startswith("winter ")
    assert load(text).version == load(text).version != load(text + "\n").version


def test_macros_are_word_lists_and_conditions_and_may_use_those_above() -> None:
    rules = load("""
macros:
  money: [falsch, $outage]
  vips: {customer_tag: vip}
  pressing: {all: [{words: $money}], any: [$vips]}
rules:
- {name: a, category: found, when: $pressing}
- {name: b, tags: x, when: {any: [$vips, {kind: list}]}}
""")
    assert (rules.apply(MAIL).category, rules.apply(MAIL).tags) == ("found", ("x",))


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize("language", range(len(LANGUAGES)), ids=LANGUAGES)
def test_what_presses_is_heard_in_every_language(name: str, language: int) -> None:
    assert len(BY_LANGUAGE[name]) == len(LANGUAGES)
    said = BY_LANGUAGE[name][language]
    assert len(said) >= 4
    for each in said:
        mail = Facts(message=Message(subject=each.replace("*", "")), kind=Kind.PERSON)
        assert fits(f"{{words: ${name}}}", mail), each


# --- urgency, due dates


def test_points_add_up_and_each_reason_is_named() -> None:
    rules = load("""
urgency:
  levels: {urgent: 50}
  reasons:
  - {name: wrong, points: 30, when: {words: falsch}}
  - {name: waiting, points: 20, when: {waiting_days: 5..}}
  - {name: bulk, points: -40, when: {kind: bulk}}
rules: [{name: a, category: x}]
""")
    found = rules.apply(MAIL)
    assert (found.priority, found.signals) == (Priority.URGENT, ("urgency:wrong+30", "urgency:waiting+20"))
    assert rules.apply(UNKNOWN).priority is Priority.HIGH
    assert rules.apply(replace(UNKNOWN, message=Message(), kind=Kind.BULK)).priority is Priority.LOW


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-11-25T07:30:00+00:00", "2026-11-25T12:00:00.000Z"),  # before opening: four hours from nine in Berlin
        ("2026-11-27T15:30:00+00:00", "2026-11-30T11:00:00.000Z"),  # Friday afternoon: an hour then, three on Monday
        ("2026-11-23T15:30:00+00:00", "2026-11-25T11:00:00.000Z"),  # over the holiday
        ("2026-10-23T14:30:00+00:00", "2026-10-26T11:00:00.000Z"),  # over the end of summer time
    ],
)
def test_an_answer_is_due_after_so_much_working_time(received: str, due: str) -> None:
    rules = load(f"{HOURS}targets: {{high: 4h}}\nrules: [{{name: a, priority: high}}]")
    assert rules.apply(replace(MAIL, received_at=datetime.fromisoformat(received))).due_at == due


def test_a_desk_that_never_opens_owes_no_answer() -> None:
    rules = load("hours: {open: {mon: '09:00-10:00'}}\ntargets: {high: 1000h}\nrules: [{name: a, priority: high}]")
    assert rules.apply(MAIL).due_at == ""


@pytest.mark.parametrize("kind", Kind)
def test_only_what_somebody_waits_behind_has_an_answer_that_is_due(kind: Kind) -> None:
    rules = load("targets: {high: 4h}\nrules: [{name: a, priority: high}]")
    assert bool(rules.apply(replace(MAIL, kind=kind)).due_at) is WANTS_AN_ANSWER[kind]


def test_nobody_answers_an_out_of_office_and_everybody_a_person() -> None:
    assert not WANTS_AN_ANSWER[Kind.OUT_OF_OFFICE]
    assert WANTS_AN_ANSWER[Kind.PERSON]
    assert set(WANTS_AN_ANSWER) == set(Kind)


# --- history


def conversation(id_: str, state: State, **changes: object) -> Conversation:
    usual = Conversation(
        id=ConversationId(id_), customer="ann@example.com", participants=(), subject="", mails=2, state=state,
        created_at="2026-11-10T08:00:00.000Z", updated_at="2026-11-20T08:00:00.000Z",
    )  # fmt: skip
    return replace(usual, **changes)  # type: ignore[arg-type] # whatever a test changes


def test_the_history_counts_what_came_before_and_not_the_mail_itself() -> None:
    at = "2026-11-24T08:00:00.000Z"
    past = [
        conversation("a", State.OPEN, tags=("vip",), recent=("mail-1", "mail-9")),
        conversation("b", State.NEW, tags=("press",)),
        conversation("c", State.CLOSED, updated_at="2026-11-23T09:00:00.000Z"),
        conversation("d", State.CLOSED, merged_into=ConversationId("a")),
        conversation("e", State.NEW, mails=1, recent=("mail-9",)),  # what this very mail opened at an earlier try
    ]
    assert history_of(past, "mail-9", at) == History(
        mails=5, days_since_last=0, open_conversations=2, waiting_days=14, tags=frozenset({"vip", "press"})
    )
    assert history_of([], "mail-9", at) == History()


# --- faults

RULE = "rules: [{name: a, category: x, when: %s}]"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (RULE % "{kind: person, not: {kind: person}}", "nothing is left of what `kind` may be"),
        (RULE % "{all: [{size: 5 MB..}, {size: ..1 MB}]}", "no number is in every range of `size`"),
        (RULE % "{all: [{holiday: yes}, {holiday: no}]}", "can't be yes and no at once"),
        (RULE % "{any: [{all: [{spf: pass}, {spf: fail}]}]}", "nothing is left of what `spf` may be"),
        (RULE % "{size: 5..3}", "holds for nothing"),
        (RULE % "{size: big}", "must be a range such as 5 MB.."),
        (RULE % "{mails_before: '..'}", "must be a range such as 3"),
        (RULE % "{category: billing}", "no rule before this one gives it"),
        (RULE % "{from: ann}", "must be an address, a domain"),
        (RULE % "{from: '*a*b*c*d*e*f.example'}", "5 asterisks"),
        (RULE % "{header: {name: x-shoe-size, present: yes}}", "no field that is kept of a mail"),
        (RULE % "{header: {name: x-priorty, present: yes}}", "Did you mean x-priority?"),
        (RULE % "{header: {name: x-priority}}", "needs `name`, and"),
        (RULE % "{weekday: mondya}", "Did you mean monday?"),
        (RULE % "{time: 9-17}", "must be times such as 09:00-17:30"),
        (RULE % "{time: '25:00-26:00'}", "must be times such as"),
        (RULE % "$vips", "there is none"),
        (RULE % "{words: $outrage}", "Did you mean $outage?"),
        (RULE % "{}", "it is empty"),
        (RULE % "{wrods: [a]}", "Did you mean words?"),
        (RULE % "{not: {not: {not: {not: {not: {not: {kind: list}}}}}}}", "6 deep in each other at most"),
        (RULE % ("{any: [" + ", ".join(["{kind: list}"] * 501) + "]}"), "501 entries"),
        (RULE % ("{any: [" + ", ".join([f"{{any: [{', '.join(['{kind: list}'] * 101)}]}}"] * 5) + "]}"), "505 things"),
        ("macros: {a: [x]}\nrules: []", "the macro `a` is used by nothing"),
        ("macros: {a: $b, b: {kind: list}}\n" + RULE % "$a", "is no macro above this line"),
        ("rules: [{name: a}]", "it does nothing"),
        ("rules: [{name: a, stop: yes}, {name: b, tags: x}]", "it is never reached: the rule 'a' in line 1"),
        ("rules: [{name: a, category: x, disposition: drop}]", "nothing is thrown away here"),
        ("rules: [{name: a, disposition: refuse, reply: welcome}]", "is never answered"),
        ("rules: [{name: a, disposition: refuse, assign: a@b.example}]", "in no conversation"),
        ("rules: [{name: a, assign: ann}]", "an agent's address"),
        ("hours: {zone: Europe/Berln}\nrules: []", "Did you mean Europe/Berlin?"),
        ("hours: {zone: ../../etc/passwd}\nrules: []", "no time zone"),
        ("hours: {open: {mon-tue: '09:00-12:00', tue: '09:00-12:00'}}\nrules: []", "has tuesday twice"),
        ("hours: {open: {mon: ['09:00-12:00', '11:00-13:00']}}\nrules: []", "must not overlap"),
        ("hours: {holidays: [2026-02-30]}\nrules: []", "must be a day such as"),
        ("targets: {high: soon}\nrules: []", "working time such as 4h"),
        ("targets: {hgih: 4h}\nrules: []", "Did you mean high?"),
        ("urgency: {levels: {urgent: 5}}\nrules: []", "`levels` must fall"),
        ("urgency: {reasons: [{name: a, points: many, when: {kind: list}}]}\nrules: []", "a whole number"),
        ("x" * 300_000, "are the most"),
    ],
)
def test_a_fault_says_what_is_wrong_and_what_to_write(text: str, told: str) -> None:
    assert any(told in fault for fault in faults(text)), faults(text)


def test_a_fault_stands_where_an_editor_finds_it() -> None:
    (fault,) = faults("rules:\n  - name: a\n    category: x\n    when: {kind: person, spf: passed}\n")
    assert fault.startswith("rules.yaml:4:31: rule 'a': `spf: passed`")


def test_one_thing_said_a_million_times_is_read_in_bounds() -> None:
    deep = "&a {any: [{kind: list}, {kind: bulk}, {kind: person}, {kind: bounce}]}"
    for name in "bcd":
        deep = f"&{name} {{any: [{deep}, {', '.join([f'*{chr(ord(name) - 1)}'] * 400)}]}}"
    assert any("more than 5000 conditions" in fault for fault in faults(RULE % deep))


# --- the documentation


@pytest.mark.parametrize("name", condition_forms.FORMS)
def test_the_example_of_a_condition_is_right(name: str) -> None:
    before = "{name: before, category: billing, tags: vip, when: {kind: person}}, "
    load(f"{HOURS}rules: [{before}{{name: a, reply: none, when: {{{name}: {condition_forms.FORMS[name].example}}}}}]")


@pytest.mark.parametrize("name", action_forms.FORMS)
def test_the_example_of_an_action_is_right(name: str) -> None:
    load(f"rules: [{{name: a, {name}: {action_forms.FORMS[name].example}}}]")


def test_the_documentation_shows_every_condition_and_action_as_it_is() -> None:
    lines = DOCS.read_text(encoding="utf-8").splitlines()
    for name, form in condition_forms.FORMS.items():
        assert row(name, form.takes, form.holds, form.example) in lines
    for name, action in action_forms.FORMS.items():
        assert row(name, action.takes, action.does, action.example) in lines


def row(name: str, *cells: str) -> str:
    takes, means, example = (cell.replace("|", "\\|") for cell in cells)
    return f"| `{name}` | {takes} | {means} | `{name}: {example}` |"


def test_the_file_of_the_documentation_is_right_and_decides() -> None:
    text = DOCS.read_text(encoding="utf-8").partition("```yaml\n")[2].partition("```")[0]
    found = load(text).apply(MAIL)
    assert (found.category, found.priority, found.tags) == ("general", Priority.HIGH, ("vip",))
    assert "urgency:important_customer+30" in found.signals
