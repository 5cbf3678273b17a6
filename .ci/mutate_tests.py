"""Which tests run a line: recorded once under coverage.py, and kept for each test file until it or a helper beside it changes.

Where the library has changed since, lines are found again by their text; it only decides which tests are tried first and
at all, so what is new is less well known until its tests are recorded anew (remove ``.mutation/tests``).
"""

import difflib
import hashlib
import importlib
import pickle
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from coverage import Coverage
from coverage.numbits import numbits_to_nums
from mutate_mutants import LIBRARY, ROOT

PACKAGES = ("values", "documents", "state", "policies", "plans")
# Not those that open databases, start processes or drive a host: what they find out of these layers, the others should.
FOLDERS = (
    *PACKAGES, "facts", "codec", "cases", "scenarios", "properties", "reports", "service", "flows", "regressions",
    "refusals",
)  # fmt: skip
KEPT = ROOT / ".mutation"
SECONDS = 10.0
"""How long the tests of one mutant may take, as they were recorded; what is not found by then has survived."""
AT_IMPORT = "import "


def test_files() -> list[str]:
    """The test files, and the modules of the packages, whose doctests are tests."""
    tests = [path for folder in FOLDERS for path in sorted((ROOT / "tests" / folder).glob("test_*.py"))]
    sources = [path for package in PACKAGES for path in sorted((LIBRARY / package).glob("*.py"))]
    return [str(path.relative_to(ROOT)) for path in tests + [p for p in sources if ">>> " in p.read_text("utf-8")]]


class Calm:
    """Stops Hypothesis at the first failure, without looking for a smaller one; a slow machine is no failure."""

    @pytest.hookimpl
    def pytest_sessionstart(self) -> None:
        from hypothesis import HealthCheck, Phase, settings  # noqa: PLC0415, its pytest plugin comes first

        settings.register_profile(
            "mutation",
            max_examples=25,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.explicit, Phase.generate),
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )
        settings.load_profile("mutation")


class Recorder(Calm):
    """Tells coverage which test runs now, and notes how long each took."""

    def __init__(self, coverage: Coverage) -> None:
        self.coverage, self.seconds, self.failed = coverage, dict[str, float](), set[str]()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item):
        self.coverage.switch_context(item.nodeid)
        yield
        self.coverage.switch_context(AT_IMPORT)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_make_collect_report(self, collector):
        self.coverage.switch_context(AT_IMPORT + collector.nodeid.partition("::")[0])
        yield
        self.coverage.switch_context(AT_IMPORT)

    def pytest_runtest_logreport(self, report):
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration
        if report.failed or (report.when == "call" and report.outcome != "passed"):
            self.failed.add(report.nodeid)


def record(files: list[str], to: Path) -> None:
    """Runs test files, and writes for each which of its tests ran which lines."""
    with tempfile.TemporaryDirectory() as folder:
        data = f"{folder}/data"
        coverage = Coverage(data_file=data, config_file=False, include=[f"{LIBRARY}/{p}/*" for p in PACKAGES])
        recorder = Recorder(coverage)
        coverage.start()
        coverage.switch_context(AT_IMPORT)
        import_all()
        answer = pytest.main(["-q", "-p", "no:cacheprovider", *files], plugins=[recorder])
        coverage.stop()
        if answer > pytest.ExitCode.TESTS_FAILED:
            raise SystemExit(f"the tests could not be collected: {answer!r}")
        coverage.save()
        rows = (
            sqlite3.connect(data)
            .execute(
                "select f.path, c.context, b.numbits from line_bits b join file f on f.id = b.file_id"
                " join context c on c.id = b.context_id"
            )
            .fetchall()
        )
        if not rows:
            raise SystemExit("the tests ran nothing of the library: it was imported from somewhere else")
        found = {name: Recorded() for name in files}
        for path, context, bits in rows:
            of = context.removeprefix(AT_IMPORT).partition("::")[0]
            lines = [(str(Path(path).relative_to(LIBRARY)), line) for line in numbits_to_nums(bits)]
            for each in (found[of],) if of in found else found.values():
                each.add("" if context.startswith(AT_IMPORT) else context, lines)
    for node, seconds in recorder.seconds.items():
        found[node.partition("::")[0]].seconds[node] = seconds
    for node in recorder.failed:
        found[node.partition("::")[0]].seconds.pop(node, None)
    to.write_bytes(pickle.dumps(found))


def import_all() -> None:
    """Before pytest does: a module that is collected for its doctests before anything imported it would be there twice."""
    sys.path[:0] = [str(LIBRARY.parent), str(ROOT)]  # as pytest's `pythonpath` does, but before it
    for package in PACKAGES:
        for path in sorted((LIBRARY / package).glob("*.py")):
            if path.stem != "__init__":
                importlib.import_module(f"receivables.{package}.{path.stem}")


@dataclass
class Recorded:
    """The tests of one file, and what each line of the library is run by; the empty name is the import."""

    seconds: dict[str, float] = field(default_factory=dict)
    nodes: list[str] = field(default_factory=list)
    lines: dict[tuple[str, int], int] = field(default_factory=dict)
    library: str = ""
    """The sources of that time, below ``.mutation/sources``."""

    def add(self, node: str, lines: Iterable[tuple[str, int]]) -> None:
        if node not in self.nodes:
            self.nodes.append(node)
        bit = 1 << self.nodes.index(node)
        for line in lines:
            self.lines[line] = self.lines.get(line, 0) | bit


