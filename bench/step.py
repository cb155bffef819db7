"""`python -m bench.step STATE LIBRARIES NAME`: one task in a process of its own, its flow on standard input.

Prints seconds, bytes of memory at the peak above what was there once the libraries were imported, and the outputs.
The file that the task has made is then kept as the namespace's file NAME, where the next process can read it.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from bench import flows
from kapell.assembly.local import Local
from kapell.ports.files import Files
from kapell.sdk.namespace_files import NamespaceFiles

STATUS = Path("/proc/self/status")


class Memory(NamedTuple):
    """Bytes of this process that lie in memory, now and at the most."""

    now: int
    most: int


def memory() -> Memory:
    """Where the system does not tell what it is now, that is taken for the most: the peak so far."""
    if not STATUS.exists():
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return Memory(peak, peak)
    told = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
    return Memory(*(int(told[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM")))


def main(state: str, libraries: str, name: str) -> None:
    source = sys.stdin.read()
    with Local(state_dir=state) as local:
        local.apply(source)
        for library in filter(None, libraries.split(",")):
            importlib.import_module(library)
        before, start = memory(), time.perf_counter()
        ended = local.wait(local.create(flows.NAMESPACE, "step"))
        seconds, after = time.perf_counter() - start, memory()
        if ended.state != "SUCCESS":
            raise SystemExit("\n".join(line.message for line in local.logs(ended.id)))
        outputs = dict(ended.task_outputs("step"))
        keep(local.runtime.files, outputs, name)
    print(json.dumps({"seconds": seconds, "bytes": after.most - before.now, "outputs": outputs}))


def keep(files: Files, outputs: Mapping[str, object], name: str) -> None:
    """Copy the file, or the first of several."""
    several = outputs.get("uris")
    uri = next(iter(several.values())) if isinstance(several, Mapping) else outputs.get("uri")
    if uri is not None:
        with files.open(str(uri)) as content:
            NamespaceFiles(files).put(flows.NAMESPACE, name, content)


if __name__ == "__main__":
    main(*sys.argv[1:])
