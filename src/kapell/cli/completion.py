"""`kapell completion`: scripts that make a shell complete kapell's commands, made from the parser itself."""

from __future__ import annotations

from argparse import Action, ArgumentParser, _SubParsersAction
from collections.abc import Iterator, Mapping

BASH = """\
# kapell's completion for bash; put into ~/.bashrc: source <(kapell completion bash)
_kapell() {{
  local command="" word
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "${{command}} ${{word}}" in
{paths}
    esac
  done
  local words=""
  case "${{command}}" in
{words}
  esac
  # options only where one is begun: elsewhere files are likelier
  local typed="${{COMP_WORDS[COMP_CWORD]}}" known=()
  for word in ${{words}}; do [[ ${{typed}} == -* || ${{word}} != -* ]] && known+=("${{word}}"); done
  COMPREPLY=($(compgen -W "${{known[*]}}" -- "${{typed}}"))
}}
complete -o default -F _kapell kapell
"""
ZSH = """\
#compdef kapell
# kapell's completion for zsh; put into ~/.zshrc: source <(kapell completion zsh)
_kapell() {{
  local command="" word
  for word in "${{(@)words[2,CURRENT-1]}}"; do
    case "${{command}} ${{word}}" in
{paths}
    esac
  done
  local -a known
  case "${{command}}" in
{words}
  esac
  [[ $PREFIX == -* ]] || known=("${{(@)known:#-*}}")
  _describe kapell known || _files
}}
compdef _kapell kapell
"""


def script(shell: str, parser: ArgumentParser) -> str:
    """The script for `bash`, `zsh` or `fish`."""
    commands = dict(_commands("", parser))
    if shell == "fish":
        return _fish(commands)
    paths = "\n".join(f"      '{path}') command='{path}' ;;" for path in commands if path)
    if shell == "zsh":
        words = "\n".join(f"    '{path}') known=({_described(words)}) ;;" for path, words in commands.items())
        return ZSH.format(paths=paths, words=words)
    words = "\n".join(f"    '{path}') words='{' '.join(words)}' ;;" for path, words in commands.items())
    return BASH.format(paths=paths, words=words)


def _commands(path: str, parser: ArgumentParser) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Each command by its path (` plugins list`), with the words that may follow it and what they are for."""
    words: dict[str, str] = {}
    inner: list[tuple[str, ArgumentParser]] = []
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
            words |= {name: helps.get(name, "") for name in action.choices}
            inner += [(f"{path} {name}", sub) for name, sub in action.choices.items()]
        else:
            words |= dict.fromkeys(_words(action), action.help or "")
    yield path, words
    for below, sub in inner:
        yield from _commands(below, sub)


def _words(action: Action) -> list[str]:
    long = [option for option in action.option_strings if option.startswith("--")]
    return long or [str(choice) for choice in action.choices or ()]


def _described(words: Mapping[str, str]) -> str:
    return " ".join(f"'{word}:{_plain(told)}'" for word, told in words.items())


def _fish(commands: Mapping[str, Mapping[str, str]]) -> str:
    lines = ["# kapell's completion for fish; put into ~/.config/fish/config.fish: kapell completion fish | source"]
    for path, words in commands.items():
        names = path.split()
        seen = " ; and ".join(f"__fish_seen_subcommand_from {name}" for name in names) or "__fish_use_subcommand"
        # what a command's own commands take is theirs alone
        deeper = [other.split()[-1] for other in commands if other.startswith(f"{path} ") and path]
        if deeper:
            seen += f" ; and not __fish_seen_subcommand_from {' '.join(deeper)}"
        for word, told in words.items():
            what = f"-l {word[2:]}" if word.startswith("--") else f"-a {word}"
            lines.append(f"complete -c kapell -n '{seen}' {what} -d '{_plain(told)}'")
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """Words for a shell's single quotes."""
    return text.replace("'", "").replace(":", " -")
