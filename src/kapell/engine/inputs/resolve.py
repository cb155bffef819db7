"""What was given meets what is declared: dependencies first, then conditions, defaults, conversion."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace as changed

from kapell.engine.inputs.choice import Choice, choices
from kapell.engine.inputs.convert import NO_KEY, convert_value
from kapell.engine.inputs.file import Upload, given_file
from kapell.engine.inputs.group import flattened, nest, placed, taken_apart
from kapell.engine.inputs.invalid import Invalid
from kapell.engine.inputs.scalar import to_text
from kapell.errors import RenderError
from kapell.expr.sealed import MASK, TYPE
from kapell.model.address import address_of
from kapell.model.input import Input
from kapell.sdk.truth import truthy

Render = Callable[[object, Mapping[str, object], bool], object]
See = Callable[[object, bool], object]
Encrypt = Callable[[str], str]
FORM = "FORM"


class Field(Struct, frozen=True, kw_only=True):
    """What a form shows of an input; `choices` is what may be chosen, None where there is nothing to choose from.

    `value` is converted, a secret's are asterisks. What is not `enabled` is neither shown nor asked for. A FORM is a
    field without a value, its inputs follow it.
    """

    id: str
    value: object = None
    enabled: bool = True
    is_default: bool = False
    errors: tuple[str, ...] = ()
    choices: tuple[Choice, ...] | None = None


class Resolved(Struct, frozen=True, kw_only=True):
    """Inputs with their values, or with what is wrong.

    `values` are what `{{ inputs }}` sees and a row holds, dotted ids nested. `problems` has Kestra's sentence by id.
    `unknown` are ids that were given and not declared. `files` is content by path, still to be stored: the
    values hold its addresses already.
    """

    values: dict[str, object]
    problems: dict[str, str]
    fields: tuple[Field, ...]
    unknown: tuple[str, ...] = ()
    files: Mapping[str, bytes | Path] = {}


def resolve(
    inputs: Sequence[Input],
    given: Mapping[str, object],
    *,
    render: Render,
    variables: Mapping[str, object],
    folder: str = "",
    encrypt: Encrypt | None = None,
) -> Resolved:
    """Every declared input with its value: the one given, or its default. Given as text or typed, flat or nested.

    `variables` are what defaults and conditions see beside the inputs that they depend on; `folder` is where new
    files will lie; without `encrypt` there are no secrets. Raises `NeedsRead` as `render` does.
    """
    declared = flattened(inputs)
    flat, unknown = taken_apart(given, {each.id for each in declared})
    resolver = _Resolver(declared, flat, render, variables, folder, encrypt)
    fields = tuple(map(resolver.field, declared))
    values: dict[str, object] = {}
    for each, field in zip(declared, fields, strict=True):
        if each.type != FORM and (field.enabled or field.id in resolver.rows):
            nest(values, field.id, resolver.rows.get(field.id))
    problems = {field.id: field.errors[0] for field in fields if field.errors}
    return Resolved(values=values, problems=problems, fields=fields, unknown=unknown, files=resolver.files)


class _Resolver:
    """Fields by id, each made once. `seen` holds what expressions see of a value, `rows` what a row holds."""

    def __init__(
        self,
        declared: Sequence[Input],
        given: Mapping[str, object],
        render: Render,
        variables: Mapping[str, object],
        folder: str,
        encrypt: Encrypt | None,
    ) -> None:
        self.files: dict[str, bytes | Path] = {}
        self.rows: dict[str, object] = {}
        self._declared = {each.id: each for each in declared}
        self._groups = {each.id for each in declared if each.type == FORM}
        self._nothing: dict[str, object] = {}
        for id in self._declared.keys() - self._groups:
            nest(self._nothing, id, None)
        self._given = given
        self._render = render
        self._variables = variables
        self._folder = folder
        self._encrypt = encrypt
        self._fields: dict[str, Field] = {}
        self._seen: dict[str, object] = {}
        self._under_way: set[str] = set()

    def field(self, wanted: Input) -> Field:
        """The field of an input; what it depends on comes first."""
        waiting = [wanted]
        while waiting:
            declared = waiting[-1]
            self._under_way.add(declared.id)
            first = next((id for id in declared.depends_on if self._is_open(id)), None)
            if first is not None:
                waiting.append(self._declared[first])
                continue
            waiting.pop()
            self._under_way.discard(declared.id)
            if declared.id not in self._fields:
                self._fields[declared.id] = self._made(declared)
        return self._fields[wanted.id]

    def _is_open(self, id: str) -> bool:
        """Unknown ids, and those that would lead in a circle, are passed over: checking a flow tells of them."""
        return id in self._declared and id not in self._fields and id not in self._under_way

    def _made(self, declared: Input) -> Field:
        depended = [self._fields[id] for id in declared.depends_on if id in self._fields]
        see = self._sight(depended)
        try:
            enabled = all(field.enabled for field in depended) and _is_wanted(declared, see)
        except RenderError as error:
            cause = f"Invalid condition: {error.message}"
            return Field(id=declared.id, enabled=False, errors=(_wrong(declared, cause),))
        if not enabled:
            self._keep_default(declared, see)
            return Field(id=declared.id, enabled=False)
        return self._filled(declared, Field(id=declared.id), see)

    def _filled(self, declared: Input, field: Field, see: See) -> Field:
        try:
            field = changed(field, choices=choices(declared.properties, lambda text: see(text, True)))
            value, is_default = self._value(declared, field.choices, see)
            field = changed(field, is_default=is_default)
            if value is not None:
                return changed(field, value=self._taken(declared, value, field.choices))
            missing = declared.required and declared.type != FORM
            return changed(field, errors=(f"Missing required input:{declared.id}",)) if missing else field
        except (Invalid, RenderError) as error:
            cause = error.message if isinstance(error, RenderError) else str(error)
            return changed(field, errors=(_wrong(declared, cause),))

    def _sight(self, depended: Sequence[Field]) -> See:
        """Renders for one input; what it sees is gathered only where there is something to render."""

        def see(value: object, typed: bool) -> object:
            if not isinstance(value, str | list | Mapping) or (isinstance(value, str) and "{" not in value):
                return value
            return self._render(value, {**self._variables, "inputs": self._visible(depended)}, typed)

        return see

    def _visible(self, depended: Sequence[Field]) -> dict[str, object]:
        """Kestra: an expression sees the values of what its input depends on; the other inputs are null to it."""
        visible = self._nothing
        for field in depended:
            if field.id not in self._groups:
                visible = placed(visible, field.id, self._seen.get(field.id))
        return visible

    def _keep_default(self, declared: Input, see: See) -> None:
        # Kestra: tasks see the default of an input whose condition is false
        with suppress(Invalid, RenderError):
            value = _default(declared, see)
            if value is not None:
                self._taken(declared, value, choices(declared.properties, lambda text: see(text, True)))

    def _value(self, declared: Input, offered: tuple[Choice, ...] | None, see: See) -> tuple[object, bool]:
        """What was given, else the default; and whether it is that."""
        given = self._given.get(declared.id)
        # Kestra: an empty text is a text, for every other type it is nothing
        if given is not None and (given != "" or declared.type == "STRING"):
            return given, False
        default = _default(declared, see)
        if default is None and offered and declared.properties.get("autoSelectFirst") is True:
            default = [offered[0].value] if declared.type == "MULTISELECT" else offered[0].value
        return default, default is not None

    def _taken(self, declared: Input, value: object, offered: tuple[Choice, ...] | None) -> object:
        """The value converted and kept; the answer is what a form may show."""
        properties = dict(declared.properties)
        if offered is not None:
            properties["values"] = [choice.value for choice in offered]
        if declared.type == "SECRET":
            return self._secret(declared, to_text(value, properties))
        if declared.type == "FILE":
            converted: object = self._file(declared, given_file(declared.id, value, properties))
        else:
            converted = convert_value(declared.type, value, properties)
        self._seen[declared.id] = self.rows[declared.id] = converted
        return converted

    def _secret(self, declared: Input, text: str) -> object:
        if self._encrypt is None:
            raise Invalid(NO_KEY)
        self._seen[declared.id] = text
        self.rows[declared.id] = {"type": TYPE, "value": self._encrypt(text)}
        return MASK

    def _file(self, declared: Input, file: str | Upload) -> str:
        if isinstance(file, str):
            return file
        name = file.name.replace("\\", "/").rpartition("/")[2]
        path = f"{self._folder}/{declared.id}/{name if name.strip('.') else 'file'}"
        self.files[path] = file.content
        return address_of(path)


def _is_wanted(declared: Input, see: See) -> bool:
    return declared.condition is None or truthy(see(declared.condition, False))


def _default(declared: Input, see: See) -> object:
    """Kestra: a lone expression keeps its type, inside a list or map it becomes text."""
    return see(declared.defaults, isinstance(declared.defaults, str))


def _wrong(declared: Input, cause: str) -> str:
    return f"Invalid value for input `{declared.id}`. Cause: {cause}"
