"""What was given meets what is declared: dependencies first, then conditions, defaults, conversion."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace as changed

from kapell.engine.inputs.choice import Choice, choices
from kapell.engine.inputs.convert import NO_KEY, convert_value
from kapell.engine.inputs.file import Upload, given_file
from kapell.engine.inputs.group import flattened, nest, taken_apart
from kapell.engine.inputs.invalid import Invalid
from kapell.engine.inputs.scalar import to_text
from kapell.errors import RenderError
from kapell.expr.sealed import MASK, TYPE
from kapell.model.address import address_of
from kapell.model.input import Input
from kapell.sdk.truth import truthy

Render = Callable[[object, Mapping[str, object], bool], object]
Encrypt = Callable[[str], str]
FORM = "FORM"


class Field(Struct, frozen=True, kw_only=True):
    """What a form shows of an input; `choices` is what may be chosen, None where there is nothing to choose from.

    `value` is converted, a secret's are asterisks. What is not `enabled` is neither shown nor asked for.
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
    files: Mapping[str, bytes] = {}


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
    fields = tuple(resolver.field(each) for each in declared if each.type != FORM)
    values: dict[str, object] = {}
    for field in fields:
        if field.enabled or field.id in resolver.rows:
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
        self.files: dict[str, bytes] = {}
        self.rows: dict[str, object] = {}
        self._declared = {each.id: each for each in declared}
        self._groups = {each.id for each in declared if each.type == FORM}
        self._given = given
        self._render = render
        self._variables = variables
        self._folder = folder
        self._encrypt = encrypt
        self._fields: dict[str, Field] = {}
        self._seen: dict[str, object] = {}
        self._under_way: set[str] = set()

    def field(self, declared: Input) -> Field:
        """The field of an input, what it depends on resolved before."""
        if declared.id not in self._fields:
            self._under_way.add(declared.id)
            depended = tuple(self._depended(declared))
            variables = {**self._variables, "inputs": self._visible(depended)}
            self._fields[declared.id] = self._made(declared, depended, variables)
            self._under_way.discard(declared.id)
        return self._fields[declared.id]

    def _depended(self, declared: Input) -> Iterator[Field]:
        """Unknown ids, and those that would lead in a circle, are passed over: checking a flow tells of them."""
        for id in declared.depends_on:
            if id in self._declared and id not in self._under_way:
                yield self.field(self._declared[id])

    def _visible(self, depended: Sequence[Field]) -> dict[str, object]:
        """Kestra: an expression sees the values of what its input depends on; the other inputs are null to it."""
        visible: dict[str, object] = {}
        for id in self._declared.keys() - self._groups:
            nest(visible, id, None)
        for field in depended:
            if field.id not in self._groups:
                nest(visible, field.id, self._seen.get(field.id))
        return visible

    def _made(self, declared: Input, depended: Sequence[Field], variables: Mapping[str, object]) -> Field:
        try:
            enabled = all(field.enabled for field in depended) and self._wanted(declared, variables)
        except RenderError as error:
            cause = f"Invalid condition: {error.message}"
            return Field(id=declared.id, enabled=False, errors=(_wrong(declared, cause),))
        if not enabled:
            self._keep_default(declared, variables)
            return Field(id=declared.id, enabled=False)
        field = Field(id=declared.id)
        try:
            field = changed(field, choices=self._choices(declared, variables))
            value, is_default = self._value(declared, field.choices, variables)
            field = changed(field, is_default=is_default)
            if value is None:
                missing = declared.required and declared.type != FORM
                return changed(field, errors=(f"Missing required input:{declared.id}",)) if missing else field
            return changed(field, value=self._taken(declared, value, field.choices))
        except (Invalid, RenderError) as error:
            cause = error.message if isinstance(error, RenderError) else str(error)
            return changed(field, errors=(_wrong(declared, cause),))

    def _wanted(self, declared: Input, variables: Mapping[str, object]) -> bool:
        return declared.condition is None or truthy(self._render(declared.condition, variables, False))

    def _keep_default(self, declared: Input, variables: Mapping[str, object]) -> None:
        # Kestra: tasks see the default of an input whose condition is false
        try:
            value = self._default(declared, variables)
            if value is not None:
                self._taken(declared, value, self._choices(declared, variables))
        except (Invalid, RenderError):
            return

    def _choices(self, declared: Input, variables: Mapping[str, object]) -> tuple[Choice, ...] | None:
        return choices(declared.properties, lambda text: self._render(text, variables, True))

    def _value(
        self, declared: Input, offered: tuple[Choice, ...] | None, variables: Mapping[str, object]
    ) -> tuple[object, bool]:
        """What was given, else the default; and whether it is that."""
        given = self._given.get(declared.id)
        # Kestra: an empty text is a text, for every other type it is nothing
        if given is not None and (given != "" or declared.type == "STRING"):
            return given, False
        default = self._default(declared, variables)
        if default is None and offered and declared.properties.get("autoSelectFirst") is True:
            default = [offered[0].value] if declared.type == "MULTISELECT" else offered[0].value
        return default, default is not None

    def _default(self, declared: Input, variables: Mapping[str, object]) -> object:
        """Kestra: a lone expression keeps its type, inside a list or map it becomes text."""
        return self._render(declared.defaults, variables, isinstance(declared.defaults, str))

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


def _wrong(declared: Input, cause: str) -> str:
    return f"Invalid value for input `{declared.id}`. Cause: {cause}"
