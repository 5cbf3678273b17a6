"""A PostgreSQL for the tests: a cluster in a folder of its own, on loopback, gone when the tests are over.

Found by its programs, as Debian and others install them. Where there is none, the tests that need it skip and say so.
The cluster sorts texts by the rules of English (ICU), where it can, so that an order that relies on bytes must say so.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

FOLDERS = sorted(
    Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: [int(path.parent.name), path], reverse=True
)
PROGRAMS = ("initdb", "pg_ctl", "postgres")
TRIES = 3


class NotHere(Exception):
    """There is no PostgreSQL on this machine that could be started; says why."""


def programs() -> Path:
    """The folder with the programs of the newest PostgreSQL."""
    on_path = shutil.which("initdb")
    for folder in (*FOLDERS, *([Path(on_path).parent] if on_path else [])):
        if all((folder / name).exists() for name in PROGRAMS):
            return folder
    raise NotHere("no PostgreSQL is installed: apt-get install postgresql")


def as_somebody(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root: then it runs as the user that its package made."""
    if os.geteuid() != 0:
        return command
    if shutil.which("runuser") is None:
        raise NotHere("PostgreSQL does not run as root, and runuser is absent")
    return ["runuser", "-u", "postgres", "--", *command]


def run(*command: object) -> None:
    done = subprocess.run(
        as_somebody(list(map(str, command))), cwd="/", capture_output=True, text=True, timeout=120, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stdout}{done.stderr}")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Postgres:
    """A running cluster: ``dsn`` for whoever connects, ``fresh`` for a schema of one's own."""

    def __init__(self, port: int) -> None:
        self.dsn = f"host=127.0.0.1 port={port} user=postgres dbname=postgres"
        self.url = f"127.0.0.1:{port}/postgres"
        self._numbers = count(1)

    def fresh(self) -> str:
        """A name for a schema of one's own."""
        return f"t{os.getpid()}_{next(self._numbers)}"


def initialize(bin: Path, data: Path) -> None:
    common = ("-D", data, "-A", "trust", "-U", "postgres", "-N", "-E", "UTF8", "--locale=C.UTF-8")
    try:
        run(bin / "initdb", *common, "--locale-provider=icu", "--icu-locale=en-US")
    except RuntimeError:
        run(bin / "initdb", *common)


def start(bin: Path, data: Path, folder: Path) -> int:
    for left in reversed(range(TRIES)):
        port = free_port()
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        try:
            run(bin / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start")
        except RuntimeError:
            if not left:
                raise
        else:
            return port
    raise AssertionError("not reached")


@contextmanager
def running() -> Iterator[Postgres]:
    """A cluster for as long as the block lasts."""
    bin = programs()
    folder = Path(tempfile.mkdtemp(prefix="receivables-pg-"))
    data = folder / "data"
    try:
        if os.geteuid() == 0:
            as_somebody([])
            shutil.chown(folder, "postgres")
        initialize(bin, data)
        port = start(bin, data, folder)
        try:
            yield Postgres(port)
        finally:
            run(bin / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
