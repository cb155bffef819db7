"""Functions that read: secrets, key-values, files, HTTP, logs, subflows. Each is one question to the reader."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kapell.errors import RenderError
from kapell.expr.json import parse_json
from kapell.expr.operator import truth
from kapell.expr.printing import java_text, json_text
from kapell.expr.registry import as_function
from kapell.expr.runtime import MISSING, Frame
from kapell.expr.secrets import mask_all
from kapell.expr.value import given, optional_text, text
from kapell.model.read import Read, ReadFailed, ReadKind

_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:.*", re.S)
_KNOWN_SCHEMES = ("kestra:///", "file://", "nsfile://")
_EXECUTION_FILE = re.compile(r"kestra:///(?:.+/.+/executions/.+/.+|.+/_files/.*)", re.S)
_UP = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)")


def ask(frame: Frame, kind: ReadKind, name: str, scope: str = "", **options: object) -> object:
    """The reader's answer; its refusal becomes a `RenderError` with the same sentence."""
    pairs = tuple(sorted((key, json_text(value)) for key, value in options.items() if given(value) is not None))
    try:
        return frame.env.reader(Read(kind=kind, name=name, scope=scope, options=pairs))
    except ReadFailed as error:
        raise RenderError(str(error)) from error


def namespace_of(frame: Frame, namespace: object) -> str:
    """The namespace given, else that of the rendering, else that of the flow."""
    chosen = optional_text(namespace, "namespace")
    if chosen is None:
        flow = frame.find("flow")
        own = flow.get("namespace") if isinstance(flow, Mapping) else None
        chosen = frame.env.namespace or (own if isinstance(own, str) else "")
    return chosen


@as_function("secret", "key", "namespace", "subkey", frame=True)
def secret(frame: Frame, key: object = MISSING, namespace: object = MISSING, subkey: object = MISSING) -> object:
    """A secret, or one member of a secret that is JSON; masked wherever it may be shown.

    {{ secret('API_TOKEN') }} → s3cr3t
    """
    if key is MISSING:
        raise RenderError("The 'secret' function expects an argument 'key'.")
    name, member = text(key, "secret"), optional_text(subkey, "secret")
    value = ask(frame, "secret", name, namespace_of(frame, namespace))
    if value is None:
        raise RenderError(f"Cannot find secret for key '{name}'.")
    if member:
        value = _member(value, name, member)
    frame.secrets += 1
    mask_all(value, frame.env.mask)
    return value


def _member(value: object, name: str, member: str) -> str:
    try:
        parsed = parse_json(java_text(value))
    except ValueError:
        raise RenderError(
            f"Failed to read secret sub-key '{member}' from secret '{name}'. "
            "Ensure the secret contains valid JSON value."
        ) from None
    if not isinstance(parsed, Mapping) or member not in parsed:
        raise RenderError(f"Cannot find secret sub-key '{member}' in secret '{name}'.")
    found = parsed[member]
    return json_text(found) if isinstance(found, (Mapping, list)) else java_text(found)


@as_function("kv", "key", "namespace", "errorOnMissing", frame=True)
def kv(frame: Frame, key: object = MISSING, namespace: object = MISSING, error_on_missing: object = MISSING) -> object:
    """A value of a namespace's key-value store; null for a missing key only when `errorOnMissing` is false.

    {{ kv('counter', errorOnMissing=false) ?? 0 }} → 0
    """
    if key is MISSING:
        raise RenderError("The 'kv' function expects an argument 'key'.")
    name, scope = text(key, "kv"), namespace_of(frame, namespace)
    value = ask(frame, "kv", name, scope)
    if value is None and (given(error_on_missing) is None or truth(error_on_missing)):
        raise RenderError(f"The key '{name}' does not exist in the namespace '{scope}'.")
    return value


_FILE_WORDS = "that is a path to a namespace file or an internal storage URI."
_URI_WORDS = "that is a path to the internal storage URI."


@as_function("read", "path", "namespace", frame=True)
def read(frame: Frame, path: object = MISSING, namespace: object = MISSING) -> object:
    """The text of a file: of internal storage, `nsfile:///…`, or a namespace file's path.

    {{ read(outputs.write.uri) }} → hello
    """
    return _file(frame, "file", "read", path, namespace, _FILE_WORDS)


@as_function("fileSize", "path", "namespace", frame=True)
def file_size(frame: Frame, path: object = MISSING, namespace: object = MISSING) -> object:
    """The size of a file in bytes.

    {{ fileSize(outputs.write.uri) }} → 5
    """
    return _file(frame, "file_size", "fileSize", path, namespace, _URI_WORDS)


@as_function("fileExists", "path", "namespace", frame=True)
def file_exists(frame: Frame, path: object = MISSING, namespace: object = MISSING) -> object:
    """Whether there is such a file.

    {{ fileExists('scripts/none.py') }} → false
    """
    return bool(_file(frame, "file_exists", "fileExists", path, namespace, _URI_WORDS))


@as_function("isFileEmpty", "path", "namespace", frame=True, also="fileEmpty")
def is_file_empty(frame: Frame, path: object = MISSING, namespace: object = MISSING) -> object:
    """Whether a file has no bytes.

    {{ isFileEmpty(outputs.write.uri) }} → false
    """
    return _file(frame, "file_size", "isFileEmpty", path, namespace, _URI_WORDS) == 0


