# shellcheck shell=bash
# For the scripts that build a program of ours where its sources changed, and
# run it; they source this. Whether the artifacts of the product are up to date
# is Pants' own concern: the programs ask it.

checkout="$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

# launch TARGET PEX FOLDER... -- ARGUMENT...
# Anything in the folders under src that is newer than the pex's stamp rebuilds
# it.
launch() {
    local target="$1" pex="$checkout/$2" folders=() python
    shift 2
    while [[ "$1" != -- ]]; do
        folders+=("src/$1")
        shift
    done
    shift
    python="$(python_312 "$(basename "$0")")"
    is_fresh "$pex" "${folders[@]}" || build "$target" "$pex"
    export DRO_CHECKOUT="$checkout"
    # What it runs keeps our PATH: with another, Pants would take nothing for
    # built or tested of what it has built and tested from a shell.
    export PEX_VENV_BIN_PATH=false
    exec "$python" "$pex" "$@"
}

is_fresh() {
    local pex="$1" stamp="${1%.pex}.stamp" path paths=()
    shift
    [[ -f "$pex" && -f "$stamp" ]] || return 1
    for path in "$@" 3rdparty/python scripts/pants_macros.py pants.toml BUILD \
        src/BUILD; do
        if [[ -e "$checkout/$path" ]]; then
            paths+=("$checkout/$path")
        fi
    done
    [[ -z "$(find "${paths[@]}" -name __pycache__ -prune \
        -o -newer "$stamp" -print -quit)" ]]
}

build() {
    local target="$1" stamp="${2%.pex}.stamp" name log
    name="$(basename "$2" .pex)"
    mkdir -p "$(dirname "$2")"
    log="$(mktemp "$(dirname "$2")/build.XXXXXX")"
    touch "$stamp.$$"
    echo "Building $name; the first time takes some minutes ..." >&2
    if ! (cd "$checkout" && ./pants package "$target") >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log" "$stamp.$$"
        echo "$name could not be built; the reason is above." >&2
        exit 1
    fi
    rm -f "$log"
    mv "$stamp.$$" "$stamp"
}

# The interpreter itself: a shim of pyenv would change the PATH as well.
python_312() {
    local candidate
    for candidate in python3.12 python3 \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.12*/bin/python3.12; do
        if "$candidate" -c 'import sys
sys.version_info[:2] == (3, 12) or sys.exit(1)
print(sys.executable)' 2>/dev/null; then
            return
        fi
    done
    echo "$1 needs Python 3.12; install it (for example with" \
        "\`pyenv install 3.12\`) or put python3.12 on the PATH." >&2
    return 1
}
