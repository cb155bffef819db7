"""`io.kestra.plugin.core.kv.PurgeKV`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Literal

from kapell.ports.kv import KvEntry
from kapell.sdk import Example, Output, Part, RunContext, RunnableTask, Templated, prop
from kapell.sdk.condition import read_moment
from kapell.sdk.glob import wildcard
from kapell.sdk.purging import ByNamespaces


class PurgeKVOutput(Output, frozen=True, kw_only=True):
    """What was purged."""

    size: int


class Behavior(Part):
    """What is purged: keys with all their revisions, or only revisions."""

    type: Templated[Literal["key", "version"]] = prop("`key`, or `version` for revisions.", default="key")
    expired_only: Templated[bool] = prop("Of keys: only those whose time is over.", default=True)
    keep_amount: Templated[int] | None = prop("Of revisions: how many of each key stay.", default=None, least=0)
    before: Templated[str] | None = prop(
        "Of revisions: only those written before this instant, and never a key's last one.", default=None
    )


class PurgeKV(ByNamespaces, RunnableTask[PurgeKVOutput]):
    """Remove keys or old revisions from the key-value store for good."""

    key_pattern: Templated[str] | None = prop("Which keys: `*` and `?` stand for anything.", default=None)
    behavior: Behavior | None = prop("What is purged: by default keys whose time is over.", default=None)
    expired_only: Templated[bool] | None = prop("Deprecated: `behavior` of type `key`.", default=None)

    examples = (
        Example("Expired keys of a namespace and those below", "namespaces:\n  - company"),
        Example("All but the last three revisions", "behavior:\n  type: version\n  keepAmount: 3"),
    )

    def run(self, ctx: RunContext) -> PurgeKVOutput:
        """Purge them."""
        chosen = self.chosen(ctx.kv.namespaces())
        ctx.log("INFO", f"purging {len(chosen)} namespaces: {chosen}")
        fits = wildcard(self.key_pattern or "*")
        size = 0
        for namespace in chosen:
            for key, revisions in groupby(ctx.kv.revisions(namespace), lambda entry: entry.key):
                if fits(key):
                    size += self._purge(ctx, list(revisions))
        ctx.log("INFO", f"purged {size} keys")
        return PurgeKVOutput(size=size)

    def _purge(self, ctx: RunContext, revisions: Sequence[KvEntry]) -> int:
        """How many keys, or revisions, of one key have gone."""
        behavior = self.behavior
        if behavior is not None and behavior.type == "version" and self.expired_only is None:
            return ctx.kv.purge(list(_old(revisions, behavior)))
        expired_only = self.expired_only if self.expired_only is not None else behavior is None or behavior.expired_only
        if expired_only and not revisions[0].expired(ctx.now):
            return 0
        return 1 if ctx.kv.purge(revisions) else 0


def _old(revisions: Sequence[KvEntry], behavior: Behavior) -> Iterator[KvEntry]:
    """Those of a key's revisions, the newest first, that need not stay."""
    before = read_moment(behavior.before) if behavior.before else None
    for place, entry in enumerate(revisions):
        kept = behavior.keep_amount is not None and place < behavior.keep_amount
        young = before is not None and (place == 0 or entry.updated is None or entry.updated >= before)
        if not kept and not young:
            yield entry
