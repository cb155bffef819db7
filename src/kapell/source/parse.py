"""Tree → Flow: every key of a flow has its reader here or in the module that is named after it."""

from __future__ import annotations

import re
from typing import NamedTuple

from kapell.model.flow import Flow, Task
from kapell.source.defaults import read_defaults
from kapell.source.fields import NOT_NULL, Fields
from kapell.source.inputs import read_inputs, read_outputs
from kapell.source.labels import read_labels
from kapell.source.nodes import MapNode, Place
from kapell.source.policies import read_checks, read_concurrency, read_slas
from kapell.source.problem import TOP, Findings
from kapell.source.tasks import Site, Tasks, retry_in
from kapell.source.triggers import TriggerSite, read_triggers

FLOW_ID = "^[a-zA-Z0-9][a-zA-Z0-9._-]*"
NAMESPACE = "^[a-z0-9][a-z0-9._-]*"
RESERVED = frozenset(
    "pause resume force-run change-status kill executions search source disable enable".split()  # noqa: SIM905
)
_CLASS = "io.kestra.core.models.flows.Flow"
_OTHERS = ("revision", "tenantId", "deleted", "updated", "workerGroup", "workerSelector", "policyRefs")


class Parsed(NamedTuple):
    """A flow with the places of its parts; what was wrong is in the findings and left out of the flow."""

    flow: Flow
    root: MapNode
    sites: list[Site]
    triggers: tuple[TriggerSite, ...]


def parse(root: MapNode, source: str, findings: Findings, *, tenant: str, revision: int) -> Parsed:
    """The flow that `root` describes."""
    fields = Fields(root, TOP, findings)
    tasks = Tasks(findings, read_defaults(fields))
    triggers = read_triggers(fields, tasks)
    flow = Flow(
        id=_name(fields, "id", FLOW_ID, 100),
        namespace=_name(fields, "namespace", NAMESPACE, 150),
        source=source,
        tenant=tenant,
        revision=revision,
        description=fields.text("description") or "",
        tasks=_tasks(fields, tasks),
        errors=tasks.all(fields.maps("errors")),
        finally_=tasks.all(fields.maps("finally")),
        after_execution=(*tasks.all(fields.maps("afterExecution")), *_listeners(fields, tasks)),
        inputs=read_inputs(fields.maps("inputs"), findings),
        outputs=read_outputs(fields.maps("outputs"), findings),
        variables=fields.values("variables"),
        labels=read_labels(fields),
        triggers=tuple(site.trigger for site in triggers),
        concurrency=read_concurrency(fields),
        retry=retry_in(fields),
        sla=read_slas(fields),
        checks=read_checks(fields),
        disabled=fields.boolean("disabled"),
        draft=fields.boolean("draft"),
    )
    if fields.node("quotas") is not None:
        place = Place("", fields.place.key("quotas").pointer)
        message = "Invalid Flow: Quotas are only available in Enterprise Edition."
        findings.error("not-supported", message, place, fields.at("quotas"), "limit what runs with `concurrency`")
    fields.refuse_unknown(_CLASS, _OTHERS)
    return Parsed(flow, root, tasks.sites, triggers)


def _name(fields: Fields, key: str, pattern: str, longest: int) -> str:
    text = fields.text(key)
    if fields.node(key) is None:
        fields.wrong(key, NOT_NULL, "missing")
    if key == "id" and not text:
        fields.wrong(key, "must not be blank", "missing")
    if fields.node(key) is None or text is None:
        return ""
    if not re.fullmatch(pattern, text, re.ASCII):
        fields.wrong(key, f'must match "{pattern}"', "bad-id")
    if not 1 <= len(text) <= longest:
        fields.wrong(key, f"size must be between 1 and {longest}", "bad-id")
    if key == "id" and text in RESERVED:
        words = ", ".join(sorted(RESERVED))
        message = f"Flow id is a reserved keyword: {text}. List of reserved keywords: {words}"
        fields.wrong(key, message, "reserved-id")
    return text


def _tasks(fields: Fields, tasks: Tasks) -> tuple[Task, ...]:
    found = tasks.all(fields.maps("tasks"))
    if not found:
        fields.wrong("tasks", "must not be empty", "missing")
    return found


def _listeners(fields: Fields, tasks: Tasks) -> tuple[Task, ...]:
    """Kestra: listeners ran when the execution had ended, as `afterExecution` does today."""
    found: list[Task] = []
    for node, place in fields.maps("listeners"):
        listener = Fields(node, place, fields.findings)
        listener.text("description")
        found.extend(tasks.all(listener.maps("tasks")))
        if listener.node("conditions") is not None:
            remedy = "write its tasks under `afterExecution`, with `runIf` on `execution.state`"
            listener.wrong("conditions", "a listener's conditions are not supported", "not-supported", remedy)
        listener.refuse_unknown("io.kestra.core.models.listeners.Listener")
    return tuple(found)
