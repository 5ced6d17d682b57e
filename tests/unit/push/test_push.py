"""push on two accounts: one in memory, and SES as we play it. Whatever holds for one holds for the other."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from local.ses.assembly import Settings
from postroom.aws.ses_templates import SesTemplates
from postroom.errors import Misconfigured, Retryable
from postroom.replies.templates.changes import Kept
from postroom.replies.templates.ses import SesTemplate
from postroom.stages.custom_resource import Answer, Request, Status, read
from postroom.stages.push import Push, own_id
from tests.unit.local_ses.conftest import serving
from tests.unit.local_ses.memory_cloud import MemoryCloud

EVENTS = Path(__file__).parents[3] / "events" / "push"


def request_for(name: str) -> Request:
    return read(json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8")))


CREATE, UPDATE, DELETE = request_for("create"), request_for("update"), request_for("delete")


@dataclass
class MemoryTemplates:
    """Fails for the names in `broken`, as SES does with a template that it can't read."""

    prefix: str = "postroom__"
    held: dict[str, SesTemplate] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()
    calls: list[str] = field(default_factory=list)

    def names(self) -> list[str]:
        return sorted(name for name in self.held if name.startswith(self.prefix))

    def all(self) -> Iterator[SesTemplate]:
        yield from (self.held[name] for name in self.names())

    def create(self, template: SesTemplate) -> None:
        self._put("create", template)

    def update(self, template: SesTemplate) -> None:
        self._put("update", template)

    def delete(self, name: str) -> None:
        self._called("delete", name)
        self.held.pop(name, None)

    def _put(self, verb: str, template: SesTemplate) -> None:
        self._called(verb, template.name)
        self.held[template.name] = template

    def _called(self, verb: str, name: str) -> None:
        self.calls.append(f"{verb} {name}")
        if name in self.broken:
            raise Retryable(f"{name}: TooManyRequestsException")


