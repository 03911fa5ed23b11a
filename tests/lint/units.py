"""units.py ROOT: fails when a file means something else once it is compiled together with others (RIALTO_UNITY).

- A file of tests has a namespace of its own, `rialto::email::group_test`: each may have an `alice`.
- A function of one file alone (in a nameless namespace) does not bear the name and the first parameter of one that
  its folder or core declares: g++ then takes, without a word, the one or the other."""
import collections
import json
import re
import subprocess
import sys

from tree import CXX, files, finish


def shared_namespaces(paths):
    for path in paths:
        if path.name.endswith("_test.cpp"):
            for name in re.findall(r"^namespace (rialto[\w:]*) \{", path.read_text(), re.MULTILINE):
                if not name.endswith("::" + path.stem):
                    yield f"{path}: namespace {name}; it must be {name}::{path.stem}"


def functions(paths):
    """(path, namespace, name, first parameter) of every function in a namespace, as ctags sees them."""
    ctags = ["ctags", "--output-format=json", "--fields=+Ss", "--kinds-C++=fp", "--language-force=C++", "-o", "-",
             "-L", "-"]
    done = subprocess.run(ctags, input="\n".join(map(str, paths)), capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        tag = json.loads(line)
        if tag.get("scopeKind") == "namespace":
            first = re.sub(r"\bconst\b|\w+(?=[,)])|\s", "", tag.get("signature", "").split(",")[0] + ",")
            yield tag["path"], tag["scope"], tag["name"], first


def outer(scope):
    """A namespace and those around it, without the nameless ones."""
    parts = [part for part in scope.split("::") if not part.startswith("__anon")]
    return {"::".join(parts[:end]) for end in range(1, len(parts) + 1)}


def folder(root, path):
    parts = path.removeprefix(str(root)).strip("/").split("/")
    return "/".join(parts[:2]) if parts[0] == "tests" else parts[0]


def hiding(root, paths):
    known, local = collections.defaultdict(list), []
    for path, scope, name, first in functions(paths):
        if "__anon" in scope:
            local.append((path, scope, name, first))
        else:
            known[name, first].append((path, scope))
    for path, scope, name, first in local:
        for other, place in known[name, first]:
            if place in outer(scope) and folder(root, other) in {folder(root, path), "core"}:
                yield f"{path}: {name} hides that of {other}; name it otherwise, or use the other"
                break


if __name__ == "__main__":
    try:
        sources = files(sys.argv[1], CXX)
        finish([*shared_namespaces(sources), *hiding(sys.argv[1], sources)])
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"units: ctags: {error}")
