"""seeded.py LINT: proves that a lint turns red on what it is there for, and only then."""
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
REAL = HERE.parent.parent  # for .clang-format

# A coroutine small enough to parse in no time; the lint looks at the spelling, not at Asio.
COROUTINE = """
#include <coroutine>
#include <initializer_list>
#include <string>
#include <vector>
template <class T> struct task {
    struct promise_type { task get_return_object(); std::suspend_never initial_suspend(); std::suspend_never final_suspend() noexcept; void return_value(T); void unhandled_exception(); };
    bool await_ready(); void await_suspend(std::coroutine_handle<>); T await_resume();
};
struct plain { std::string a, b; };
struct named { std::string a; named(std::string x) : a(x) {} };
template <class E, class F> void co_spawn(E, F) {}
task<int> take(plain); task<int> take(named); task<int> list(std::vector<std::string>); task<int> run(task<int>);
task<std::string> word();
task<int> sample(bool yes, std::string t) { %s co_return 0; }
"""
BAD_COROUTINES = [
    'co_await take(plain{t, "b"});',
    'co_await [t]() -> task<int> { co_return int(t.size()); }();',
    'auto s = yes ? co_await word() : t;',
    'co_await take(named{yes ? t : std::string{"x"}});',
    'co_await list({t, "b"});',
    'co_spawn(1, [t]() -> task<int> { co_return 1; }());',
    'co_spawn(co_await word(), [t]() -> task<int> { co_return 1; });',
]
GOOD_COROUTINES = [
    'co_await take(named{t});',
    'plain p{t, "b"}; co_await take(std::move(p));',
    'co_spawn(1, [t]() -> task<int> { co_return 1; });',
    'auto s = co_await word(); if (yes) s = t;',
]

LINES_501 = "// x\n" * 501
LONG_FUNCTION = "int f()\n{\n" + "    ;\n" * 60 + "}\n"
HIDDEN = "namespace rialto { %s\nstd::string quoted(std::string_view text);\n%s }\n"
PAGE, ECHO = "docs/WRITING-A-BACKEND.md", "bridges/echo/echo.cpp"
TESTS = {"tests/t.cpp": "// x\n" * 80, "tests/u.cpp": "// x\n" * 80}

