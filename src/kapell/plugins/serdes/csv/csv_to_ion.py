"""`io.kestra.plugin.serdes.csv.CsvToIon`."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Literal, Protocol

from kapell.plugins.serdes._file import BadRows, Encoded, FileOutput, OnBadLines, lines_of
from kapell.sdk import Example, RunContext, RunnableTask, TaskFailed, Templated, prop
from kapell.sdk.draft import store_table

LARGEST = 16 * 1024 * 1024
Row = list[str]


class Reader(Protocol):
    """What `csv.reader` gives: the rows, and the number of the last line that it has read."""

    line_num: int

    def __next__(self) -> Row:
        """The next row."""
        ...


class CsvToIon(Encoded, RunnableTask[FileOutput]):
    """Read a CSV file: a map of texts for each row, a list where there is no header.

    A field that is `\\N` is null. A row that can't be used is named by its line.
    """

    header: Templated[bool] = prop("Whether the first line holds the names of the columns.", default=True)
    field_separator: Templated[str] = prop("The character between two fields.", default=",")
    text_delimiter: Templated[str] = prop("The character around a field that needs it.", default='"')
    skip_empty_rows: Templated[bool] = prop("Whether to leave out lines with nothing in them.", default=False)
    skip_rows: Templated[int] = prop("How many rows to leave out first, after the header.", default=0, least=0)
    on_bad_lines: Templated[OnBadLines] = prop(
        "What to do with a row whose quotes are wrong or whose number of fields is not that of the header: fail, "
        "leave it out with a warning, or leave it out.",
        default="ERROR",
    )
    on_empty_header: Templated[Literal["DROP", "RENAME"]] = prop(
        "What to do with columns without a name: drop those at the end, or call each `col_0`, `col_1` … by its place.",
        default="DROP",
    )
    error_on_different_field_count: Templated[bool] | None = prop(
        "Deprecated: false takes rows of any length, with null for what is missing, without what is too much.",
        default=None,
    )
    allow_extra_chars_after_closing_quote: Templated[bool] = prop(
        "Whether characters behind a closing quote belong to the field; else they make the row a bad one.",
        default=False,
    )
    max_field_size: Templated[int] = prop("The most characters of a field.", default=LARGEST, least=1)
    max_buffer_size: Templated[int] = prop(
        "The most characters of a row: what goes on beyond is a quote that was not closed.", default=LARGEST, least=1
    )

    aliases = ("io.kestra.plugin.serdes.csv.CsvReader",)
    examples = (
        Example("A download", 'from: "{{ outputs.download.uri }}"'),
        Example(
            "From a spreadsheet of western Europe",
            'from: "{{ inputs.file }}"\nfieldSeparator: ";"\ncharset: windows-1252\nonBadLines: WARN',
        ),
    )

    def run(self, ctx: RunContext) -> FileOutput:
        """Read it row by row."""
        with lines_of(ctx, self.source, self.charset, newline="") as lines:
            bad = BadRows(ctx, self.on_bad_lines)
            uri, count = store_table(ctx, self._rows(lines, bad))
        ctx.metric("records", count)
        return FileOutput(uri=uri, size=count)

    def _rows(self, lines: Iterator[str], bad: BadRows) -> Iterator[object]:
        records = self._records(lines, bad)
        if not self.header:
            yield from (_nulled(row) for _, row in self._skipped(records))
            return
        names = self._names(next(records, (0, []))[1])
        for line, row in self._skipped(records):
            fitted = self._fitted(names, row)
            if fitted is None:
                # Kestra: the middle of this sentence.
                bad.meet(
                    f"Line {line}: Bad line encountered (field count mismatch): "
                    f"Expected {len(names)}, got {len(row)} fields."
                )
            else:
                yield dict(zip(names, _nulled(fitted), strict=True))

    def _records(self, lines: Iterator[str], bad: BadRows) -> Iterator[tuple[int, Row]]:
        """The rows with the number of the line that each begins in."""
        reader = self._reader(lines)
        smallest = min(self.max_field_size, self.max_buffer_size)
        line = 1
        while True:
            try:
                row = next(reader)
                if sum(map(len, row)) > smallest:
                    self._measure(row)
                if row or not self.skip_empty_rows:
                    yield line, row or [""]
            except StopIteration:
                return
            except csv.Error as error:
                bad.meet(f"Line {line}: {error}")
            line = reader.line_num + 1

    def _measure(self, row: Row) -> None:
        if sum(map(len, row)) > self.max_buffer_size or max(map(len, row)) > self.max_field_size:
            raise csv.Error("field larger than maxFieldSize, or row larger than maxBufferSize")

    def _reader(self, lines: Iterator[str]) -> Reader:
        # The limit is one for the whole process: it only ever grows, and each row is measured again.
        csv.field_size_limit(max(csv.field_size_limit(), min(self.max_field_size, 2**31 - 1)))
        try:
            return csv.reader(
                lines,
                delimiter=self.field_separator,
                quotechar=self.text_delimiter,
                strict=not self.allow_extra_chars_after_closing_quote,
            )
        except TypeError as error:
            raise TaskFailed(f"fieldSeparator or textDelimiter: {error}") from None

    def _skipped(self, records: Iterator[tuple[int, Row]]) -> Iterator[tuple[int, Row]]:
        for _ in range(self.skip_rows):
            next(records, None)
        return records

    def _names(self, header: Row) -> Row:
        if self.on_empty_header == "RENAME":
            return [name if name.strip() else f"col_{index}" for index, name in enumerate(header)]
        self._width = len(header)
        while header and not header[-1].strip():
            header.pop()
        return header

    def _fitted(self, names: Row, row: Row) -> list[str | None] | None:
        """The row with as many fields as there are names; None where it is a bad one."""
        if len(row) == len(names):
            return [*row]
        if self.on_empty_header == "DROP" and len(row) == self._width:
            return [*row[: len(names)]]
        if self.error_on_different_field_count is False:
            return [*row[: len(names)], *(None for _ in names[len(row) :])]
        return None


def _nulled(row: Row | list[str | None]) -> list[str | None]:
    return [None if field == "\\N" else field for field in row] if "\\N" in row else [*row]
