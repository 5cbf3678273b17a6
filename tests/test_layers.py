"""The shape of the import graph that import-linter's contracts in pyproject.toml do not say.

The contracts hold the layers; these tests hold what is left between single modules.
"""

import sys
from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

import grimp
import pytest

ROOT = "receivables"
RUNTIME = {"attr", "attrs", "dateutil"}
BRING_THEIR_OWN = ("receivables.stores.", "receivables.interop.", "receivables.testing.")


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(ROOT, include_external_packages=True, cache_dir=None)


def own(modules: Iterable[str]) -> list[str]:
    return sorted(module for module in modules if module == ROOT or module.startswith(f"{ROOT}."))


def circle(imports: Mapping[str, Iterable[str]]) -> list[str]:
    """One circle in the graph, from a module back to itself, or nothing."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_a_circle_would_be_seen():
    assert circle({"a": ["b"], "b": ["c"], "c": []}) == []
    assert set(circle({"a": ["b"], "b": ["c"], "c": ["b"]})) == {"b", "c"}


def test_no_module_imports_itself_through_others(graph):
    imports = {module: own(graph.find_modules_directly_imported_by(module)) for module in own(graph.modules)}
    assert circle(imports) == []


def test_no_module_imports_the_public_names(graph):
    """The root package gathers what the layers offer; below it nobody may depend on the gathering."""
    assert own(graph.find_modules_that_directly_import(ROOT)) == []


def test_attrs_and_dateutil_are_all_that_the_core_needs(graph):
    core = [module for module in own(graph.modules) if not f"{module}.".startswith(BRING_THEIR_OWN)]
    needed = {name for module in core for name in graph.find_modules_directly_imported_by(module)}
    others = {name.partition(".")[0] for name in needed} - {ROOT} - sys.stdlib_module_names
    assert others <= RUNTIME


def test_one_module_alone_counts_months(graph):
    """``relativedelta`` is mutable and steps where it should count from the anchor: it stays in one place."""
    users = {
        module
        for name in graph.modules
        if name.partition(".")[0] == "dateutil"
        for module in graph.find_modules_that_directly_import(name)
    }
    assert users <= {"receivables.values.dates"}
