"""What only a folder does: names that stay inside it, metadata beside the object."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.ses.cloud import CloudError
from local.ses.folder_cloud import FolderCloud


def _files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


@given(key=st.text(st.sampled_from("./~%\\\x00a\n: é\udc80"), min_size=1, max_size=12))
def test_no_key_leaves_the_bucket_and_no_two_keys_share_a_file(key: str) -> None:
    with TemporaryDirectory() as top:
        cloud = FolderCloud(Path(top) / "state")
        cloud.store("mail", key, b"this", {})
        (stored,) = _files(Path(top))
        assert stored.is_relative_to(Path(top) / "state" / "s3" / "mail")
        cloud.store("mail", key + "b", b"that", {})
        assert len(_files(Path(top))) == 2


def test_a_plain_key_is_the_path(tmp_path: Path) -> None:
    FolderCloud(tmp_path).store("mail", "raw/2026/x+y@example.com", b"", {})
    assert (tmp_path / "s3" / "mail" / "raw" / "2026" / "x+y@example.com").exists()


def test_metadata_is_beside_the_object(tmp_path: Path) -> None:
    FolderCloud(tmp_path).store("mail", "raw/1", b"x", {"x-amz-iv": "abc"})
    assert json.loads((tmp_path / "s3-metadata" / "mail" / "raw" / "1").read_bytes()) == {"x-amz-iv": "abc"}


@pytest.mark.parametrize("bucket", ["..", "a/b", "", "/etc", "A", "x" * 64, "mail\n"])
def test_what_is_no_name_of_a_bucket_is_refused(tmp_path: Path, bucket: str) -> None:
    with pytest.raises(CloudError, match="no name of a bucket"):
        FolderCloud(tmp_path).store(bucket, "raw/1", b"", {})
    assert not _files(tmp_path)


@pytest.mark.parametrize("topic", ["inbound", "arn:aws:sns:us-east-1:000000000000:../../x", "arn:aws:sns:x:0:no", ""])
def test_what_is_no_arn_of_a_topic_is_refused(tmp_path: Path, topic: str) -> None:
    with pytest.raises(CloudError, match="no ARN of a topic"):
        FolderCloud(tmp_path).publish(topic, "s", "m")
    assert not _files(tmp_path)


@pytest.mark.parametrize("bus", ["..", "a/b", "", ".", "x\n"])
def test_what_is_no_bus_is_refused(tmp_path: Path, bus: str) -> None:
    with pytest.raises(CloudError, match="is no bus"):
        FolderCloud(tmp_path).put_event(bus, "d", "r", "{}")
    assert not _files(tmp_path)


def test_a_key_where_an_object_is_already_a_folder_is_an_error(tmp_path: Path) -> None:
    cloud = FolderCloud(tmp_path)
    cloud.store("mail", "a/b", b"", {})
    with pytest.raises(CloudError, match="Could not write to bucket: mail"):
        cloud.store("mail", "a", b"", {})


def test_a_key_that_is_too_long_for_a_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CloudError, match="over 200 bytes"):
        FolderCloud(tmp_path).store("mail", "x" * 201, b"", {})


def test_what_needs_kms_or_lambda_says_how_to_have_it(tmp_path: Path) -> None:
    cloud = FolderCloud(tmp_path)
    with pytest.raises(CloudError, match="--aws-endpoint"):
        cloud.data_key("arn:aws:kms:us-east-1:000000000000:key/1", {})
    with pytest.raises(CloudError, match="--aws-endpoint"):
        cloud.invoke("arn:aws:lambda:us-east-1:000000000000:function:f", "{}")
