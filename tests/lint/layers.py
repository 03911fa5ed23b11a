"""layers.py ROOT: fails when a file includes what its layer may not see (docs/ARCHITECTURE.md draws the arrows)."""
import re
import sys

from tree import CXX, files, finish

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.M)
OURS = ("core", "registrations", "appservice", "bridges")

# Which of our folders a file may include from. The first pattern that fits the path decides.
ARROWS = [
    (r"appservice/(main|daemon)\.[ch]pp", ("core", "registrations", "appservice", "bridges")),
    (r"core/", ("core",)),
    (r"registrations/", ("registrations", "core")),
    (r"appservice/", ("appservice", "registrations", "core")),
    (r"bridges/[^/]+\.[ch]pp", ("bridges", "core")),
]

# Third-party headers and the only files that may know them.
WALLS = [
    (r"gloox/|expat|stringprep", r"bridges/xmpp/.*\.cpp"),
    (r"curl/", r"core/net/.*\.cpp"),
    (r"openssl/|boost/asio/ssl", r"core/(hmac|net/tls_server)\.cpp"),
    (r"sqlite3", r"core/sqlite_.*\.cpp"),
    (r"spdlog/", r"core/log\.cpp"),
    (r"libxml/", r"core/rich/html_reader\.cpp"),
    (r"gmime/", r"bridges/email/mime\.cpp"),
    (r"idn2", r"bridges/email/address\.cpp"),
    (r"yaml-cpp/", r"core/yaml\.cpp"),
    (r"prometheus/", r"core/metrics\.cpp"),
    (r"CLI/", r"appservice/.*\.cpp"),
    (r"boost/beast", r"(appservice|core/net)/.*\.cpp"),
    (r"nlohmann/json\.hpp", r".*\.cpp"),
]
ALONE = ["yaml-cpp/", "libxml/", "spdlog/"]  # in one file each


def may_see(path, header):
    for pattern, folders in ARROWS:
        if re.match(pattern, path):
            return header.split("/")[0] in folders
    backend = "/".join(path.split("/")[:2])  # bridges/xmpp sees itself and core, never its neighbours
    return header.startswith((backend + "/", "core/"))


def complaints(root):
    found, users = [], {library: set() for library in ALONE}
    for file in files(root, CXX):
        path = file.relative_to(root).as_posix()
        if not path.startswith(OURS):
            continue
        for header in INCLUDE.findall(file.read_text(encoding="utf-8", errors="replace")):
            if header.split("/")[0] in OURS and not may_see(path, header):
                found.append(f"{path}: may not include {header}")
            for library, home in WALLS:
                if re.match(library, header) and not re.fullmatch(home, path):
                    found.append(f"{path}: {header} belongs to {home} only")
            for library in ALONE:
                if header.startswith(library):
                    users[library].add(path)
    for library, paths in users.items():
        if len(paths) > 1:
            found.append(f"{library} is included by more than one file: {', '.join(sorted(paths))}")
    return found


if __name__ == "__main__":
    finish(complaints(sys.argv[1]))
