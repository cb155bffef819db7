"""What `CopyIn` and `CopyOut` share: the command COPY and its options."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from kapell.plugins.jdbc.postgresql._connection import PostgresJdbc
from kapell.sdk import Templated, prop

Format = Literal["TEXT", "CSV", "BINARY"]


class Copying(PostgresJdbc):
    """Copies between a file and a table."""

    table: Templated[str] | None = prop("The table, with its schema if need be.", default=None)
    columns: Templated[list[str]] | None = prop("The columns; all if none is named.", default=None)
    format: Templated[Format] = prop("What the file is.", default="TEXT")
    header: Templated[bool] | None = prop("Whether the first line holds the names of the columns.", default=None)
    delimiter: Templated[str] | None = prop("The character between two fields.", default=None)
    null_string: Templated[str] | None = prop("What stands for null.", default=None)
    quote: Templated[str] | None = prop("The character around a field that needs it, in CSV.", default=None)
    escape: Templated[str] | None = prop("The character before a quote that is meant, in CSV.", default=None)
    force_quote: Templated[list[str]] | None = prop("Columns that are always quoted, `*` for all.", default=None)
    force_not_null: Templated[list[str]] | None = prop("Columns in which nothing is null.", default=None)
    force_null: Templated[list[str]] | None = prop("Columns in which a quoted text can be null.", default=None)
    freeze: Templated[bool] | None = prop("Whether rows are written as if by VACUUM FREEZE.", default=None)
    encoding: Templated[str] | None = prop("How the file is encoded.", default=None)
    socket_timeout: Templated[int] | None = prop(
        "Seconds after which a server that acknowledges nothing counts as lost.", default=None, least=0
    )

    def place(self, folder: Path) -> dict[str, str]:
        """How to connect."""
        lost = {} if self.socket_timeout is None else {"tcp_user_timeout": str(self.socket_timeout * 1000)}
        return {**super().place(folder), **lost}

    def command(self, what: str, direction: str) -> str:
        """The command, with what is copied: a table, or a query in parentheses."""
        columns = f" ({', '.join(self.columns)})" if self.columns and not what.startswith("(") else ""
        options = [*self._options()]
        return f"COPY {what}{columns} {direction}" + (f" WITH ({', '.join(options)})" if options else "")

    def _options(self) -> Iterator[str]:
        if self.format != "TEXT":
            yield f"FORMAT {self.format}"
        for name, flag in (("FREEZE", self.freeze), ("HEADER", self.header)):
            if flag is not None:
                yield f"{name} {'TRUE' if flag else 'FALSE'}"
        for name, text in (
            ("DELIMITER", self.delimiter),
            ("NULL", self.null_string),
            ("QUOTE", self.quote),
            ("ESCAPE", self.escape),
            ("ENCODING", self.encoding),
        ):
            if text is not None:
                yield f"{name} {literal(text)}"
        for name, columns in (
            ("FORCE_QUOTE", self.force_quote),
            ("FORCE_NOT_NULL", self.force_not_null),
            ("FORCE_NULL", self.force_null),
        ):
            if columns:
                named = f"({', '.join(columns)})"
                yield f"{name} {'*' if [*columns] == ['*'] else named}"


def literal(text: str) -> str:
    """A text as SQL writes it; a backslash is one."""
    return "'" + text.replace("'", "''") + "'"
