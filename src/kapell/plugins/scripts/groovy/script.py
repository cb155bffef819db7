"""`io.kestra.plugin.scripts.groovy.Script`."""

from __future__ import annotations

from kapell.plugins.scripts._script import InlineScript
from kapell.sdk import Example


class Script(InlineScript):
    """Run a Groovy script that is written in the flow."""

    extension = ".groovy"
    stem = "kestra_script"
    program = ("groovy",)
    examples = (Example("Say hello", 'script: |\n  println "Hello {{ inputs.name }}"'),)
