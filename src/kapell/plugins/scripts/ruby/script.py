"""`io.kestra.plugin.scripts.ruby.Script`."""

from __future__ import annotations

from kapell.plugins.scripts._script import InlineScript
from kapell.sdk import Example


class Script(InlineScript):
    """Run a Ruby script that is written in the flow."""

    extension = ".rb"
    program = ("ruby",)
    examples = (Example("Say hello", 'script: |\n  puts "Hello {{ inputs.name }}"'),)