def _file(frame: Frame, kind: ReadKind, name: str, path: object, namespace: object, words: str) -> object:
    if path is MISSING:
        raise RenderError(f"The '{name}' function expects an argument 'path' {words}")
    if not isinstance(path, str):
        raise RenderError(f"Unable to read the file {java_text(path)}")
    _check_path(path)
    if path.startswith("nsfile://") and not path.startswith("nsfile:///") and given(namespace) is not None:
        raise RenderError("You cannot set a namespace both as the function argument and inside the URI")
    return ask(frame, kind, path, namespace_of(frame, namespace))


def _check_path(path: str) -> None:
    if not path.startswith(_KNOWN_SCHEMES) and _SCHEME.fullmatch(path):
        raise RenderError(f"Cannot process the URI {path}: scheme not supported.")
    if _UP.search(path):
        raise RenderError("File should be accessed with their full path and not using relative '..' path.")
    if path.startswith("kestra:///") and not _EXECUTION_FILE.fullmatch(path):
        raise RenderError(f"Unable to read the file '{path}' as it is not an execution file")


@as_function("fileURI", "path", "revision", frame=True)
def file_uri(frame: Frame, path: object = MISSING, revision: object = MISSING) -> object:
    """The internal address of a namespace file, of one of its revisions if that is said.

    {{ fileURI('a.txt') | endsWith('/_files/a.txt') }} → true
    """
    if given(path) is None:
        raise RenderError("The 'fileURI' function expects an argument 'path' that is a path to a namespace file.")
    name = java_text(path)
    if _UP.search(name):
        raise RenderError("Path must not contain '../'")
    if name.startswith("kestra://"):
        return name
    namespace, name = namespace_of(frame, MISSING), name.removeprefix("nsfile://").lstrip("/")
    uri = f"kestra:///{namespace.replace('.', '/')}/_files/{name}"
    if given(revision) is None:
        return uri
    number = _revision(revision)
    found = ask(frame, "file_exists", name, namespace, revision=number)
    if not found:
        raise RenderError(f"Revision {number} of file '/{name}' was not found in namespace '{namespace}'.")
    return found if isinstance(found, str) else uri


def _revision(value: object) -> int:
    try:
        return int(java_text(value))
    except ValueError:
        raise RenderError("The 'fileURI' function expects the 'revision' argument to be a valid integer.") from None


@as_function("http", "uri", "method", "query", "body", "contentType", "headers", "options", "accept", frame=True)
def http(
    frame: Frame,
    uri: object = MISSING,
    method: object = MISSING,
    query: object = MISSING,
    body: object = MISSING,
    content_type: object = MISSING,
    headers: object = MISSING,
    options: object = MISSING,
    accept: object = MISSING,
) -> object:
    """The body of an HTTP answer, parsed if it is JSON; sends and asks for JSON unless told otherwise.

    {{ http(uri='https://example.com/api').name }} → ann
    """
    if given(uri) is None:
        raise RenderError("The 'http' function expects an argument 'uri'.")
    verb = "GET" if given(method) is None else java_text(method).upper()
    kept = {"method": verb, "query": query, "body": body, "contentType": content_type, "accept": accept}
    kept |= {"headers": headers, "options": options}
    return ask(frame, "http", java_text(uri), "", **kept)


@as_function("errorLogs", frame=True)
def error_logs(frame: Frame) -> object:
    """The ERROR lines of the execution so far, each with taskId, message, timestamp; in tasks only.

    {{ errorLogs() | jq('map(.message)') | first }} → ["boom"]
    """
    if not frame.env.in_worker:
        raise RenderError(
            "The 'errorLogs' function can only be used in the Worker as it access logs from the database."
        )
    execution = frame.find("execution")
    name = execution.get("id") if isinstance(execution, Mapping) else None
    return ask(frame, "error_logs", java_text(name) if name is not None else "")


@as_function("subflow", "namespace", "id", "inputs", "revision", "labels", "timeout", frame=True)
def subflow(
    frame: Frame,
    namespace: object = MISSING,
    id: object = MISSING,
    inputs: object = MISSING,
    revision: object = MISSING,
    labels: object = MISSING,
    timeout: object = MISSING,
) -> object:
    """Run a flow while inputs are resolved; gives its id, state, outputs and labels.

    {{ subflow('company.team', 'regions').outputs.names }} → ["eu","us"]
    """
    if any(frame.find(name) not in (None, MISSING) for name in ("taskrun", "trigger")):
        raise RenderError(
            "The 'subflow' function can only be used at flow-input render time (e.g. an input's 'values'); "
            "it is not supported inside task or trigger properties."
        )
    if given(namespace) is None or given(id) is None:
        raise RenderError("The 'subflow' function expects the arguments 'namespace' and 'id'.")
    checks: tuple[tuple[object, str], ...] = ((inputs, "inputs"), (labels, "labels"))
    for value, name in checks:
        if given(value) is not None and not isinstance(value, Mapping):
            raise RenderError(f"The 'subflow' function '{name}' must be a map of string keys to values.")
    return ask(
        frame,
        "subflow",
        text(id, "subflow"),
        text(namespace, "subflow"),
        inputs=inputs,
        revision=revision,
        labels=labels,
        timeout=timeout,
    )
