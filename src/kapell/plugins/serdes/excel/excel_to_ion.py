"""`io.kestra.plugin.serdes.excel.ExcelToIon`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import BinaryIO, Literal, Protocol

from kapell.plugins.serdes._file import Converting
from kapell.sdk import Example, Output, RunContext, RunnableTask, TaskFailed, Templated, prop
from kapell.sdk.draft import opened, store_table
from kapell.sdk.vendor import vendor

TYPE = "io.kestra.plugin.serdes.excel.ExcelToIon"


class SheetsOutput(Output, frozen=True, kw_only=True):
    """The tables by the names of their sheets, and how many rows they have together."""

    uris: Mapping[str, str]
    size: int


class Sheet(Protocol):
    """What the library gives."""

    def iter_rows(self, *, values_only: bool) -> Iterator[tuple[object, ...]]:
        """The rows of values."""
        ...


class ExcelToIon(Converting, RunnableTask[SheetsOutput]):
    """Read the sheets of an Excel file into a table each: maps by the header, lists without one."""

    sheets_title: Templated[list[str]] | None = prop("The sheets to read; all if none is named.", default=None)
    header: Templated[bool] = prop("Whether the first row holds the names of the columns.", default=True)
    skip_rows: Templated[int] = prop("How many rows to leave out first, before the header.", default=0, least=0)
    skip_empty_rows: Templated[bool] = prop("Whether to leave out rows without any value.", default=False)
    value_render: Templated[Literal["UNFORMATTED_VALUE", "FORMATTED_VALUE", "FORMULA"]] = prop(
        "Take the values that the file holds, the same as texts, or the formulas behind them.",
        default="UNFORMATTED_VALUE",
    )
    date_time_render: Templated[Literal["UNFORMATTED_VALUE", "SERIAL_NUMBER", "FORMATTED_STRING"]] = prop(
        "Take dates and times as such, as the numbers that Excel counts them by, or as texts.",
        default="UNFORMATTED_VALUE",
    )
    charset: Templated[str] | None = prop(
        "Deprecated and without effect: an Excel file says itself how its texts are encoded.", default=None
    )

    aliases = ("io.kestra.plugin.serdes.excel.ExcelReader",)
    examples = (
        Example("All sheets", 'from: "{{ inputs.file }}"'),
        Example("One sheet below a title", 'from: "{{ inputs.file }}"\nsheetsTitle:\n  - Products\nskipRows: 2'),
    )

    def run(self, ctx: RunContext) -> SheetsOutput:
        """Read sheet by sheet, row by row."""
        uris: dict[str, str] = {}
        size = 0
        with opened(ctx, self.source) as content:
            for title, sheet in self._sheets(content):
                uris[title], count = store_table(ctx, self._rows(sheet))
                size += count
        ctx.metric("sheets", len(uris))
        ctx.metric("records", size)
        return SheetsOutput(uris=uris, size=size)

    def _sheets(self, content: BinaryIO) -> Iterator[tuple[str, Sheet]]:
        with vendor(TYPE, "excel"):
            import openpyxl  # type: ignore[import-untyped]  # it has no annotations
            from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]
        from zipfile import BadZipFile

        try:
            book = openpyxl.load_workbook(content, read_only=True, data_only=self.value_render != "FORMULA")
        except (InvalidFileException, BadZipFile, KeyError) as error:
            raise TaskFailed(f"This is no Excel file: {error}") from None
        if unknown := set(self.sheets_title or ()) - set(book.sheetnames):
            raise TaskFailed(f"There is no sheet `{min(unknown)}`; there are: {', '.join(book.sheetnames)}")
        for sheet in book.worksheets:
            if not self.sheets_title or sheet.title in self.sheets_title:
                yield sheet.title, sheet
        book.close()

    def _rows(self, sheet: Sheet) -> Iterator[object]:
        names: list[str] | None = None
        for number, row in enumerate(sheet.iter_rows(values_only=True)):
            if number < self.skip_rows or (self.skip_empty_rows and all(value is None for value in row)):
                continue
            if self.header and names is None:
                names = [str(value) if value is not None else f"col_{at}" for at, value in enumerate(_trimmed(row))]
                continue
            values = [self._value(value) for value in row]
            if names is None:
                yield values
            else:
                yield dict(zip(names, [*values, *[None] * (len(names) - len(values))], strict=False))

    def _value(self, value: object) -> object:
        if isinstance(value, date | time | timedelta):
            return self._date(value)
        if self.value_render != "FORMATTED_VALUE" or value is None or isinstance(value, str):
            return value
        return str(value).lower() if isinstance(value, bool) else str(value)

    def _date(self, value: date | time | timedelta) -> object:
        if self.date_time_render == "SERIAL_NUMBER":
            from openpyxl.utils.datetime import to_excel  # type: ignore[import-untyped]

            return float(to_excel(value))
        if isinstance(value, datetime) and value.time() == time():
            value = value.date()
        if self.date_time_render == "UNFORMATTED_VALUE" and self.value_render != "FORMATTED_VALUE":
            return value
        return str(value)


def _trimmed(row: tuple[object, ...]) -> list[object]:
    """Without the columns at the end that have no name."""
    cells = [*row]
    while cells and cells[-1] is None:
        cells.pop()
    return cells
