"""Java's regular expressions → those of the `regex` module: what both write alike but mean differently is respelt.

Counted repeats are weighed on the way, because the module writes them out when it compiles.
"""

from __future__ import annotations

import re

from kapell.errors import RenderError

LONGEST = 50_000
HEAVIEST = 100_000
DEEPEST = 100
LONGEST_SHOWN = 200

_ENDS = r"\n\r\x85\u2028\u2029"
_LAST = r"(?:\Z|(?=\r\n\Z|[\r\x85\u2028\u2029]\Z)|(?<!\r)(?=\n\Z))"
_LINE_START = r"(?:\A|(?<=[\n\x85\u2028\u2029])(?!\Z)|(?<=\r)(?![\n]|\Z))"
_LINE_END = r"(?:\Z|(?=[\r\x85\u2028\u2029])|(?<!\r)(?=\n))"
_HORIZONTAL = r"\t \xa0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000"
_VERTICAL = r"\n\x0b\f\r\x85\u2028\u2029"

_PROPERTIES = {
    "Lower": "a-z",
    "Upper": "A-Z",
    "ASCII": r"\x00-\x7f",
    "Alpha": "a-zA-Z",
    "Digit": "0-9",
    "Alnum": "a-zA-Z0-9",
    "Punct": r"!-/\:-@\[-`{-~",
    "Graph": "!-~",
    "Print": " -~",
    "Blank": r" \t",
    "Cntrl": r"\x00-\x1f\x7f",
    "XDigit": "0-9a-fA-F",
    "Space": r" \t\n\x0b\f\r",
    "javaLowerCase": r"\p{Lowercase}",
    "javaUpperCase": r"\p{Uppercase}",
    "javaWhitespace": r"\s\x1c-\x1f\p{Zs}\p{Zl}\p{Zp}--[\xa0\u2007\u202f]",
    "IsDigit": r"\p{Nd}",
    "IsLetter": r"\p{L}",
    "IsPunctuation": r"\p{P}",
    "L1": r"\x00-\xff",
    "all": r"\x00-\U0010ffff",
}
_WORD = "a-zA-Z0-9_"
_SETS = {"d": "0-9", "h": _HORIZONTAL, "s": r" \t\n\x0b\f\r", "v": _VERTICAL, "w": _WORD}
_KEPT = frozenset("tnrfa")
_OUTSIDE = {
    "A": r"\A",
    "b": rf"(?:(?<=[{_WORD}])(?![{_WORD}])|(?<![{_WORD}])(?=[{_WORD}]))",
    "B": rf"(?:(?<=[{_WORD}])(?=[{_WORD}])|(?<![{_WORD}])(?![{_WORD}]))",
    "G": r"\G",
    "R": r"(?>\r\n|[\n\x0b\f\r\x85\u2028\u2029])",
    "X": r"\X",
    "Z": _LAST,
    "z": r"\Z",
}
_CODE = re.compile(r"x([0-9a-fA-F]{2})|x\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|0([0-3]?[0-7]{1,2})|c(.)", re.S)
_PROPERTY = re.compile(r"[pP](?:\{(\^?[\w= ]+)\}|(\w))")
_COUNT = re.compile(r"\{(\d{1,9})(?:(,)(\d{1,9})?)?\}")
_OPENING = re.compile(r"\?(?::|=|!|<=|<!|>|<([a-zA-Z][a-zA-Z0-9]*)>|([a-zA-Z]*)(?:-([a-zA-Z]*))?([:)]))")


def shortened(source: str) -> str:
    """A pattern as an error shows it."""
    return source if len(source) <= LONGEST_SHOWN else source[:LONGEST_SHOWN] + "…"


def translate(source: str) -> str:
    """The same pattern for the `regex` module; raises `RenderError` with Java's words when it is none."""
    if len(source) > LONGEST:
        raise RenderError(f"The regular expression has more than {LONGEST} characters")
    return _Translator(source).run()


