"""Tries mutants: a process that has collected all tests forks for each, exchanges the code, and runs the tests of the line."""

import gc
import importlib.util
import json
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import _lru_cache_wrapper
from importlib.machinery import SourceFileLoader
from types import CodeType, FunctionType

import pytest
from mutate_mutants import LIBRARY, ROOT, Mutant, function_of, mutated, same_code
from mutate_tests import AT_IMPORT, Calm, Tests, import_all

MEMORY = 4 << 30


class Verdict(dict):
    """What became of a mutant: ``status``, ``by`` which test, ``seconds``."""


def sources(mutants: list[Mutant], workers: int) -> dict[str, str]:
    """The source of the file of each mutant."""
    numbers: dict[str, list[int]] = {}
    for mutant in mutants:
        numbers.setdefault(mutant.file, []).append(mutant.number)
    with multiprocessing.Pool(workers) as pool:
        made = dict(zip(numbers, pool.starmap(mutated, numbers.items()), strict=True))
    return {each.id: made[each.file][each.number] for each in mutants}


def nested(code: CodeType) -> list[CodeType]:
    """The functions within a function."""
    inner = [each for each in code.co_consts if isinstance(each, CodeType)]
    return inner + [deeper for each in inner for deeper in nested(each)]


class Attempt:
    """A mutant that is being tried, and what its process says."""

    def __init__(self, mutant: Mutant, nodes: list[str]) -> None:
        self.mutant, self.nodes, self.began = mutant, nodes, time.monotonic()
        self.said = tempfile.TemporaryFile()  # noqa: SIM115, lives as long as the attempt
        self.afresh, self.verdict = False, Verdict()


def failure(said: str) -> str:
    """Which test failed, as pytest says it."""
    return next((line[:160] for line in said.splitlines() if line.startswith(("FAILED", "ERROR"))), "the import fails")


