"""`io.kestra.plugin.serdes.excel.IonToExcel`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from typing import Protocol

from kapell.plugins.serdes._convert import text_of_value
from kapell.plugins.serdes._file import FileOutput, zone_of
from kapell.sdk import Example, RunContext, RunnableTask, TaskFailed, Templated, in_zone, prop
from kapell.sdk.draft import draft, stored, table
from kapell.sdk.vendor import vendor

TYPE = "io.kestra.plugin.serdes.excel.IonToExcel"
LARGEST = 2**53
FORMULA = "Formula:"


class Sheet(Protocol):
    """What the library gives."""

    def append(self, row: Iterable[object]) -> object:
        """Write a row."""
        ...


class IonToExcel(RunnableTask[FileOutput]):
    """Write a table, or several, into the sheets of an Excel file.

    A text that begins with `Formula:` is a formula; other texts that look like one stay texts.
    """

    source: Templated[str | Mapping[str, str]] = prop(
        "Address of the table, or a map of addresses by the titles of their sheets.", key="from"
    )
    sheets_title: Templated[str] = prop("The title of the sheet where there is but one table.", default="Sheet")
    header: Templated[bool] = prop("Whether to write the names of the columns first.", default=True)
    styles: Templated[bool] = prop("Whether to format dates and times by the formats below.", default=True)
    date_format: Templated[str] = prop("How days are shown.", default="yyyy-MM-dd")
    time_format: Templated[str] = prop("How times of day are shown.", default="HH:mm:ss")
    date_time_format: Templated[str] = prop("How instants are shown.", default="yyyy-MM-dd HH:mm:ss")
    time_zone_id: Templated[str] = prop("The zone that instants are written in: Excel knows none.", default="UTC")
    charset: Templated[str] | None = prop(
        "Deprecated and without effect: an Excel file says itself how its texts are encoded.", default=None
    )

    aliases = ("io.kestra.plugin.serdes.excel.ExcelWriter",)
    examples = (
        Example("One sheet", 'from: "{{ outputs.query.uri }}"\nsheetsTitle: Products'),
        Example("Two sheets", 'from:\n  Products: "{{ outputs.products.uri }}"\n  Orders: "{{ outputs.orders.uri }}"'),
    )

    def run(self, ctx: RunContext) -> FileOutput:
        """Write sheet by sheet, row by row."""
        with vendor(TYPE, "excel"):
            import openpyxl  # type: ignore[import-untyped]  # it has no annotations
        book = openpyxl.Workbook(write_only=True)
        tables = self.source if isinstance(self.source, Mapping) else {self.sheets_title: self.source}
        count = 0
        for title, address in tables.items():
            count += self._fill(book.create_sheet(title), table(ctx, address))
        with draft(ctx) as made:
            book.save(made)
            uri = stored(ctx, made, ".xlsx")
        ctx.metric("records", count)
        return FileOutput(uri=uri, size=count)

    def _fill(self, sheet: Sheet, rows: Iterable[object]) -> int:
        from openpyxl.utils.exceptions import IllegalCharacterError  # type: ignore[import-untyped]

        cells = Cells(sheet, self._formats() if self.styles else {}, zone_of(self.time_zone_id))
        number = 0
        for number, row in enumerate(rows, 1):
            if isinstance(row, list) and self.header:
                raise TaskFailed(f"Row {number} is a list, which has no names of columns: set `header: false`")
            if number == 1 and self.header and isinstance(row, Mapping):
                sheet.append(cells.of(row.keys()))
            values = row.values() if isinstance(row, Mapping) else row if isinstance(row, list) else [row]
            try:
                sheet.append(cells.of(values))
            except IllegalCharacterError:
                raise TaskFailed(f"Row {number} has a character that Excel can't hold") from None
        return number

    def _formats(self) -> Mapping[type, str]:
        formats = {datetime: self.date_time_format, date: self.date_format, time: self.time_format}
        return {kind: excel_format(pattern) for kind, pattern in formats.items()}


class Cells:
    """Makes cells of values."""

    def __init__(self, sheet: Sheet, formats: Mapping[type, str], zone: tzinfo) -> None:
        self._sheet = sheet
        self._formats = formats
        self._zone = zone

    def of(self, values: Iterable[object]) -> list[object]:
        """The cells of a row."""
        return [self._cell(value) for value in values]

    def _cell(self, value: object) -> object:
        if isinstance(value, str):
            return self._text(value)
        if value is None or isinstance(value, bool | float):
            return value
        if isinstance(value, int | Decimal):
            # Excel counts in doubles: a longer number stays whole as a text.
            return value if -LARGEST <= value <= LARGEST else self._text(str(value))
        if isinstance(value, datetime) and value.tzinfo is not None:
            value = in_zone(value, self._zone).replace(tzinfo=None)
        if isinstance(value, date | time):
            return self._styled(value)
        return self._text(text_of_value(value))

    def _text(self, text: str) -> object:
        if text.startswith(FORMULA):
            return f"={text.removeprefix(FORMULA)}"
        if not text.startswith("="):
            return text
        from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]

        cell = WriteOnlyCell(self._sheet, text)
        cell.data_type = "s"
        return cell

    def _styled(self, value: date | time) -> object:
        if type(value) not in self._formats:
            return value
        from openpyxl.cell import WriteOnlyCell

        cell = WriteOnlyCell(self._sheet, value)
        cell.number_format = self._formats[type(value)]
        return cell


def excel_format(pattern: str) -> str:
    """Java's letters as Excel's: its months and minutes are told apart by their place, and fractions are digits."""
    plain = pattern.replace("[XXX]", "").replace("XXX", "").replace("'", "")
    return plain.replace("SSS", "000").replace("M", "m").replace("H", "h")
