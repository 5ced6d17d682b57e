"""Ports on 127.0.0.1."""

import socket
from collections.abc import Iterator

import pytest

from local.stack import ports
from local.stack.errors import PortTaken
from local.stack.ports import HOST, Port


@pytest.fixture
def taken() -> Iterator[socket.socket]:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen(1)
        yield listener


def test_a_port_in_use_is_a_sentence_with_the_number_and_the_option(taken: socket.socket) -> None:
    number = taken.getsockname()[1]
    with pytest.raises(PortTaken) as caught:
        Port(number=number, option="--smtp-port or POSTROOM_SMTP_PORT").claim()
    assert str(caught.value) == (
        f"port {number} on 127.0.0.1 is in use by another program: "
        "choose another with --smtp-port or POSTROOM_SMTP_PORT"
    )


def test_zero_is_any_free_port() -> None:
    number = ports.free().claim()
    assert Port(number=number, option="-").claim() == number


def test_a_check_leaves_the_choice_of_a_free_port_to_the_program() -> None:
    assert ports.free().check() == 0


def test_a_check_of_a_port_in_use_complains(taken: socket.socket) -> None:
    with pytest.raises(PortTaken):
        Port(number=taken.getsockname()[1], option="-").check()


def test_nobody_greets_on_a_closed_port() -> None:
    assert not ports.greets(ports.free().claim(), b"220")
