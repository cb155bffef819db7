"""What is common to the formats whose files have a schema: properties, and rows that fit it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import cast

from kapell.plugins.serdes._convert import Reading, converter, readers
from kapell.plugins.serdes._file import BadRows, Converting, OnBadLines, zone_of
from kapell.plugins.serdes._schema import Schema, infer_schema, parse_schema
from kapell.sdk import RunContext, TaskFailed, Templated, prop
from kapell.sdk.draft import table

TRUE = ("t", "true", "enabled", "1", "on", "yes")
FALSE = ("f", "false", "disabled", "0", "off", "no", "")
NULLS = ("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "1.#IND", "1.#QNAN", "NA", "n/a", "nan", "null")
REMEDY = "; give a schema, or scan more rows (numberOfRowsToScan)"


class Typed(Converting):
    """Writes a table into a file with a schema."""

    schema: Templated[str] | None = prop(
        "The schema, as Avro writes it in JSON; without it one is inferred from the first rows.", default=None
    )
    number_of_rows_to_scan: Templated[int] = prop("How many rows to infer it from.", default=100, least=1)
    true_values: Templated[list[str]] = prop("Texts that are true in a boolean field.", default=TRUE)
    false_values: Templated[list[str]] = prop("Texts that are false in a boolean field.", default=FALSE)
    null_values: Templated[list[str]] = prop(
        "Texts that are null in a field which may be null by the `schema` given.", default=NULLS
    )
    infer_all_fields: Templated[bool] = prop(
        "Whether those texts are null, and others true or false, also where the schema is inferred.", default=False
    )
    date_format: Templated[str] = prop("How texts for dates are read, in Java's letters.", default="yyyy-MM-dd[XXX]")
    time_format: Templated[str] = prop("How texts for times of day are read.", default="HH:mm[:ss][.SSSSSS][XXX]")
    datetime_format: Templated[str] = prop(
        "How texts for instants are read.", default="yyyy-MM-dd'T'HH:mm[:ss][.SSSSSS][XXX]"
    )
    decimal_separator: Templated[str] = prop("What stands for the point in texts for numbers.", default=".")
    strict_schema: Templated[bool] = prop("Whether a column that is not in the schema is an error.", default=False)
    time_zone_id: Templated[str] = prop("The zone of instants that name none.", default="UTC")
    on_bad_lines: Templated[OnBadLines] = prop(
        "What to do with a row that does not fit: fail, leave it out with a warning, or leave it out.",
        default="ERROR",
    )

    def chosen_schema(self, ctx: RunContext) -> Schema:
        """The schema that is given, or the inferred one."""
        if self.schema is not None:
            return parse_schema(self.schema)
        scanned = islice(table(ctx, self.source), self.number_of_rows_to_scan)
        return infer_schema(self._flagged(row) for row in scanned)

    def rows(self, ctx: RunContext, schema: Schema) -> Iterator[Mapping[str, object]]:
        """The rows as the schema wants them; bad ones fail the task or are left out."""
        bad = BadRows(ctx, self.on_bad_lines)
        try:
            convert = converter(schema, self._reading())
        except (ValueError, KeyError, TypeError) as error:
            raise TaskFailed(f"The schema can't be used: {error}") from None
        for number, row in enumerate(table(ctx, self.source), 1):
            try:
                yield cast(Mapping[str, object], convert(self._flagged(row)))
            except (ValueError, TypeError) as error:
                bad.meet(f"Row {number}: {error}{'' if self.schema else REMEDY}")

    def _reading(self) -> Reading:
        zone = zone_of(self.time_zone_id)
        day, clock, instant = readers(self.date_format, self.time_format, self.datetime_format, zone)
        return Reading(
            true_values=frozenset(text.lower() for text in self.true_values),
            false_values=frozenset(text.lower() for text in self.false_values),
            # Texts of rows that have been looked at are what they are: `NA` may be Namibia.
            null_values=frozenset(self.null_values) if self.schema or self.infer_all_fields else frozenset(),
            date=day,
            time=clock,
            instant=instant,
            zone=zone,
            point=self.decimal_separator,
            strict=self.strict_schema,
        )

    def _flagged(self, row: object) -> object:
        """With booleans and nulls for the texts that stand for them, where these are to be inferred."""
        if not self.infer_all_fields or not isinstance(row, Mapping):
            return row
        return {key: self._flag(value) if type(value) is str else value for key, value in row.items()}

    def _flag(self, text: str) -> object:
        if text in self.null_values:
            return None
        low = text.lower()
        return low in self.true_values if low in self.true_values or low in self.false_values else text
