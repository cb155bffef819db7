"""`io.kestra.plugin.serdes.csv.IonToCsv`."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, Protocol, TextIO

from kapell.plugins.serdes._file import Dated, FileOutput, written
from kapell.sdk import Example, RunContext, RunnableTask, TaskFailed, Templated, prop
from kapell.sdk.draft import draft, stored, table
from kapell.sdk.kv import plain_text

QUOTING: Mapping[str, Literal[0, 1, 2]] = {
    "ALWAYS": csv.QUOTE_ALL,
    "REQUIRED": csv.QUOTE_MINIMAL,
    "NON_NUMERIC": csv.QUOTE_NONNUMERIC,
}
NUMERIC = re.compile(r"[+-]?[0-9]*\.?[0-9]*(?<![+-])")


class RowWriter(Protocol):
    """What `csv.writer` gives."""

    def writerow(self, row: Iterable[object], /) -> object:
        """Write a row."""
        ...


class IonToCsv(Dated, RunnableTask[FileOutput]):
    """Write a table as CSV. The columns are those of the first row; a later row with another one fails the task."""

    header: Templated[bool] = prop("Whether to write the names of the columns first.", default=True)
    field_separator: Templated[str] = prop("The character between two fields.", default=",")
    text_delimiter: Templated[str] = prop("The character around a field that needs it.", default='"')
    line_delimiter: Templated[str] = prop("What ends a row.", default="\n")
    always_delimit_text: Templated[bool] = prop("Deprecated: `quoteMode: ALWAYS`.", default=False)
    quote_mode: Templated[Literal["ALWAYS", "REQUIRED", "NON_NUMERIC"]] | None = prop(
        "Which fields are quoted: all, those that must be, or all that do not look like a number.", default=None
    )

    aliases = ("io.kestra.plugin.serdes.csv.CsvWriter",)
    examples = (
        Example("What a query found", 'from: "{{ outputs.query.uri }}"'),
        Example(
            "For a spreadsheet of western Europe",
            'from: "{{ outputs.query.uri }}"\nfieldSeparator: ";"\ncharset: windows-1252\ndateFormat: dd.MM.yyyy',
        ),
    )

    def run(self, ctx: RunContext) -> FileOutput:
        """Write it row by row."""
        count = 0
        with draft(ctx) as made:
            with written(made, self.charset) as text:
                write = self._sheet(self._writer(text))
                for count, row in enumerate(table(ctx, self.source), 1):
                    write(row, count)
            uri = stored(ctx, made, ".csv")
        ctx.metric("records", count)
        return FileOutput(uri=uri, size=count)

    def _writer(self, text: TextIO) -> RowWriter:
        mode = self.quote_mode or ("ALWAYS" if self.always_delimit_text else "REQUIRED")
        try:
            return csv.writer(
                text,
                delimiter=self.field_separator,
                quotechar=self.text_delimiter,
                lineterminator=self.line_delimiter,
                quoting=QUOTING[mode],
            )
        except TypeError as error:
            raise TaskFailed(f"fieldSeparator, textDelimiter or lineDelimiter: {error}") from None

    def _sheet(self, writer: RowWriter) -> Callable[[object, int], None]:
        fields = self._fields()
        names: list[str] | None = None

        def write(row: object, number: int) -> None:
            nonlocal names
            if isinstance(row, Mapping):
                if names is None:
                    names = [*row]
                    if self.header:
                        writer.writerow(fields(names))
                writer.writerow(fields(_in_columns(names, row, number)))
            elif isinstance(row, list):
                if self.header:
                    raise TaskFailed(f"Row {number} is a list, which has no names of columns: set `header: false`")
                writer.writerow(fields(row))
            else:
                raise TaskFailed(f"Row {number} is neither a map nor a list: {row}")

        return write

    def _fields(self) -> Callable[[Sequence[object]], list[object]]:
        """What makes fields of values: dates by their formats, numbers bare where only texts are quoted."""
        dates = self.writers()
        bare = self.quote_mode == "NON_NUMERIC"

        def field(value: object) -> object:
            if value is None or type(value) is str:
                text = value
            else:
                write = dates.get(type(value))
                text = write(value) if write else plain_text(value)  # type: ignore[arg-type]  # one of the kinds
            return Bare(text) if bare and text and NUMERIC.fullmatch(text) else text

        return lambda row: [value if type(value) is str and not bare else field(value) for value in row]


def _in_columns(names: list[str], row: Mapping[str, object], number: int) -> list[object]:
    values = [row.get(name) for name in names]
    if [*row] != names and (extra := next((name for name in row if name not in names), None)) is not None:
        raise TaskFailed(f"Row {number} has `{extra}`, which is no column of the first row")
    return values


class Bare:
    """A text that the writer takes for a number: it goes by whether there is a `__float__`."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __float__(self) -> float:
        return float(self._text)

    def __str__(self) -> str:
        return self._text
