"""Flows as their texts say what they are."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping

import yaml

from kapell.ports.flows import StoredFlow
from kapell.sdk import Output, RunContext

FILE = "exported_flows.zip"


class ExportOutput(Output, frozen=True, kw_only=True):
    """Where the ZIP file is: a file `<namespace>-<id>.yml` for each flow."""

    flows_zip: str


def written(flow: StoredFlow) -> dict[str, object]:
    """What stands in a flow's text, with its revision."""
    text = yaml.safe_load(flow.source)
    own = {str(key): value for key, value in text.items()} if isinstance(text, Mapping) else {}
    return {**own, "id": flow.id, "namespace": flow.namespace, "revision": flow.revision, "disabled": flow.disabled}


def exported(ctx: RunContext, flows: Iterable[StoredFlow]) -> ExportOutput:
    """Store the texts of flows."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for flow in flows:
            archive.writestr(f"{flow.namespace}-{flow.id}.yml", flow.source)
    packed.seek(0)
    return ExportOutput(flows_zip=ctx.files.put(f"{ctx.storage_prefix}/{FILE}", packed))
