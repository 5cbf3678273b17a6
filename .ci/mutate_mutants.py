"""The mutants: which there are in a file, and the source of each. mutmut makes them; this only writes down where.

mutmut leaves out decorated functions, since it keeps a copy of a function for each of its mutants. Here the code of a
function is exchanged instead, so properties, validators and cached functions are mutated as well, and are counted apart.
"""

import ast
import difflib
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.file_mutation import NEVER_MUTATE_FUNCTION_NAMES, MutationVisitor, deep_replace
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import IgnoredCode

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "src" / "receivables"
NEVER_CALLED = {"overload", "abstractmethod"}
NOTHING_IGNORED = IgnoredCode(set(), set(), set())


@dataclass(frozen=True)
class Mutant:
    """One change of one function."""

    file: str
    """Below ``src/receivables``, such as ``values/money.py``."""
    number: int
    """In the file."""
    function: str
    first: int
    last: int
    """The lines of the statement that is changed; of a compound statement, its head."""
    starts: int
    """The line on which the function begins, with its decorators."""
    decorated: bool

    @property
    def id(self) -> str:
        return f"{self.file.removesuffix('.py').replace('/', '.')}:{self.number}"


class Finder(MutationVisitor):
    """Collects the mutations of a file together with their lines."""

    def __init__(self) -> None:
        super().__init__(mutation_operators, NOTHING_IGNORED)
        self.lines: list[int] = []

    def _skip_node_and_children(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.FunctionDef) and node.decorators:
            names = {d.decorator.value for d in node.decorators if isinstance(d.decorator, cst.Name)}
            return bool(names & NEVER_CALLED) or node.name.value in NEVER_MUTATE_FUNCTION_NAMES
        return super()._skip_node_and_children(node)

    def _create_mutations(self, node: cst.CSTNode) -> None:
        super()._create_mutations(node)
        position = self.get_metadata(PositionProvider, node, None)
        new = len(self.mutations) - len(self.lines)
        self.lines += [position.start.line if position else self.lines[-1] if self.lines else 1] * new


def mutations(source: str) -> tuple[cst.Module, Finder]:
    finder = Finder()
    module = MetadataWrapper(cst.parse_module(source)).visit(finder)
    return module, finder


def functions(tree: ast.Module) -> list[tuple[str, ast.FunctionDef]]:
    """The functions of a module and the methods of its classes, which is what mutmut looks into."""
    found = [("", each) for each in tree.body if isinstance(each, ast.FunctionDef)]
    for cls in tree.body:
        if isinstance(cls, ast.ClassDef):
            found += [(cls.name, each) for each in cls.body if isinstance(each, ast.FunctionDef)]
    return found


def begins(function: ast.FunctionDef) -> int:
    return min([function.lineno, *(each.lineno for each in function.decorator_list)])


def beyond_mutmut(function: ast.FunctionDef) -> bool:
    """Whether mutmut itself would leave a function out for its decorators."""
    names = [each.id if isinstance(each, ast.Name) else "" for each in function.decorator_list]
    return bool(names) and names not in (["classmethod"], ["staticmethod"])


def statement(function: ast.FunctionDef, line: int) -> tuple[int, int]:
    """The lines of the innermost statement at a line; the head only where it has a body, but all of the function itself."""
    if line < function.body[0].lineno:
        return function.lineno, function.end_lineno or 0
    found = (function.lineno, function.body[0].lineno - 1)
    for each in ast.walk(function):
        if isinstance(each, ast.stmt) and each is not function and each.lineno <= line <= (each.end_lineno or 0):
            body = getattr(each, "body", None)
            last = body[0].lineno - 1 if isinstance(body, list) and body else each.end_lineno
            if each.lineno >= found[0]:
                found = (each.lineno, max(each.lineno, last or 0))
    return found


def mutants(file: str) -> list[Mutant]:
    """All mutants of a file of the library, in the order of mutmut."""
    source = (LIBRARY / file).read_text(encoding="utf-8")
    _, finder = mutations(source)
    places = [(begins(f), f.end_lineno or 0, cls, f) for cls, f in functions(ast.parse(source))]
    found = []
    for number, (mutation, line) in enumerate(zip(finder.mutations, finder.lines, strict=True), start=1):
        if not isinstance(mutation.contained_by_top_level_function, cst.FunctionDef):
            continue
        place = next((p for p in places if p[0] <= line <= p[1]), None)
        if place is None:
            continue
        starts, _, cls, function = place
        first, last = statement(function, line)
        name = f"{cls}.{function.name}" if cls else function.name
        found.append(Mutant(file, number, name, first, last, starts, beyond_mutmut(function)))
    return found


def mutated(file: str, numbers: list[int]) -> dict[int, str]:
    """The source of the file with each of the mutations made."""
    module, finder = mutations((LIBRARY / file).read_text(encoding="utf-8"))
    sources = {}
    for number in numbers:
        mutation = finder.mutations[number - 1]
        changed = deep_replace(module, mutation.original_node, mutation.mutated_node)
        assert isinstance(changed, cst.Module)
        sources[number] = changed.code
    return sources


def patch(before: str, after: str) -> str:
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))
    return "\n".join(lines[2:])


def function_of(source: str, mutant: Mutant, scope: dict[str, object]) -> object:
    """The mutated function, made in the namespace of its module, without its decorators."""
    tree = ast.parse(source)
    original = functions(ast.parse((LIBRARY / mutant.file).read_text(encoding="utf-8")))
    at = next(i for i, (_, f) in enumerate(original) if begins(f) == mutant.starts)
    cls, function = functions(tree)[at]
    function.decorator_list = []
    future = [each for each in tree.body if isinstance(each, ast.ImportFrom) and each.module == "__future__"]
    holder = ast.ClassDef(name=cls, bases=[], keywords=[], body=[function], decorator_list=[])
    made: dict[str, object] = {}
    code = ast.fix_missing_locations(ast.Module([*future, holder if cls else function], []))
    exec(compile(code, str(LIBRARY / mutant.file), "exec"), scope, made)
    return vars(made[cls])[function.name] if cls else made[function.name]


def same_code(one: CodeType, other: CodeType) -> bool:
    """Whether two functions are the same to the interpreter, whatever their source."""

    def parts(code: CodeType) -> tuple[object, ...]:
        constants = tuple(parts(c) if isinstance(c, CodeType) else (type(c), c) for c in code.co_consts)
        return code.co_code, constants, code.co_names, code.co_varnames, code.co_freevars

    return parts(one) == parts(other)
