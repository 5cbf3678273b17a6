"""How the documentation is built: `sphinx-build -W docs docs/_build`."""

import inspect
import sys
from pathlib import Path

import attrs
from sphinx.util.inspect import stringify_signature

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

project = "receivables"
author = "the receivables authors"
copyright = author

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_copybutton"]
exclude_patterns = ["_build"]
# A name such as `Key` or `Roll` can stand in several layers; autodoc links a bare annotation to either.
suppress_warnings = ["ref.python"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

# Single backquotes in a docstring are code, as in the rest of the documentation.
default_role = "code"
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 88
add_module_names = False

html_theme = "furo"
html_title = "receivables"
html_static_path = ["_static"]
html_css_files = ["wide.css"]
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

LONGEST_DEFAULT = 30


class _Elided:
    def __repr__(self):
        return "..."


def short_defaults(app, what, name, obj, options, signature, return_annotation):
    """A signature shows a default that can be read at a glance, and dots for a whole object."""
    if what != "class" or not attrs.has(obj):
        return None
    full = inspect.signature(obj)
    shown = [each.replace(default=_shown(each.default)) for each in full.parameters.values()]
    short = full.replace(parameters=shown, return_annotation=inspect.Signature.empty)
    return stringify_signature(short, unqualified_typehints=True), None


def _shown(default):
    given = default is not inspect.Parameter.empty
    return _Elided() if given and (len(repr(default)) > LONGEST_DEFAULT or repr(default) == "NOTHING") else default


def fields_of_named_tuples(app, what, name, obj, skip, options):
    """The signature names the fields of a named tuple already; "Alias for field number 0" adds nothing."""
    return True if type(obj).__name__ == "_tuplegetter" else None


def setup(app):
    app.connect("autodoc-process-signature", short_defaults)
    app.connect("autodoc-skip-member", fields_of_named_tuples)
