"""postroom env: what a function of `sam local invoke` needs to find the local stack, as its --env-vars wants it."""

import argparse
import json
import re

import boto3

from cli import running
from local.stack import running as local_stack
from local.stack.errors import NotRunning
from local.stack.template import CALLER

_FUNCTION = re.compile(r"[A-Z][a-z]+Function")
_LOOPBACK = re.compile(r"(?<=://)(?:127\.0\.0\.1|localhost)(?=:\d)")


def env(args: argparse.Namespace) -> int:
    try:
        up = local_stack.Running.read(args.state)
    except NotRunning as error:
        raise running.NoStack(str(error)) from None
    reachable = {name: _LOOPBACK.sub(args.host, value) for name, value in variables(up).items()}
    print(json.dumps({"Parameters": reachable}, indent=1))
    return 0


def variables(up: local_stack.Running) -> dict[str, str]:
    """The variables of all functions as they are deployed, but for the name that each bears in its calls."""
    client = boto3.client("lambda", **running.of_local(up).session)
    found: dict[str, str] = {}
    for logical_id, name in up.resources.items():
        if _FUNCTION.fullmatch(logical_id):
            found |= client.get_function_configuration(FunctionName=name).get("Environment", {}).get("Variables", {})
    found.pop(CALLER, None)
    return {**found, "AWS_ENDPOINT_URL": up.faults_url or up.aws_url}
