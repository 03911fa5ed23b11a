// crash: death at every operation (docs/TESTING.md). `crash --help` says what it can do.
#include "tests/crash/matrix.hpp"
#include "tests/crash/saboteur.hpp"
#include "tests/crash/schedule.hpp"
#include "tests/crash/seams.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <random>
#include <tuple>

namespace {

using namespace rialto::crash;
namespace fs = std::filesystem;

struct flags
{
    selection which;
    stage_options stage;
    std::string far = "prosody", saboteur;
    double faster = 50;
    int seconds = 0;
    std::uint64_t seed = 0;
    bool must_be_red = false, today = false;
};

void describe(CLI::App& app, flags& f)
{
    app.add_option(
        "--family", f.which.families, "What goes wrong; may be given more than once. --list names them"
    );
    app.add_option("--every", f.which.every, "Only each so many-th operation")->check(CLI::PositiveNumber);
    app.add_option("--offset", f.which.offset, "… beginning behind so many");
    app.add_flag(
        "--today", f.today, "… beginning where the day says, so that in time every operation has its turn"
    );
    app.add_option("--at", f.which.at, "Only this operation");
    app.add_option("--shard", f.which.shard, "Of --shards, from 0");
    app.add_option("--shards", f.which.shards)->check(CLI::PositiveNumber);
    app.add_option("--far", f.far)->check(CLI::IsMember({"prosody", "ejabberd"}));
    app.add_option(
        "--saboteur", f.saboteur,
        "A Rialto that breaks its promise: no_sync, early_answer, no_device, by_transaction"
    );
    app.add_option("--seconds", f.seconds, "At random, so long, instead of the matrix");
    app.add_option("--seed", f.seed, "Of --seconds; 0: another one each time");
    app.add_flag("--must-be-red", f.must_be_red, "Succeeds when something is found");
    app.add_option("--faster", f.faster, "A second of theirs lasts so many times less");
    app.add_option(
        "--directory", f.stage.directory, "Empty; kept. Else one that is removed when all is well"
    );
    app.add_option("--log-level", f.stage.log_level);
    app.add_flag("--talkative", f.which.talkative, "Every point, not only those with a finding");
}

fs::path fresh_directory()
{
    std::string name = (fs::temp_directory_path() / "rialto-crash-XXXXXX").string();
    if (!::mkdtemp(name.data()))
        throw std::runtime_error{"no directory can be made in " + fs::temp_directory_path().string()};
    return name;
}

matrix_result play(const flags& f)
{
    stage on{f.stage};
    if (f.seconds == 0)
        return play_matrix(on, f.which, std::cout);
    endless how;
    how.time = std::chrono::seconds{f.seconds};
    how.seed = f.seed != 0 ? f.seed : std::random_device{}() * std::uint64_t{1000};
    how.talkative = f.which.talkative;
    how.enough = f.which.enough;
    std::cout << "seed " << how.seed << std::endl;
    matrix_result out;
    std::tie(out.sums, out.findings) = play_at_random(on, how, std::cout);
    return out;
}

int run(flags& f)
{
    std::signal(SIGPIPE, SIG_IGN);
    if (f.today)
        f.which.offset = static_cast<std::uint64_t>(std::time(nullptr) / 86'400);
    hurry(f.faster);
    choose(f.saboteur);
    const bool ours = f.stage.directory.empty();
    if (ours)
        f.stage.directory = fresh_directory();
    using fakes_personality = rialto::fakes::xmpp::personality;
    f.stage.far = f.far == "prosody" ? fakes_personality::prosody : fakes_personality::ejabberd;
    if (f.must_be_red)
        f.which.enough = 1;
    const auto got = play(f);
    const bool red = got.findings > 0;
    if (ours && !red)
        fs::remove_all(f.stage.directory);
    else if (!f.must_be_red)
        std::cout << "the log is in " << f.stage.directory.string() << "/log\n";
    else if (ours)
        fs::remove_all(f.stage.directory);
    std::cout << to_line(got.sums) << std::endl;
    return red == f.must_be_red ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv)
{
    flags f;
    bool list = false;
    CLI::App app{"Strikes a whole Rialto at its operations and compares what was accepted with what arrived"};
    describe(app, f);
    app.add_flag("--list", list, "The families");
    CLI11_PARSE(app, argc, argv)
    try {
        if (!list)
            return run(f);
        for (const auto& each : families())
            std::cout << each.name << '\n';
    } catch (const std::exception& e) {
        std::cerr << "crash: " << e.what() << '\n';
        return 2;
    }
    return 0;
}
