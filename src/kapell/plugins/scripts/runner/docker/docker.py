"""`io.kestra.plugin.scripts.runner.docker.Docker`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kapell.sdk import Command, RunContext, TaskRunner, default_runner, prop
from kapell.sdk.prop import properties

PROCESS = "io.kestra.plugin.core.runner.Process"
NO_ENGINE = "No container engine is used here: the script runs as a process of the worker's machine"


class Docker(TaskRunner):
    """Ask for a container, where there is none: the command runs as a process of the worker's machine.

    The log says so in a warning, with the names of the options that therefore have no effect.
    """

    host: str | None = prop("Address of the Docker engine.", default=None)
    config: object = prop("Docker's own configuration, such as logins of registries.", default=None)
    credentials: Mapping[str, object] | None = prop("Login at the image's registry.", default=None)
    pull_policy: str | None = prop("When the image is fetched anew.", default=None)
    user: str | None = prop("User that the command runs as.", default=None)
    entry_point: object = prop("Program that is started in place of the image's.", default=None)
    extra_hosts: object = prop("Further names and addresses of hosts.", default=None)
    network_mode: str | None = prop("Network of the container.", default=None)
    port_bindings: object = prop("Ports of the container that can be reached from outside.", default=None)
    volumes: object = prop("Folders of the machine that the container sees.", default=None)
    device_requests: object = prop("Devices that the container may use, such as graphics processors.", default=None)
    cpu: Mapping[str, object] | None = prop("How much of the processors it may use.", default=None)
    memory: Mapping[str, object] | None = prop("How much memory it may use.", default=None)
    shm_size: object = prop("How much shared memory it may use.", default=None)
    privileged: object = prop("Whether the container may do all that its machine may.", default=None)
    file_handling_strategy: str | None = prop("How files get into the container, VOLUME or MOUNT.", default=None)
    delete: object = prop("Whether the container is removed afterwards.", default=None)
    wait: object = prop("Whether its end is awaited.", default=None)
    kill_grace_period: object = prop("How long a killed container has to end by itself.", default=None)

    def run(self, command: Command, ctx: RunContext, on_line: Callable[[str, bool], None]) -> int:
        """Say that there is no container, and run the command on the worker's machine."""
        idle = [prop.key for name, prop in properties(type(self)).items() if getattr(self, name) is not None]
        ctx.log("WARN", f"{NO_ENGINE}, {', '.join(idle)} without effect" if idle else NO_ENGINE)
        return default_runner(PROCESS).run(command, ctx, on_line)
