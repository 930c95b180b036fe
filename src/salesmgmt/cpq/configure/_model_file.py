"""Product models from TOML files that may include others."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import attrs

from salesmgmt.core.codec import Codec
from salesmgmt.core.definition import fit_definition, read_toml
from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.cpq.configure._linted.attributes import MOST_ATTRIBUTES
from salesmgmt.cpq.configure.model import ProductModel, SharedRules
from salesmgmt.cpq.configure.rule import Rule
from salesmgmt.cpq.configure.soft_rule import SoftRule

_MOST_FILES = 1_000
_DEEPEST = 50
"""Files that lead to each other in one line."""
_LARGEST = 50_000_000
"""Bytes of all files, each counted as often as it is named."""
_CODEC = Codec()


@attrs.frozen(kw_only=True)
class _RuleFile:
    """What stands in a file of shared rules."""

    include: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    soft_rules: tuple[SoftRule, ...] = ()


def read_model(path: Path) -> ProductModel:
    """Read a model with everything that it includes; raises `InvalidInput`."""
    return _Reader(path.parent).model(path, ())


class _Reader:
    """Reads files below one folder, each once for all that include it.

    Args:
        root: the folder that no file may lie outside.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._read = 0
        self._size = 0
        self._attributes = 0
        self._documents: dict[Path, dict[str, Any]] = {}

    def model(self, path: Path, above: tuple[Path, ...]) -> ProductModel:
        """A model and the files of its components; `above` are the files that led to it."""
        document = self._document(path)
        included = document.pop("include", [])
        self._fill(document, path, (*above, path.resolve()), 0)
        model = fit_definition(document, ProductModel, what=path.name)
        shared: dict[Path, SharedRules] = {}
        for number, name in enumerate(_texts(included, path)):
            self._share(self._inside(path, name, f"include[{number}]"), shared, (path.resolve(),))
        return attrs.evolve(model, shared=(*model.shared, *shared.values()))

    def _fill(self, document: Any, path: Path, above: tuple[Path, ...], depth: int) -> None:
        """Give attributes without a type the plain one, and components the model that their file has."""
        attributes = document.get("attributes") if isinstance(document, dict) else None
        if not isinstance(attributes, list):
            return
        self._attributes += len(attributes)
        if self._attributes > MOST_ATTRIBUTES:
            raise InvalidInput(
                path.name,
                [Problem("attributes", "too_large", "more attributes", f"at most {MOST_ATTRIBUTES}")],
            )
        for number, attribute in enumerate(attributes):
            if not isinstance(attribute, dict):
                continue
            attribute.setdefault("type", "Attribute")
            if attribute["type"] != "Component":
                continue
            if isinstance(attribute.get("file"), str) and "model" not in attribute:
                where = f"attributes[{number}].file"
                file = self._inside(path, attribute.pop("file"), where)
                _refuse_ring(path, file, where, above)
                attribute["model"] = self._component(file, above)
            elif depth < 100:
                self._fill(attribute.get("model"), path, above, depth + 1)

    def _component(self, file: Path, above: tuple[Path, ...]) -> dict[str, Any]:
        """The document of a component, with what it includes in place."""
        document = self._document(file)
        included = document.pop("include", [])
        self._fill(document, file, (*above, file.resolve()), 0)
        shared: dict[Path, SharedRules] = {}
        for number, name in enumerate(_texts(included, file)):
            self._share(self._inside(file, name, f"include[{number}]"), shared, (file.resolve(),))
        if shared:
            document["shared"] = [_CODEC.to_dict(one) for one in shared.values()]
        return document

    def _share(self, file: Path, shared: dict[Path, SharedRules], above: tuple[Path, ...]) -> None:
        """Note the rules of a file, after those that it includes itself; each file once."""
        known = file.resolve()
        _refuse_ring(above[-1], file, "include", above)
        if known in shared:
            return
        found = fit_definition(self._document(file), _RuleFile, what=file.name)
        for number, name in enumerate(found.include):
            self._share(self._inside(file, name, f"include[{number}]"), shared, (*above, known))
        id_ = known.relative_to(self._root).as_posix()
        shared[known] = SharedRules(id=id_, rules=found.rules, soft_rules=found.soft_rules)

    def _document(self, path: Path) -> dict[str, Any]:
        self._read += 1
        if self._read > _MOST_FILES:
            raise InvalidInput(
                path.name, [Problem("include", "too_many", "more files", f"at most {_MOST_FILES}")]
            )
        known = path.resolve()
        if known not in self._documents:
            self._documents[known] = read_toml(path)
        self._size += known.stat().st_size
        if self._size > _LARGEST:
            raise InvalidInput(
                path.name, [Problem("include", "too_large", "larger files", f"at most {_LARGEST} bytes")]
            )
        return deepcopy(self._documents[known])

    def _inside(self, path: Path, name: str, where: str) -> Path:
        """A file that another one names, which lies in the folder of the model."""
        try:
            file = (path.parent / name).resolve()
        except (OSError, ValueError, RuntimeError):
            file = Path("/")
        if Path(name).is_absolute() or not file.is_relative_to(self._root):
            problem = Problem(where, "outside", shorten(name), "a file in the folder of the model")
            raise InvalidInput(path.name, [problem])
        return file


def _texts(names: object, path: Path) -> list[str]:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InvalidInput(
            path.name, [Problem("include", "wrong_type", shorten(names), "a list of names of files")]
        )
    return names


def _refuse_ring(path: Path, file: Path, where: str, above: tuple[Path, ...]) -> None:
    if len(above) > _DEEPEST:
        raise InvalidInput(
            path.name, [Problem(where, "too_deep", "more files in one line", f"at most {_DEEPEST}")]
        )
    if file.resolve() in above:
        ring = " -> ".join(one.name for one in (*above, file))
        problem = Problem(where, "ring", shorten(file.name), "files that do not include each other", ring)
        raise InvalidInput(path.name, [problem])
