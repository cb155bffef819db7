#!/bin/sh
# Makes .venv with the kapell command and everything that tests need, from Python 3.11+ and the package index.
# Every package, uv and the build backend too, is the one whose hash stands in requirements.lock.
set -eu

find_python() {
    for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$name"
            return
        fi
    done
    echo "kapell needs Python 3.11 or newer; found: $(python3 --version 2>&1 || echo none)." >&2
    echo "Install one, or name it: make setup PYTHON=/path/to/python3.12" >&2
    return 1
}

make_venv() {
    python=$(find_python)
    echo "making .venv with $("$python" --version)"
    rm -rf .venv
    if ! "$python" -m venv .venv; then
        rm -rf .venv
        echo "$python could not make a virtual environment (on Debian and Ubuntu: apt install python3-venv)." >&2
        return 1
    fi
}

pinned() {
    awk -v name="$1==" '/^[^ #]/ { on = index($0, name) == 1 } on' requirements.lock
}

.venv/bin/python -c 'import pip' >/dev/null 2>&1 || make_venv
lines=.venv/uv.lock
pinned uv > "$lines"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$lines"
rm "$lines"
uv=.venv/bin/uv
"$uv" pip sync --quiet --python .venv/bin/python --require-hashes requirements.lock
"$uv" pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
echo ".venv is ready: $(.venv/bin/python --version), kapell in .venv/bin/kapell"
