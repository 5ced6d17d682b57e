"""The rules file that the classify function was deployed with: out of the code that Lambda has, not of a checkout."""

import io
import zipfile
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import boto3

from cli.running import Running
from postroom.ports import NotFound

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

_FUNCTION = "ClassifyFunction"  # its logical id
_FILE = "rules.yaml"
_LARGEST = 250 << 20  # bytes: Lambda takes no larger code (Lambda quotas)
_LONGEST = 1 << 20  # bytes of the file
_SECONDS = 30


def rules(stack: Running) -> bytes:
    """The file's bytes; NotFound where the function's code can't be had, or holds none."""
    client: LambdaClient = boto3.client("lambda", **stack.session)
    function = stack.physical_id(_FUNCTION)
    location = client.get_function(FunctionName=function).get("Code", {}).get("Location", "")
    try:
        with zipfile.ZipFile(io.BytesIO(_fetched(location, local=bool(stack.session)))) as code:
            name = next((each for each in code.namelist() if each.rpartition("/")[2] == _FILE), "")
            with code.open(name) as file:
                return file.read(_LONGEST)
    except (URLError, OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise NotFound(f"the rules file in the code of {function} can't be read ({error})") from error


def _fetched(url: str, *, local: bool) -> bytes:
    """A signed link of Lambda's, good for ten minutes (GetFunction). A proxy of the user's doesn't know 127.0.0.1."""
    opener = build_opener(ProxyHandler({})) if local else build_opener()
    with closing(opener.open(url, timeout=_SECONDS)) as response:
        return bytes(response.read(_LARGEST))
