# Sourced by ./dev: `need GROUP...` installs what packaging/dependencies names and this machine lacks; nothing else.

say() {
    if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
        printf '\033[1mdev:\033[0m %s\n' "$*"
    else
        printf 'dev: %s\n' "$*"
    fi
}

stop() {
    printf 'dev: %s\n' "$*" >&2
    exit 1
}

# The packages of some groups, one per line, alternatives kept as "a|b".
packages_of() {
    local group
    for group in "$@"; do
        sed -n "s/^$group  *//p" packaging/dependencies | sed 's/ *#.*//; s/ *| */|/g; s/ *$//'
    done | sort -u
}

is_installed() {
    local state
    state=$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) && [ "$state" = installed ]
}

# What is missing of some groups; an alternative counts as there when any of its packages is.
missing_of() {
    local wanted one
    packages_of "$@" | while read -r wanted; do
        for one in ${wanted//|/ }; do
            # Debian 12's libboost-dev is 1.74, too old: there it must not count as present.
            [ "$one" = libboost-dev ] && [ "$debian" = 12 ] && continue
            if is_installed "$one"; then continue 2; fi
        done
        echo "$wanted"
    done
}

# Of "a|b": the first that apt can install here.
available_of() {
    local one
    for one in ${1//|/ }; do
        # Not grep -q: it leaves at once, apt-cache writes on into nothing, and pipefail makes that a failure.
        if apt-cache policy "$one" 2>/dev/null | grep 'Candidate: [0-9]' >/dev/null; then
            echo "$one"
            return
        fi
    done
    return 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        stop "packages must be installed: run me as root, or install sudo"
    fi
}

# dpkg's hundreds of lines go into a log; they are shown when something fails.
apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get -qq -o Dpkg::Use-Pty=0 "$@" \
        </dev/null >build/apt.log 2>&1 || {
        cat build/apt.log >&2
        return 1
    }
}

resolve() {
    local wanted one
    chosen=()
    for wanted in "$@"; do
        one=$(available_of "$wanted") || { lacking=$wanted && return 1; }
        chosen+=("$one")
    done
}

need() {
    local debian='' chosen lacking
    [ -z "${RIALTO_DEPENDENCIES_PRESENT:-}" ] || return 0
    debian=$(. "${OS_RELEASE:-/etc/os-release}" 2>/dev/null && [ "${ID:-}" = debian ] && echo "${VERSION_ID:-}") || true
    command -v dpkg-query >/dev/null ||
        stop "this is not Debian. Install what these Debian packages hold, then set RIALTO_DEPENDENCIES_PRESENT=1:" \
            $(packages_of "$@")
    local wanted=($(missing_of "$@"))
    [ ${#wanted[@]} -gt 0 ] || return 0
    case $debian in
        12 | 13) ;;
        *) stop "only Debian 12 and 13 are known to me. Missing here: ${wanted[*]}" ;;
    esac
    if ! resolve "${wanted[@]}"; then
        say "apt-get update"
        apt_get update || stop "apt-get update failed (see above)"
        resolve "${wanted[@]}" || stop "this Debian's sources lack $lacking; needed here: ${wanted[*]}"
    fi
    say "installing ${chosen[*]}"
    # --no-remove: where another Boost's headers are in the way, that is the owner's to decide.
    if ! apt_get --yes --no-remove --no-install-recommends install "${chosen[@]}"; then
        # Lists that are days old name packages that are gone from the mirror.
        apt_get update && apt_get --yes --no-remove --no-install-recommends install "${chosen[@]}" ||
            stop "could not install ${chosen[*]} without removing another package (apt's words above)." \
                "If it is another libboost*-dev: remove that yourself, or build elsewhere."
    fi
}