class _Translator:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.out: list[str] = []
        self.flags = frozenset[str]()
        self.groups: list[tuple[frozenset[str], int]] = []
        self.weight = 0
        self.atom = 0

    def error(self, words: str) -> RenderError:
        return RenderError(f"Invalid regex '{shortened(self.source)}': {words}")

    def run(self) -> str:
        while self.at < len(self.source):
            self.step(self.source[self.at])
        if self.groups:
            raise self.error("Unclosed group")
        return "".join(self.out)

    def step(self, character: str) -> None:
        self.at += 1
        match character:
            case "(":
                self.open()
            case ")":
                self.close()
            case "[":
                self.put(self.set(0))
            case "\\":
                self.escape()
            case "{" | "*" | "+" | "?":
                self.repeat(character)
            case "|":
                self.out.append("|")
                self.atom = 0
            case ".":
                self.put("(?s:.)" if "s" in self.flags else f"[^{_ENDS}]")
            case "^":
                self.put(_LINE_START if "m" in self.flags else r"\A")
            case "$":
                self.put(_LINE_END if "m" in self.flags else _LAST)
            case _ if "x" in self.flags and character in " \t\n\x0b\f\r":
                pass
            case "#" if "x" in self.flags:
                end = self.source.find("\n", self.at)
                self.at = len(self.source) if end < 0 else end
            case _:
                self.literal(character)

    def literal(self, character: str) -> None:
        """A character that stands for itself; `(?i)` alone is about ASCII letters."""
        exact = "i" in self.flags and "u" not in self.flags and not character.isascii()
        self.put(f"(?-i:{re.escape(character)})" if exact else re.escape(character))

    def put(self, atom: str) -> None:
        self.out.append(atom)
        self.atom = 1
        self.weigh(1)

    def weigh(self, more: int) -> None:
        self.weight += more
        if self.weight > HEAVIEST:
            raise self.error("its repeats are too many to be written out")

    def open(self) -> None:
        opening = _OPENING.match(self.source, self.at)
        if opening is None:
            if self.source.startswith("?", self.at):
                raise self.error("Unknown inline modifier")
            self.enter("(")
            return
        self.at = opening.end()
        name, on, off, end = opening.groups()
        if end is None:
            self.enter(f"(?P<{name}>" if name else "(" + opening[0])
            return
        if not set(on + (off or "")) <= set("idmsuxU"):
            raise self.error("Unknown inline modifier")
        flags = (self.flags | set(on)) - set(off or "")
        letters = ("i" if "i" in on else "") + ("-i" if "i" in (off or "") else "")
        if end == ":":
            self.enter(f"(?{letters}:")
        elif letters:
            self.out.append(f"(?{letters})")
        self.flags = flags

    def enter(self, opening: str) -> None:
        if len(self.groups) >= DEEPEST:
            raise self.error(f"it is nested deeper than {DEEPEST} levels")
        self.out.append(opening)
        self.groups.append((self.flags, self.weight))
        self.weight, self.atom = 1, 0

    def close(self) -> None:
        if not self.groups:
            raise self.error("Unmatched closing ')'")
        self.out.append(")")
        inner = self.weight
        self.flags, self.weight = self.groups.pop()
        self.weigh(inner)
        self.atom = inner

    def repeat(self, character: str) -> None:
        if character != "{":
            if not self.atom:
                raise self.error(f"Dangling meta character '{character}'")
            self.out.append(character)
        else:
            count = _COUNT.match(self.source, self.at - 1)
            if count is None:
                raise self.error("Illegal repetition")
            self.at = count.end()
            if not self.atom:
                return
            least, most = int(count[1]), int(count[3] or count[1])
            if most < least:
                raise self.error("Illegal repetition range")
            self.weigh(self.atom * max(0, (most if self.atom > 1 else least) - 1))
            self.out.append(count[0])
        if self.source[self.at : self.at + 1] in ("?", "+"):
            self.out.append(self.source[self.at])
            self.at += 1
        self.atom = 0

    def escape(self) -> None:
        if self.source.startswith("Q", self.at):
            for character in self.quoted():
                self.literal(character)
            return
        letter = self.source[self.at : self.at + 1]
        if letter.isdigit() and letter != "0":
            number = re.compile(r"\d+").match(self.source, self.at)
            assert number is not None
            self.at = number.end()
            self.put(rf"\g<{number[0]}>")
        elif letter in _OUTSIDE:
            self.at += 1
            self.put(_OUTSIDE[letter])
        elif name := re.compile(r"k<([a-zA-Z][a-zA-Z0-9]*)>").match(self.source, self.at):
            self.at = name.end()
            self.put(f"(?P={name[1]})")
        else:
            self.put(self.character())

    def quoted(self) -> str:
        end = self.source.find("\\E", self.at)
        text = self.source[self.at + 1 : end if end >= 0 else len(self.source)]
        self.at = end + 2 if end >= 0 else len(self.source)
        return text

    def character(self) -> str:
        """An escape that stands for a character or a set of them, inside brackets and outside."""
        letter = self.source[self.at : self.at + 1]
        code = _CODE.match(self.source, self.at)
        named = _PROPERTY.match(self.source, self.at)
        if code:
            self.at = code.end()
            return re.escape(_decoded(code))
        if named:
            self.at = named.end()
            return _property(named[1] or named[2], negated=letter == "P")
        self.at += 1
        if letter in _KEPT:
            return "\\" + letter
        if letter.lower() in _SETS and letter:
            return f"[{'^' if letter.isupper() else ''}{_SETS[letter.lower()]}]"
        if letter == "e":
            return r"\x1b"
        if not letter or (letter.isascii() and letter.isalpha()):
            raise self.error("Illegal/unsupported escape sequence")
        return re.escape(letter)

    def set(self, depth: int) -> str:
        """What stands in brackets; in Java a bracket inside opens a set of its own."""
        if depth > DEEPEST:
            raise self.error(f"it is nested deeper than {DEEPEST} levels")
        made = ["["]
        if self.source.startswith("^", self.at):
            made.append("^")
            self.at += 1
        first = len(made)
        while self.at < len(self.source):
            character = self.source[self.at]
            self.at += 1
            if character == "]" and len(made) > first:
                return "".join([*made, "]"])
            if character == "[":
                made.append(self.set(depth + 1))
            elif character == "\\":
                made.append(re.escape(self.quoted()) if self.source.startswith("Q", self.at) else self.character())
            elif character == "&" and self.source.startswith("&", self.at):
                made.append("&&")
                self.at += 1
            else:
                made.append(character if character.isalnum() or character in "-&" else "\\" + character)
        raise self.error("Unclosed character class")


def _decoded(code: re.Match[str]) -> str:
    two, many, four, octal, control = code.groups()
    if control is not None:
        return chr(ord(control) ^ 64)
    point = int(octal, 8) if octal is not None else int(two or many or four, 16)
    return chr(point) if point < 0x110000 else "\ufffd"


def _property(name: str, *, negated: bool) -> str:
    if name in _PROPERTIES:
        return f"[{'^' if negated else ''}{_PROPERTIES[name]}]"
    return rf"\{'P' if negated else 'p'}{{{name}}}"