class Forks(Calm):
    """Instead of the tests, runs the mutants."""

    def __init__(
        self, mutants: list[Mutant], tests: Tests, workers: int, say: Callable[[Mutant, Verdict], None]
    ) -> None:
        self.mutants, self.tests, self.workers, self.say = mutants, tests, workers, say
        self.failed: str | None = None
        self.why = ""
        self.verdicts: dict[str, Verdict] = {}
        self.sources = sources(mutants, workers)

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.failed, self.why = report.nodeid, str(report.longrepr)[-600:]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        self.items = {item.nodeid: item for item in session.items}
        self.config = session.config
        self.live, self.within = {}, {}
        gc.unfreeze()
        for each in gc.get_objects():
            if isinstance(each, FunctionType) and each.__code__.co_filename.startswith(str(LIBRARY)):
                key = each.__code__.co_filename, each.__code__.co_firstlineno
                where = self.within if "<locals>" in each.__code__.co_qualname else self.live
                where.setdefault(key, []).append(each)
        self.caches = [each for each in gc.get_objects() if isinstance(each, _lru_cache_wrapper)]
        gc.collect()
        gc.freeze()
        self._try(self.mutants)
        self._control()
        return True

    def _try(self, mutants: list[Mutant]) -> None:
        """Each mutant in a process of its own, several at a time."""
        self.running: dict[int, Attempt] = {}
        for mutant in mutants:
            while len(self.running) >= self.workers:
                self._reap()
            nodes = [n for n in self.tests.of(mutant.file, mutant.first, mutant.last) if n in self.items]
            self._fork(Attempt(mutant, nodes))
        while self.running:
            self._reap()

    def _fork(self, attempt: Attempt) -> None:
        limit = int(3 * self.tests.seconds(attempt.nodes) + 15)
        pid = os.fork()
        if pid:
            self.running[pid] = attempt
            return
        status = {"status": "crashed", "by": None}
        try:
            limit_to(limit)
            status = self._child(attempt.mutant, attempt.nodes)
        except BaseException as error:
            status = {"status": "crashed", "by": repr(error)[:200]}
        finally:
            os.write(attempt.said.fileno(), json.dumps(status).encode())
            os._exit(0)

    def _child(self, mutant: Mutant, nodes: list[str]) -> dict[str, object]:
        exchanged = self._exchange(mutant)
        if exchanged != "exchanged":
            return {"status": exchanged, "by": None}
        return {"status": "survived" if nodes else "no tests", "by": None, **self._run(nodes)}

    def _run(self, nodes: list[str]) -> dict[str, object]:
        """Runs tests up to the first that fails."""
        if reporter := self.config.pluginmanager.get_plugin("terminalreporter"):
            self.config.pluginmanager.unregister(reporter)
        items = [self.items[node] for node in nodes]
        self.failed = None
        for item, following in zip(items, [*items[1:], None], strict=False):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                return {"status": "killed", "by": self.failed}
        return {}

    def _exchange(self, mutant: Mutant) -> str:
        """Gives every function that was made of this source the mutated code; what was worked out before is forgotten."""
        found = self.live.get((str(LIBRARY / mutant.file), mutant.starts), [])
        if not found:
            return "afresh"
        try:
            new = function_of(self.sources[mutant.id], mutant, found[0].__globals__)
        except Exception:
            return "afresh"
        new = getattr(new, "__func__", new)
        defaults = new.__defaults__, new.__kwdefaults__
        if all(same_code(f.__code__, new.__code__) and (f.__defaults__, f.__kwdefaults__) == defaults for f in found):
            return "the same"
        inner = [  # made by it, before it was exchanged
            (each, made)
            for old, made in zip(nested(found[0].__code__), nested(new.__code__), strict=False)
            for each in self.within.get((old.co_filename, old.co_firstlineno), ())
            if each.__code__ == old
        ]
        changed = [*((f, new.__code__) for f in found), *inner]
        if any(len(each.__code__.co_freevars) != len(made.co_freevars) for each, made in changed):
            return "afresh"  # a function keeps as many variables of others as it was made with
        for each, made in inner:
            each.__code__ = made
        for function in found:
            function.__code__ = new.__code__
            function.__defaults__, function.__kwdefaults__ = defaults
        for each in self.caches:
            each.cache_clear()
        return "exchanged"

    def _reap(self) -> None:
        pid, wait_status = os.wait()
        attempt = self.running.pop(pid)
        attempt.said.seek(0)
        said = attempt.said.read().decode(errors="replace")
        if os.WIFSIGNALED(wait_status):
            slow = os.WTERMSIG(wait_status) in (signal.SIGXCPU, signal.SIGALRM, signal.SIGKILL)
            verdict = Verdict(status="timeout" if slow else "crashed", by=f"signal {os.WTERMSIG(wait_status)}")
        elif attempt.afresh:
            verdict = Verdict(status="killed", by=AT_IMPORT + failure(said)) if wait_status else attempt.verdict
        else:
            verdict = Verdict(json.loads(said or '{"status": "crashed", "by": null}'))
            if verdict["status"] in ("survived", "no tests", "afresh") and self._again_afresh(attempt, verdict):
                return
        attempt.said.close()
        verdict["seconds"] = round(time.monotonic() - attempt.began, 2)
        verdict["tests"] = len(attempt.nodes)
        self.verdicts[attempt.mutant.id] = verdict
        self.say(attempt.mutant, verdict)

    def _again_afresh(self, attempt: Attempt, verdict: Verdict) -> bool:
        """What runs while modules are imported, is tried in an interpreter that imports the mutant."""
        mutant, afresh = attempt.mutant, verdict["status"] == "afresh"
        tried = self.tests.imported_by(mutant.file, mutant.first, mutant.last) or (attempt.nodes if afresh else [])
        if not tried:
            verdict["status"] = "no tests" if afresh else verdict["status"]
            return False
        attempt.verdict = Verdict(status="survived", by=None)
        attempt.afresh = True
        attempt.said.seek(0)
        attempt.said.truncate()
        command = [sys.executable, str(ROOT / ".ci/mutate.py"), "--afresh", mutant.id, *tried]
        process = subprocess.Popen(command, cwd=ROOT, stdout=attempt.said, stderr=subprocess.STDOUT)
        process.returncode = 0  # it is waited for in _reap
        self.running[process.pid] = attempt
        return True

    def _control(self) -> None:
        """A test that fails without a mutant too has killed none: each that killed is run again, as it was run then."""
        checked: dict[str, str] = {}
        for mutant in self.mutants:
            verdict = self.verdicts[mutant.id]
            by = verdict["by"]
            if verdict["status"] != "killed" or by not in self.items:
                continue
            if by not in checked:
                nodes = [n for n in self.tests.of(mutant.file, mutant.first, mutant.last) if n in self.items]
                checked[by] = self._unmutated(nodes[: nodes.index(by) + 1])
            if checked[by]:
                verdict.update(status="suspicious", why=checked[by])

    def _unmutated(self, nodes: list[str]) -> str:
        """Why one of the tests fails as the library is; nothing where all pass."""
        with tempfile.TemporaryFile() as said:
            pid = os.fork()
            if not pid:
                try:
                    why = f"{self.failed}: {self.why}" if self._run(nodes) else ""
                except BaseException as error:
                    why = repr(error)
                finally:
                    os.write(said.fileno(), why.encode())
                    os._exit(0)
            os.waitpid(pid, 0)
            said.seek(0)
            return said.read().decode(errors="replace")


def limit_to(seconds: int) -> None:
    """Ends this process after so much work, or ten times as long by the clock, or with too much memory."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(10 * seconds)


def run(
    mutants: list[Mutant], tests: Tests, workers: int, say: Callable[[Mutant, Verdict], None]
) -> dict[str, Verdict]:
    """What became of each mutant."""
    forks = Forks(mutants, tests, workers, say)
    files = sorted({n.partition("::")[0] for m in mutants for n in tests.of(m.file, m.first, m.last)})
    if files:
        import_all()
        quiet = ["-p", "no:cacheprovider", "-p", "no:unraisableexception", "-p", "no:terminal", "--capture=sys"]
        pytest.main([*quiet, *files], plugins=[forks])
    return forks.verdicts


def afresh(file: str, number: int, tests: list[str]) -> int:
    """Runs tests in this interpreter, which imports the mutant instead of the file."""
    source = mutated(file, [number])[number]
    path = LIBRARY / file

    class Loader(SourceFileLoader):
        def get_code(self, fullname):
            return compile(source, str(path), "exec")

    class Finder:
        @staticmethod
        def find_spec(name, where=None, target=None):
            wanted = "receivables." + file.removesuffix(".py").replace("/", ".")
            return (
                importlib.util.spec_from_file_location(name, path, loader=Loader(name, str(path)))
                if name == wanted
                else None
            )

    sys.meta_path.insert(0, Finder)
    limit_to(60)
    return int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests], plugins=[Calm()]))
