// bench: a whole Rialto between two lean servers, measured (docs/TESTING.md, Benchmarks).
#include "tests/bench/cases.hpp"

#include <CLI/CLI.hpp>

#include <fstream>
#include <iostream>

namespace {

using namespace rialto::bench;

struct wish
{
    std::string rialto, json;
    bool quick = false, smoke = false;
    std::vector<std::string> only;
    wish() = default;
};

void run(const wish& w, report& into)
{
    const auto e = w.smoke ? effort::smoke : w.quick ? effort::quick : effort::full;
    const auto wanted = [&](const std::string& name) {
        return w.only.empty() || std::find(w.only.begin(), w.only.end(), name) != w.only.end();
    };
    if (wanted("start"))
        measure_start(w.rialto, into);
    if (wanted("to_xmpp") || wanted("to_matrix"))
        measure_messages(w.rialto, e, wanted("to_xmpp"), wanted("to_matrix"), into);
    if (e == effort::smoke)
        return;
    const std::vector<std::pair<const char*, void (*)(const std::filesystem::path&, effort, report&)>> more{
        {"copies", measure_copies},
        {"ghosts", measure_ghosts},
        {"big_rooms", measure_big_rooms},
        {"distance", measure_distance},
        {"portals", measure_portals}
    };
    for (const auto& [name, measure] : more)
        if (wanted(name))
            measure(w.rialto, e, into);
}

}  // namespace

int main(int argc, char** argv)
{
    wish w;
    CLI::App app{"Measures a whole Rialto between a lean homeserver and a lean XMPP server"};
    app.add_option("--rialto", w.rialto, "The program under test")->required()->check(CLI::ExistingFile);
    app.add_option("--json", w.json, "Also writes the figures here: one flat object");
    app.add_flag("--quick", w.quick, "Less of everything: within a minute");
    app.add_flag("--smoke", w.smoke, "Hardly anything: does this program work?");
    app.add_option(
        "--only", w.only, "start, to_xmpp, to_matrix, copies, ghosts, big_rooms, distance, portals"
    );
    CLI11_PARSE(app, argc, argv);
    report all;
    try {
        run(w, all);
    } catch (const std::exception& e) {
        std::cerr << "bench: FAILED: " << e.what() << '\n';
        return 1;
    }
    std::cout << all.table();
    if (!w.json.empty())
        std::ofstream{w.json} << all.json();
    return 0;
}