# lint -> trees that must be red; and trees that must be green.
RED = {
    "layers": [
        {"core/a.cpp": '#include "appservice/b.hpp"\n'},
        {"core/a.cpp": '#include "bridges/echo/echo.hpp"\n'},
        {"bridges/echo/a.cpp": '#include "bridges/xmpp/b.hpp"\n'},
        {"bridges/xmpp/a.cpp": '#include "appservice/b.hpp"\n'},
        {"appservice/a.cpp": '#include "bridges/registry.hpp"\n'},
        {"registrations/a.cpp": '#include "appservice/b.hpp"\n'},
        {"bridges/echo/a.cpp": "#include <gloox/jid.h>\n"},
        {"bridges/xmpp/a.hpp": "#include <gloox/jid.h>\n"},
        {"core/a.cpp": "#include <curl/curl.h>\n"},
        {"core/store.cpp": "#include <sqlite3.h>\n"},
        {"appservice/a.cpp": "#include <spdlog/spdlog.h>\n"},
        {"core/a.hpp": "#include <nlohmann/json.hpp>\n"},
        {"core/rich/a.cpp": "#include <libxml/HTMLparser.h>\n"},
        {"core/a.cpp": "#include <yaml-cpp/yaml.h>\n", "core/b.cpp": "#include <yaml-cpp/yaml.h>\n"},
    ],
    "shape": [
        {"core/a.cpp": LINES_501, "tests/a.cpp": LINES_501[:-5], "tests/b.cpp": "//\n" * 9, "tests/c.cpp": "//\n"},
        {"core/a.cpp": LONG_FUNCTION, **TESTS},
        {"core/a.cpp": "// x\n" * 100, "tests/a.cpp": "// x\n" * 99},
        {"core/a.cpp": "// x\n" * 120, "tests/a.cpp": "// x\n" * 120},
        {"core/a.cpp": "// x\n" * 360, **TESTS, "tests/v.cpp": "//\n" * 100, "tests/w.cpp": "//\n" * 110},
        {"core/a.py": "def f():\n" + "    pass\n" * 61, **TESTS},
    ],
    "units": [
        {"tests/a_test.cpp": "namespace rialto::email {\n}\n"},
        {"core/a.hpp": HIDDEN % ("", ""), "core/b.cpp": HIDDEN % ("namespace {", "}")},
        {"core/a.hpp": HIDDEN % ("", ""), "bridges/b.cpp": HIDDEN % ("namespace xmpp { namespace {", "} }")},
    ],
    "format": [{"core/a.cpp": "int  f( ) { return 1 ; }\n"}],
    "mentions": [{"docs/a.md": "see /wo" + "rk/main\n"}, {"a.cpp": "// sha" + "red/notes/x.md\n"},
                 {"dev": "cd /ho" + "me/me\n"}],
    "page": [
        {PAGE: "```cpp\nint a;\n```\n", ECHO: "int b;\n"},
        {PAGE: "```cpp\nint a;\n```\nthe end\n", ECHO: "int a;\n"},
        {PAGE: "see echo.cpp\n", ECHO: "int a;\n"},
        {PAGE: "```cpp\n" + "//\n" * 61 + "```\n", ECHO: "//\n" * 61},
        {ECHO: "int a;\n"},
    ],
    "coroutines": [{"sample/a.cpp": COROUTINE % line} for line in BAD_COROUTINES] + [{"sample/a.cpp": "co_await"}],
}
GREEN = {
    "layers": [{"core/a.cpp": '#include "core/b.hpp"\n', "core/sqlite_a.cpp": "#include <sqlite3.h>\n",
                "bridges/registry.cpp": '#include "bridges/echo/echo.hpp"\n',
                "bridges/xmpp/a.cpp": '#include "core/a.hpp"\n#include <gloox/jid.h>\n',
                "appservice/daemon.cpp": '#include "bridges/registry.hpp"\n'}],
    "shape": [{"core/a.cpp": "// x\n" * 100, **TESTS}],
    "units": [{"tests/a_test.cpp": "namespace rialto::email::a_test {\n}\n", "core/a.hpp": HIDDEN % ("", ""),
               "core/b.cpp": HIDDEN.replace("string_view", "int") % ("namespace {", "}")}],
    "format": [{"core/a.cpp": "int f() { return 1; }\n"}],
    "mentions": [{"a.cpp": "// std::shared_ptr, /proc/self, build/work/x\n"}],
    "page": [{PAGE: "```cpp\nint z;\n```\n\n```cpp\nint a;\n```\n", ECHO: "int a;\n"}],
    "coroutines": [{"sample/a.cpp": COROUTINE % line} for line in GOOD_COROUTINES],
}


def plant(root, tree):
    for name, text in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / ".clang-format").write_text((REAL / ".clang-format").read_text())
    command = {"directory": str(root), "file": "sample/a.cpp", "command": "c++ -std=c++20 -c sample/a.cpp"}
    (root / "compile_commands.json").write_text(json.dumps([command]))


def status(lint, tree):
    with tempfile.TemporaryDirectory() as place:
        root = pathlib.Path(place)
        plant(root, tree)
        done = subprocess.run([sys.executable, str(HERE / f"{lint}.py"), place, place],
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


def main(lint):
    wrong = []
    for tree in RED[lint]:
        code, said = status(lint, tree)
        if code == 0:
            wrong.append(f"stayed green on {tree}: {said}")
    for tree in GREEN[lint]:
        code, said = status(lint, tree)
        if code != 0:
            wrong.append(f"turned red on {tree}: {said}")
    print("\n".join(wrong) or f"{len(RED[lint])} violations found, {len(GREEN[lint])} clean trees passed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