@pytest.fixture(params=["memory", "ses"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    if request.param == "memory":
        yield MemoryTemplates()
        return
    with serving(Settings(state=tmp_path / "ses", keep=5), MemoryCloud()) as up:
        yield SesTemplates(client=up.v2, prefix="postroom__")


def made(*names: str, subject: str = "s") -> list[SesTemplate]:
    return [SesTemplate(name=f"postroom__{name}__en", subject=subject, text="t", html="h") for name in names]


def pushed(kept: Kept, request: Request, ours: list[SesTemplate], *, seconds: float = 900) -> Answer:
    push = Push(kept=kept, pause=lambda pause: None, time_left=lambda: seconds, longest=80)
    return push.carry_out(request, lambda: ours)


def test_the_sample_events_are_of_one_stack() -> None:
    assert CREATE.physical_id is None
    assert UPDATE.physical_id == DELETE.physical_id == own_id(CREATE) == "postroom__"


def test_a_deployment_makes_ses_have_what_it_has(kept: Kept) -> None:
    answer = pushed(kept, CREATE, made("one", "two"))
    assert answer.status is Status.SUCCESS
    assert answer.physical_id == "postroom__"
    assert answer.data == {"Told": "2 templates are in SES"}
    assert list(kept.all()) == made("one", "two")


def test_an_update_changes_what_is_another_and_deletes_what_is_gone(kept: Kept) -> None:
    pushed(kept, CREATE, made("one", "three", "two"))
    pushed(kept, UPDATE, [*made("one", subject="new"), *made("two")])
    assert list(kept.all()) == [*made("one", subject="new"), *made("two")]


def test_the_same_request_twice_changes_nothing() -> None:
    kept = MemoryTemplates()
    answers = [pushed(kept, CREATE, made("one", "two")) for _ in range(2)]
    assert answers[0] == answers[1]
    assert kept.calls == ["create postroom__one__en", "create postroom__two__en"]


def test_a_template_that_is_there_already_is_created_all_the_same(kept: Kept) -> None:
    """The answer to a first try may have been lost, and botocore tries again."""
    (template,) = made("one")
    kept.create(template)
    kept.create(replace(template, subject="new"))
    assert [each.subject for each in kept.all()] == ["new"]


def test_a_template_that_is_gone_already_is_deleted_all_the_same(kept: Kept) -> None:
    kept.delete("postroom__one__en")
    assert list(kept.names()) == []


def test_a_delete_takes_this_stacks_templates_alone(tmp_path: Path) -> None:
    with serving(Settings(state=tmp_path / "ses", keep=5), MemoryCloud()) as up:
        for name in ("postroom-two__one__en", "other"):
            up.v2.create_email_template(TemplateName=name, TemplateContent={"Subject": "s", "Text": "t"})
        kept = SesTemplates(client=up.v2, prefix="postroom__")
        pushed(kept, CREATE, made("one"))
        answer = pushed(kept, DELETE, [])
        left = {each["TemplateName"] for each in up.v2.list_email_templates()["TemplatesMetadata"]}
    assert (answer.status, answer.physical_id) == (Status.SUCCESS, "postroom__")
    assert left == {"postroom-two__one__en", "other"}


def test_deleting_twice_changes_nothing(kept: Kept) -> None:
    pushed(kept, CREATE, made("one"))
    assert pushed(kept, DELETE, []) == pushed(kept, DELETE, [])
    assert list(kept.names()) == []


def test_a_delete_reads_no_template_of_the_deployment() -> None:
    """A deployment whose templates can't be read can be taken away."""

    def unreadable() -> list[SesTemplate]:
        raise Misconfigured(["one/en/body.txt:1: unknown variable 'topic'"])

    push = Push(kept=MemoryTemplates(), pause=lambda pause: None, time_left=lambda: 900, longest=80)
    assert push.carry_out(DELETE, unreadable).status is Status.SUCCESS
    with pytest.raises(Misconfigured, match="topic"):
        push.carry_out(UPDATE, unreadable)


@pytest.mark.parametrize("request_", [CREATE, UPDATE, DELETE])
def test_one_that_fails_is_told_and_leaves_the_others_and_the_deployment(request_: Request) -> None:
    kept = MemoryTemplates(broken=frozenset({"postroom__one__en"}))
    kept.held = {each.name: each for each in made("one", "old")}
    answer = pushed(kept, request_, made("one", "two", subject="new"))
    assert answer.status is Status.SUCCESS
    assert answer.reason == "postroom__one__en: Retryable: postroom__one__en: TooManyRequestsException"
    assert answer.data["Told"].startswith("not done, see the log of push: postroom__one__en")
    assert kept.names() == ["postroom__one__en", *(["postroom__two__en"] if request_ is not DELETE else [])]


@pytest.mark.parametrize("request_", [CREATE, DELETE])
def test_a_role_that_is_a_moment_old_is_given_that_moment(request_: Request) -> None:
    """IAM doesn't know a new role everywhere at once, and CloudFormation asks for a push but once."""
    pauses: list[float] = []

    class New(MemoryTemplates):
        def names(self) -> list[str]:
            if len(pauses) < 2:
                raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "ListEmailTemplates")
            return super().names()

    kept = New(held={each.name: each for each in made("old")})
    push = Push(kept=kept, pause=pauses.append, time_left=lambda: 900, longest=80)
    assert push.carry_out(request_, lambda: made("one")).reason == ""
    assert pauses == [5, 10]
    assert kept.names() == ([] if request_ is DELETE else ["postroom__one__en"])


@pytest.mark.parametrize("request_", [CREATE, DELETE])
def test_ses_that_can_not_be_asked_is_told_and_nothing_is_tried(request_: Request) -> None:
    class Refusing(MemoryTemplates):
        def names(self) -> list[str]:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "ListEmailTemplates")

    kept = Refusing()
    answer = pushed(kept, request_, made("one"))
    assert answer.status is Status.SUCCESS
    assert "AccessDeniedException" in answer.reason
    assert kept.calls == []


def test_no_call_is_begun_for_which_there_may_be_no_time() -> None:
    kept = MemoryTemplates()
    answer = pushed(kept, CREATE, made("one", "two"), seconds=79)
    assert kept.calls == []
    assert "there was no time left" in answer.reason


def test_what_there_is_no_time_for_any_more_is_told_by_name() -> None:
    kept = MemoryTemplates()
    push = Push(kept=kept, pause=lambda pause: None, time_left=lambda: 190 - 60 * (1 + len(kept.calls)), longest=80)
    answer = push.carry_out(CREATE, lambda: made("one", "two", "zero"))
    assert kept.names() == ["postroom__one__en"]
    assert answer.reason == "postroom__two__en: there was no time left; postroom__zero__en: there was no time left"


def test_what_ses_has_is_looked_at_in_the_time_that_there_is() -> None:
    kept = MemoryTemplates(held={each.name: each for each in made("one", "two")})
    answer = pushed(kept, UPDATE, made("one", "two", subject="new"), seconds=79)
    assert "no time left to look at" in answer.reason
    assert kept.calls == []


def test_whatever_is_told_fits_into_an_answer_of_cloudformation() -> None:
    many = made(*(f"t\N{ENVELOPE}{number}" for number in range(400)))
    kept = MemoryTemplates(broken=frozenset(each.name for each in many))
    answer = pushed(kept, CREATE, many)
    assert len(answer.body(CREATE)) <= 4096


def test_an_unknown_request_is_refused_by_name() -> None:
    with pytest.raises(Misconfigured, match="'Rename'"):
        pushed(MemoryTemplates(), replace(CREATE, type="Rename"), [])
