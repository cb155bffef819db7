"""Inputs: what is given to an execution (or to a Pause), checked and converted by what is declared."""

from kapell.engine.inputs.choice import Choice
from kapell.engine.inputs.convert import convert_value
from kapell.engine.inputs.file import Upload
from kapell.engine.inputs.invalid import Invalid
from kapell.engine.inputs.resolve import Field, Resolved, resolve

__all__ = ["Choice", "Field", "Invalid", "Resolved", "Upload", "convert_value", "resolve"]