def sources_of(name: str) -> list[Path]:
    """A test file, and what stands beside it that is no test: helpers, and the answers that are written down."""
    path = ROOT / name
    if not name.startswith("tests/"):
        return [path]
    beside = [each for kind in ("*.py", "*.txt") for each in sorted(path.parent.glob(kind))]
    return [path, *(each for each in beside if not each.name.startswith("test_"))]


def digest(paths: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(path.read_bytes())
    return total.hexdigest()[:16]


class Sources:
    """The library as it was at each recording, and where its lines are now."""

    def __init__(self) -> None:
        self.now = digest(sorted(LIBRARY.rglob("*.py")))
        kept = KEPT / "sources" / self.now
        for package in PACKAGES:
            if not (kept / package).exists():
                shutil.copytree(LIBRARY / package, kept / package, ignore=shutil.ignore_patterns("__pycache__"))
        self._moved: dict[tuple[str, str], dict[int, int]] = {}

    def current(self, recorded: "Recorded") -> "Recorded":
        """What was recorded, by the lines of today; a line that is gone counts for the one that stands there now."""
        if recorded.library == self.now:
            return recorded
        lines: dict[tuple[str, int], int] = {}
        for (file, line), bits in recorded.lines.items():
            at = file, self._lines(recorded.library, file).get(line, 0)
            lines[at] = lines.get(at, 0) | bits
        return replace(recorded, lines=lines)

    def _lines(self, library: str, file: str) -> dict[int, int]:
        if (library, file) not in self._moved:
            old, new = KEPT / "sources" / library / file, LIBRARY / file
            texts = [p.read_text(encoding="utf-8").splitlines() if p.exists() else [] for p in (old, new)]
            moved = {}
            for _, one, end, other, until in difflib.SequenceMatcher(None, *texts, autojunk=False).get_opcodes():
                moved |= {line + 1: min(other + line - one, max(until - 1, other)) + 1 for line in range(one, end)}
            self._moved[library, file] = moved
        return self._moved[library, file]


class Tests:
    """All tests, and those that run a line."""

    def __init__(self, workers: int) -> None:
        self.sources = Sources()
        names = {n: KEPT / "tests" / f"{digest(sources_of(n))}-{n.replace('/', '.')}" for n in test_files()}
        self._fill({name: path for name, path in names.items() if not path.exists()}, workers)
        self.files = {name: self.sources.current(pickle.loads(path.read_bytes())) for name, path in names.items()}

    def _fill(self, missing: dict[str, Path], workers: int) -> None:
        if not missing:
            return
        print(f"recording which lines {len(missing)} test files run", flush=True)
        (KEPT / "tests").mkdir(parents=True, exist_ok=True)
        by_size = sorted(missing, key=lambda name: -(ROOT / name).stat().st_size)
        shares = [share for i in range(workers) if (share := by_size[i::workers])]
        with tempfile.TemporaryDirectory() as folder:
            outs = [Path(folder, str(i)) for i in range(len(shares))]
            runs = [
                subprocess.Popen([sys.executable, str(ROOT / ".ci/mutate.py"), "--record", str(out), *share], cwd=ROOT)
                for share, out in zip(shares, outs, strict=True)
            ]
            if sum(run.wait() != 0 for run in runs):
                raise SystemExit("what the tests run could not be recorded")
            for out in outs:
                for name, recorded in pickle.loads(out.read_bytes()).items():
                    recorded.library = self.sources.now
                    missing[name].write_bytes(pickle.dumps(recorded))

    def of(self, file: str, first: int, last: int) -> list[str]:
        """The tests to try, in order: those of the same name before the others, quick before slow, up to SECONDS."""
        found = [
            (not near(node, file), recorded.seconds[node], node)
            for name, recorded in self.files.items()
            for node in self._nodes(recorded, file, first, last)
            if node in recorded.seconds
        ]
        spent, chosen = 0.0, []
        for _, seconds, node in sorted(found):
            if spent + seconds <= SECONDS or not chosen:
                chosen.append(node)
                spent += seconds
        return chosen

    def imported_by(self, file: str, first: int, last: int) -> list[str]:
        """The test files that run a line while they are imported, those of the same name first, up to half of SECONDS."""
        found = [
            (not near(f"{name}::", file), sum(recorded.seconds.values()), name)
            for name, recorded in self.files.items()
            if recorded.seconds and "" in self._nodes(recorded, file, first, last)
        ]
        spent, chosen = 0.0, []
        for _, seconds, name in sorted(found):
            if spent + seconds <= SECONDS / 2:
                chosen.append(name)
                spent += seconds
        return chosen

    @staticmethod
    def _nodes(recorded: Recorded, file: str, first: int, last: int) -> list[str]:
        bits = 0
        for line in range(first, last + 1):
            bits |= recorded.lines.get((file, line), 0)
        return [node for i, node in enumerate(recorded.nodes) if bits >> i & 1]

    def seconds(self, nodes: Iterable[str]) -> float:
        return sum(self.files[node.partition("::")[0]].seconds[node] for node in nodes)


def near(node: str, file: str) -> bool:
    """Whether a test is about a module: its doctests, ``tests/policies/test_interest.py``, what it refuses, and the pages of
    all that its layer comes to.
    """
    folder, _, stem = file.removesuffix(".py").partition("/")
    if node.startswith("tests/refusals/"):
        return f"[{folder}.{stem}." in node or ("test_a_call_" in node and folder in ("values", "documents"))
    pages = {"state": ("state", "policies", "plans")}.get(folder, (folder,))
    layer = [f"tests/{each}/test_{name}.py" for each in pages for name in ("every", "logs", "known")]
    return node.startswith((f"src/receivables/{file}::", f"tests/{folder}/test_{stem}", *layer))
