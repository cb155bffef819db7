"""SQL as text: cut into statements, and with its parameters numbered. Texts, names and comments are left alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from kapell.sdk import TaskFailed

QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`")
ESCAPED = re.compile(r"[eE]'(?:[^'\\]|\\.|'')*'", re.DOTALL)
DOLLAR = re.compile(r"\$([A-Za-z_]\w*)?\$")
MARKS = re.compile(r"\(\?(,\?)*\);?")
OTHER = re.compile(r"--[^\n]*|::|:=|:[A-Za-z_]\w*|\?|;|[\w$]+|.", re.DOTALL)


def tokens(sql: str) -> Iterator[str]:
    """The text in pieces: what is quoted or a comment is one piece, parameters and semicolons are others."""
    at = 0
    while at < len(sql):
        piece = _piece(sql, at)
        yield piece
        at += len(piece)


def _piece(sql: str, at: int) -> str:
    if sql.startswith("/*", at):
        return _comment(sql, at)
    for pattern in (ESCAPED, QUOTED):
        if match := pattern.match(sql, at):
            return match[0]
    if match := DOLLAR.match(sql, at):
        end = sql.find(match[0], match.end())
        return sql[at:] if end < 0 else sql[at : end + len(match[0])]
    match = OTHER.match(sql, at)
    return match[0] if match else sql[at:]


def _comment(sql: str, at: int) -> str:
    """A comment with the comments in it."""
    depth = 0
    for mark in re.compile(r"/\*|\*/").finditer(sql, at):
        depth += 1 if mark[0] == "/*" else -1
        if depth == 0:
            return sql[at : mark.end()]
    return sql[at:]


def statements(sql: str, is_whole: Callable[[str], bool] = lambda _text: True) -> list[str]:
    """The statements, without the semicolons between them.

    `is_whole` is asked at each semicolon whether what stands before it is a statement to its end.
    """
    found, text = [], ""
    for piece in tokens(sql):
        if piece == ";" and is_whole(f"{text};"):
            found.append(text.strip())
            text = ""
        else:
            text += piece
    return [statement for statement in [*found, text.strip()] if not _is_empty(statement)]


def words_of(statement: str) -> Iterator[str]:
    """Its pieces, without blanks and comments."""
    return (piece for piece in tokens(statement) if not piece.isspace() and not piece.startswith(("--", "/*")))


def _is_empty(statement: str) -> bool:
    return next(words_of(statement), None) is None


def with_parameters(sql: str, parameters: Mapping[str, object], mark: str) -> tuple[str, list[object]]:
    """The SQL with `:name` as numbered marks, and the values in order; names that nobody gave stay as they are."""
    order: dict[str, int] = {}
    made = []
    for piece in tokens(sql):
        name = piece[1:]
        if piece[:1] == ":" and name in parameters:
            made.append(f"{mark}{order.setdefault(name, len(order) + 1)}")
        else:
            made.append(piece)
    return "".join(made), [parameters[name] for name in order]


def with_marks(sql: str, mark: str) -> tuple[str, int]:
    """The SQL with each `?` as a numbered mark, and how many there are."""
    made: list[str] = []
    count = 0
    for piece in tokens(sql):
        count += piece == "?"
        made.append(f"{mark}{count}" if piece == "?" else piece)
    return "".join(made), count


def insert_of_marks(sql: str) -> tuple[str, int] | None:
    """Of an INSERT with a row of `?`, what stands before its VALUES, and how many there are; None of anything else."""
    pieces = [*tokens(sql)]
    places = [at for at, piece in enumerate(pieces) if piece.upper() == "VALUES"]
    if len(places) != 1 or next(words_of(sql), "").upper() != "INSERT" or "?" in pieces[: places[0]]:
        return None
    group = "".join(words_of("".join(pieces[places[0] + 1 :])))
    return ("".join(pieces[: places[0]]), group.count("?")) if MARKS.fullmatch(group) else None


def insert_into(table: str, columns: Sequence[str]) -> str:
    """An INSERT of all columns; names are quoted, since they come from data."""
    if not columns:
        raise TaskFailed("There are no columns to insert")
    names = ", ".join(f'"{column.replace(chr(34), chr(34) * 2)}"' for column in columns)
    return f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"
