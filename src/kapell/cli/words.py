"""What `--help` says of each command."""

RUN = """\
Run a flow to its end, here and now, and show what it does.

  kapell run flow.yaml -i name=Ada -i count=3
  kapell run flow.yaml --inputs-file inputs.yaml --json > execution.json
  kapell run flow.yaml -i data=@rows.csv     a file for an input of type FILE
  kapell run flow.yaml --flows flows/        with the flows that it calls
  kapell run flow.yaml --files files/        with the files of its namespace
  kapell run flow.yaml --trigger date.json   as if a trigger had fired
  kapell run flow.yaml --state-dir state     the same again goes on after a crash
  kapell run flow.yaml --watch               again whenever a file changes

Exit status: 0 SUCCESS or WARNING, 1 FAILED, 2 invalid flow or input, 3 CANCELLED, 4 PAUSED with nobody to
ask, 70 trouble of kapell's own, 130 KILLED. Ctrl-C ends the execution and everything it has started.
"""
CHECK = """\
Find what is wrong with flows, without running them.

  kapell check flow.yaml
  kapell check flows/ --strict

Each problem is one line: file:line:column severity code path: message (remedy). Several flows, or a folder of them,
are held against one another: subflows that are missing or want other inputs, circles of flows, an id that comes twice.
Exit status: 0 nothing to mend, 1 errors (with --strict warnings, too), 2 nothing to check.
"""
EXPLAIN = """\
Say what executions wait for: since when, who holds them up, and what would free them.

  kapell explain --state-dir state            all that have not ended, a line each
  kapell explain EXECUTION_ID --state-dir state
  kapell explain EXECUTION_ID --state-dir state --json

It only reads the folder, and may do so while `kapell run --state-dir` works on it. Of an execution that has ended it
says how, and because of what.
Exit status: 0, 1 when there is an execution that nothing can bring on, 2 when there is no such folder or execution.
"""
PLUGINS = """\
What can stand behind `type:` in a flow.

  kapell plugins list http                 types with `http` in their name or first sentence
  kapell plugins doc io.kestra.plugin.core.http.Request
  kapell plugins doc Request               the end of a name will do, where only one has it
  kapell plugins schema > flow.schema.json for editors: JSON schema (draft 07) of a whole flow

Exit status: 0, or 1 when there is no such type.
"""
RENDER = """\
Render an expression, or a text with some, as a flow would.

  kapell render '{{ inputs.name | upper }}' -v inputs.name=Ada
  kapell render '{{ items | length }}' -v 'items:=[1, 2, 3]' --typed
  kapell render - --vars-file variables.yaml < template.txt

-v NAME=VALUE gives a text, -v NAME:=JSON anything; dots in NAME lead into maps. --typed prints the value as JSON, with
the type that a lone expression has.
Exit status: 0, 1 when it can't be rendered (the place is shown), 2 when a variable can't be read.
"""
FLOW = """\
Look at a flow.

  kapell flow graph flow.yaml              a tree of tasks
  kapell flow graph flow.yaml --mermaid    for Markdown that draws it
  kapell flow graph - < flow.yaml
  kapell flow diff old.yaml new.yaml       what changed: tasks, inputs, triggers by their id

Exit status of graph: 0, 1 when the flow has errors, 2 when the file can't be read. Of diff: 0 when both say the same,
1 when not, 2 when one of them can't be read.
"""
COMPLETION = """\
Print a script that makes a shell complete kapell's commands and options.

  source <(kapell completion bash)         in ~/.bashrc
  source <(kapell completion zsh)          in ~/.zshrc, after compinit
  kapell completion fish | source          in ~/.config/fish/config.fish
"""
