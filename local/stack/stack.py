"""One stack, from nothing to ready and back: the children, the packages, the deployment, SES's resources."""

import fcntl
import json
import os
import shutil
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from local.stack import clients, deploy, functions, parameters, ports, ses_resources, template, tree
from local.stack.errors import AlreadyRunning, ChildFailed, DeployFailed, NotInstalled, StackError
from local.stack.packages import Builder, Package
from local.stack.ports import HOST, Port
from local.stack.processes import Child, Family, Program
from local.stack.running import Running
from local.stack.template import CALLER, Endpoints, Local

EMULATOR = Path(__file__).with_name("emulator.py")
MODEL_KEY = "models/local.model"
START_LIMIT = 30.0  # seconds, for each child and for the triggers
PASSING = ("tmp", "layers")  # what goes at the end
FRESH = ("ministack", "ses", "logs", *PASSING)  # what a start empties in the state folder
DEMO_DESK: Mapping[str, str] = {
    "DeskAddress": "support@desk.example",
    "FromName": "Example Desk",
    "Recipients": "desk.example",
}


def _silent(_: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a stack is wanted. `parameters` are the template's; `workers` caps the processes of each function.

    `model` is a desk's model of categories, as `postroom train` writes it: the desk asks it from its first mail on.
    `encrypted`: SES encrypts mail under a KMS key that is made for it (the parameter KmsKeyArn). `ses_options` are
    more options of `python -m local.ses`.
    `faults`: the calls of the functions and of SES go through a proxy that can let them fail.
    `retry_seconds`: when what failed is tried again, where that is sooner than the template says; 0 is as on AWS.
    """

    root: Path
    state: Path
    smtp: Port = field(default_factory=lambda: Port(number=2525, option="--smtp-port"))
    aws: Port = field(default_factory=lambda: ports.free("--aws-port"))
    ses: Port = field(default_factory=lambda: ports.free("--ses-port"))
    name: str = "postroom"
    parameters: Mapping[str, str] = field(default_factory=lambda: dict(DEMO_DESK))
    workers: int = 2
    warm: bool = True
    encrypted: bool = False
    model: bytes = b""
    ses_options: tuple[str, ...] = ()
    faults: bool = True
    retry_seconds: int = 0
    tell: Callable[[str], None] = _silent

    @property
    def python(self) -> Path:
        """The interpreter of MiniStack and of its workers; NotInstalled where there is none."""
        python = self.root / ".venvs" / "stack" / "bin" / "python"
        if not python.exists() or not python.with_name("ministack").exists():
            raise NotInstalled(f"MiniStack is not installed in {python.parent.parent}: run `make setup`")
        return python

    def folder(self, name: str) -> Path:
        return self.state / name


@contextmanager
def running(plan: Plan) -> Iterator[tuple[Running, Family]]:
    """A stack that is up for as long as the block; everything is ended after it, whatever happened.

    Raises StackError: PortTaken, NotInstalled, AlreadyRunning, ChildFailed, BuildFailed, TemplateFault, BadParameter,
    DeployFailed.
    """
    with _alone(plan.state), Family() as family:
        _empty(plan)
        try:
            up = _started(plan, family)
            up.write(plan.state)
            yield up, family
        finally:
            Running.forget(plan.state)
            family.stop()
            for name in PASSING:
                shutil.rmtree(plan.folder(name), ignore_errors=True)


def _started(plan: Plan, family: Family) -> Running:
    """A child that has died is the reason of all that went wrong after it."""
    try:
        return _start(plan, family)
    except (StackError, OSError, ClientError, BotoCoreError) as error:
        if dead := family.dead():
            raise ChildFailed(dead.obituary()) from error
        if isinstance(error, StackError):
            raise
        raise DeployFailed(f"the stack could not be started: {error}") from error


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    """One stack in one folder. The lock goes with the process, so a killed one leaves none behind."""
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (state / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            elsewhere = "`make run STATE=.postroom/other` (or --state)"
            raise AlreadyRunning(
                f"a stack is running in {state}: stop it, or choose another folder: {elsewhere}"
            ) from error
        yield


def _empty(plan: Plan) -> None:
    Running.forget(plan.state)
    for name in FRESH:
        shutil.rmtree(plan.folder(name), ignore_errors=True)
        plan.folder(name).mkdir()


def _start(plan: Plan, family: Family) -> Running:
    python, smtp = plan.python, plan.smtp.check()
    raw = tree.load((plan.root / "template.yaml").read_text(encoding="utf-8"))
    parameters.check(raw, plan.parameters)
    aws, ses_port = f"http://{HOST}:{(aws_port := plan.aws.claim())}", plan.ses.claim()
    ses = f"http://{HOST}:{ses_port}"
    faults = f"http://{HOST}:{ports.free().claim()}" if plan.faults else ""
    ministack = family.start(ministack_program(plan, python, aws_port))
    played = family.start(ses_program(plan, faults or aws, smtp, ses_port))
    between = family.start(faults_program(plan, faults, aws, ses)) if faults else None
    built = build(plan, python, raw)  # while they come up
    ministack.wait_ready(lambda: answers(f"{aws}/_ministack/health"), START_LIMIT)
    spoken = _wait_spoken(played)
    smtp = spoken["smtp"]
    if between:
        _wait_spoken(between)
    packages = deploy.upload(aws, built, plan.folder("layers"))
    endpoints = Endpoints(aws=faults or aws, ses=faults or ses)
    local = template.localise(raw, stack=plan.name, local=_local(plan, endpoints, packages))
    plan.tell("deploying template.yaml")
    given = {
        **plan.parameters,
        **({"KmsKeyArn": deploy.make_key(aws)} if plan.encrypted else {}),
        **({"CategoryModel": MODEL_KEY} if plan.model else {}),
    }
    made = deploy.deploy(aws, plan.name, local.template, given)
    if plan.model:  # before any function starts: it is read once
        deploy.put_model(aws, made.outputs["MailBucketName"], MODEL_KEY, plan.model)
    deploy.make_ses(ses, ses_resources.fill(local.ses, made.answers))
    functions.wait_enabled(aws, START_LIMIT)
    played.wait_ready(lambda: ports.greets(smtp, b"220"), START_LIMIT)
    if plan.warm:
        plan.tell("warming the functions up")
        functions.warm(aws)
    return Running(
        pid=os.getpid(), root=str(plan.root), state=str(plan.state), region=clients.REGION, account=clients.ACCOUNT,
        stack=plan.name, aws_url=aws, ses_url=ses, smtp_port=smtp, submission_port=spoken["submission"],
        faults_url=faults, parameters=given, outputs=made.outputs, resources=made.resources,
    )  # fmt: skip


def _local(plan: Plan, endpoints: Endpoints, packages: Mapping[str, str]) -> Local:
    return Local(
        endpoints=endpoints, packages=packages, concurrency=plan.workers, retry_seconds=plan.retry_seconds
    )  # fmt: skip


def build(plan: Plan, python: Path, raw: tree.Template) -> list[Package]:
    """Every folder that the template deploys, packed; what is unchanged since the last time is there already."""
    builder = Builder(root=plan.root, into=plan.root / ".postroom" / "build", python=python)
    wanted = list(template.code(raw))
    if new := [code.folder for code in wanted if not builder.target(code).exists()]:
        plan.tell(f"building {', '.join(new)}")
    return [builder.build(code) for code in wanted]


def ministack_program(plan: Plan, python: Path, port: int) -> Program:
    """Everything it writes goes into the state folder; bodies of objects go to disk instead of its memory."""
    home = plan.folder("ministack")
    ours = {
        "BIND_HOST": HOST,
        # Every function runs under its own role, as on AWS: what a role doesn't allow fails here too.
        "AUTH": "true",
        "MINISTACK_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": clients.REGION,
        "MINISTACK_ACCOUNT_ID": clients.ACCOUNT,
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(home / "s3"),
        "STATE_DIR": str(home / "state"),
        "TMPDIR": str(plan.folder("tmp")),
        # Each of the two would listen on a port of its own.
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        "LAMBDA_WARM_TTL_SECONDS": "60",
        "POWERTOOLS_TRACE_DISABLED": "true",
        # It looks for Docker at start; it must find none to clean up in.
        "DOCKER_HOST": f"unix://{home / 'no-docker.sock'}",
    }
    return Program(
        name="MiniStack", command=[str(python), str(EMULATOR)], environment=clients.environment(ours),
        log=plan.folder("logs") / "ministack.log", folder=home,
    )  # fmt: skip


def ses_program(plan: Plan, aws: str, smtp: int, http: int) -> Program:
    options = {
        "--smtp-port": str(smtp),
        "--http-port": str(http),
        "--aws-endpoint": aws,
        "--state": str(plan.folder("ses")),
        "--region": clients.REGION,
        "--account": clients.ACCOUNT,
        "--submission-port": "0",
    }
    words = (word for pair in options.items() for word in pair)
    return Program(
        name="SES", command=[sys.executable, "-m", "local.ses", *words, *plan.ses_options],
        environment=clients.environment({"TMPDIR": str(plan.folder("tmp")), CALLER: "ses"}),
        log=plan.folder("logs") / "ses.log", folder=plan.root,
    )  # fmt: skip


def faults_program(plan: Plan, faults: str, aws: str, ses: str) -> Program:
    """The proxy between the functions and SES on one side, and MiniStack and SES's API on the other."""
    command = [
        sys.executable,
        "-m",
        "local.faults",
        "--upstream",
        aws,
        "--ses",
        ses,
        "--port",
        faults.rpartition(":")[2],
    ]
    return Program(
        name="the proxy", command=command, environment=clients.environment({}),
        log=plan.folder("logs") / "faults.log", folder=plan.root,
    )  # fmt: skip


def _wait_spoken(child: Child) -> Mapping[str, int]:
    """The line in which a child of ours says that it is ready, and where."""
    spoken: dict[str, int] = {}

    def ready() -> bool:
        for line in child.program.log.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith('{"ready"'):
                spoken.update(json.loads(line))
        return bool(spoken)

    child.wait_ready(ready, START_LIMIT)
    return spoken


def answers(url: str) -> bool:
    """Whether a GET of the URL is answered with success."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def watch(family: Family, stopped: Callable[[], bool]) -> None:
    """Returns when `stopped()`; ChildFailed as soon as a child has ended by itself."""
    while not stopped():
        if dead := family.dead():
            raise ChildFailed(dead.obituary())
        time.sleep(0.2)
