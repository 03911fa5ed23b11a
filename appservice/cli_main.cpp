#include "appservice/cli_main.hpp"

#include "appservice/cli_files.hpp"
#include "appservice/cli_queue.hpp"
#include "appservice/cli_registration.hpp"
#include "appservice/cli_status.hpp"
#include "core/backend.hpp"
#include "core/sqlite_store.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace rialto::cli {

namespace fs = std::filesystem;

namespace {
// The flags of all commands; CLI11 fills them in.
struct flags
{
    std::string config = "config.yaml", directory = ".", check_file, output;
    init_wish init;
    registration_wish registration;
    queue_wish queue;
    bool force = false, no_wait = false;
};

std::string types_text(const hooks& with)
{
    std::string out;
    for (const auto& each : with.types)
        out += "\nKeys of TYPE " + each.name + ":\n" + each.example;
    return out;
}

CLI::App* add_init(CLI::App& app, flags& f, const hooks& with)
{
    auto* it = app.add_subcommand("init", "Write a configuration to start from");
    it->add_option(
          "--homeserver", f.init.homeserver, "Where Rialto reaches the homeserver, e.g. http://127.0.0.1:8008"
    )
        ->required();
    it->add_option("--server-name", f.init.server_name, "What your user ids end in, e.g. example.org")
        ->required();
    it->add_option(
          "--network", f.init.networks,
          "A network, NAME=TYPE,key=value,… (repeat for more). Secrets go into files of their own; "
          "secret_file=FILE and secret_env=VARIABLE keep them off the command line"
    )
        ->required()
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->delimiter('\0');
    it->add_option("--directory", f.directory, "Where to write config.yaml and the secrets")
        ->capture_default_str();
    it->add_option("--listen", f.init.listen, "Where the homeserver calls Rialto")->capture_default_str();
    it->add_option("--url", f.init.url, "The same as the homeserver sees it, when it runs on another host");
    it->add_option("--admin-listen", f.init.admin, "Where health and metrics are told")
        ->capture_default_str();
    it->add_option("--media-listen", f.init.media, "Where our own links to files are served")
        ->capture_default_str();
    it->add_option("--public-url", f.init.public_url, "The same as people outside reach it, through a proxy");
    it->add_option(
          "--fetch-allow", f.init.fetch_allow, "An upload service at a private address, or without TLS"
    )
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    it->add_flag("--force", f.force, "Replace files that are there");
    it->footer(
        "Example:\n"
        "  rialto init --homeserver http://127.0.0.1:8008 --server-name example.org \\\n"
        "    --network "
        "prosody=xmpp,host=127.0.0.1,port=5347,domain=matrix.example.org,secret=S,muc=rooms.example.org\n" +
        types_text(with)
    );
    return it;
}

CLI::App* add_registration(CLI::App& app, flags& f)
{
    auto* it =
        app.add_subcommand("registration", "Write what the homeserver must be told, with fresh tokens");
    it->add_option("--config", f.config, "The configuration")->capture_default_str();
    it->add_option("--for", f.registration.homeserver, "synapse, dendrite or conduit (tuwunel, continuwuity)")
        ->capture_default_str();
    it->add_option("--output", f.output, "Where to write it (default: where the configuration says)");
    it->add_flag("--print", f.registration.print, "Print it and write nothing");
    it->add_flag("--update", f.registration.update, "Write it anew and keep its tokens");
    it->add_flag("--force", f.registration.force, "Replace it, with fresh tokens");
    auto* check = it->add_subcommand("check", "Name what does not fit the configuration, and the remedy");
    check->add_option(
        "file", f.check_file, "A registration file (default: the one that the configuration names)"
    );
    check->add_option("--config", f.config, "The configuration")->capture_default_str();
    return it;
}

CLI::App* add_run(CLI::App& app, flags& f)
{
    auto* it = app.add_subcommand("run", "Bridge, until SIGTERM or SIGINT");
    it->add_option("--config", f.config, "The configuration")->capture_default_str();
    it->add_flag(
        "--no-wait", f.no_wait,
        "End with 75 when another Rialto holds the database, instead of waiting for it"
    );
    return it;
}

CLI::App* add_queue(CLI::App& app, flags& f)
{
    auto* it = app.add_subcommand("queue", "What waits and what died: list, show, retry, drop");
    const auto of = [&](const char* name, const char* says) {
        auto* sub = it->add_subcommand(name, says);
        sub->add_option("--config", f.config, "The configuration")->capture_default_str();
        sub->add_flag("--json", f.queue.json, "Print it as JSON");
        return sub;
    };
    auto* list = of("list", "Each lane that has something waiting, and the dead letters");
    list->add_option("--room", f.queue.room, "Only of this Matrix room");
    auto* show = of("show", "One message, without what it says");
    show->add_option("number", f.queue.numbers, "As listed")->required();
    show->add_flag("--body", f.queue.body, "And what it says");
    auto* retry = of("retry", "Send dead letters again, in their order; try what waits at once");
    retry->add_option("number", f.queue.numbers, "As listed");
    retry->add_flag("--all", f.queue.all, "All dead letters");
    auto* drop = of("drop", "Take out what waits (its author is told); forget a dead letter");
    drop->add_option("number", f.queue.numbers, "As listed")->required();
    it->require_subcommand(1);
    return it;
}

CLI::App* add_status(CLI::App& app, flags& f)
{
    auto* it =
        app.add_subcommand("status", "Does the Rialto that runs work, what does it cover, how much waits");
    it->add_option("--config", f.config, "The configuration")->capture_default_str();
    return it;
}

int queue(CLI::App& it, flags& f, std::ostream& out, std::ostream& err)
{
    using what = queue_wish::what;
    auto& w = f.queue;
    w.config = f.config;
    w.is = it.got_subcommand("show")    ? what::show
           : it.got_subcommand("retry") ? what::retry
           : it.got_subcommand("drop")  ? what::drop
                                        : what::list;
    if (w.is == what::retry && w.numbers.empty() && !w.all) {
        err << "rialto: name the messages, or --all\n";
        return usage;
    }
    return run_queue(w, out, err);
}

void init(const flags& f, const hooks& with, std::ostream& out)
{
    const auto all = files_of(f.init, with.types);
    const fs::path folder = f.directory;
    write_all(folder, all, f.force);
    for (const auto& each : all)
        out << "wrote " << (folder / each.name).string() << "\n";
    const auto config = (folder / all.front().name).string();
    out << "Next:\n    rialto registration --config " << config << "\n    rialto run --config " << config
        << "\n";
}

class command_line
{
    CLI::App app_{"Rialto joins Matrix to the messengers people already have."};
    flags flags_;
    CLI::App *init_, *registration_, *run_, *queue_, *status_, *version_;

public:
    explicit command_line(const hooks& with)
        : init_{add_init(app_, flags_, with)},
          registration_{add_registration(app_, flags_)},
          run_{add_run(app_, flags_)},
          queue_{add_queue(app_, flags_)},
          status_{add_status(app_, flags_)},
          version_{app_.add_subcommand("version", "Print the version")}
    {
        app_.name("rialto");
        app_.set_version_flag("--version", "rialto " RIALTO_VERSION);
        app_.require_subcommand(1);
        app_.footer(
            "First time: rialto init --help, then rialto registration, then rialto run.\n"
            "Exit status: 0 good, 64 wrong usage, 69 not ready (status), 75 another Rialto holds the "
            "database, 78 wrong "
            "configuration."
        );
    }

    int obey(int argc, const char* const* argv, const hooks& with, std::ostream& out, std::ostream& err)
    {
        try {
            app_.parse(argc, argv);
        } catch (const CLI::ParseError& e) {
            return app_.exit(e, out, err) == 0 ? done : usage;
        }
        if (version_->parsed()) {
            out << "rialto " RIALTO_VERSION "\n";
        } else if (init_->parsed()) {
            init(flags_, with, out);
        } else if (run_->parsed()) {
            run_options how;
            how.config = flags_.config;
            how.wait = !flags_.no_wait;
            return with.run(std::move(how));
        } else if (queue_->parsed()) {
            return queue(*queue_, flags_, out, err);
        } else if (status_->parsed()) {
            return run_status(flags_.config, out, err);
        } else if (registration_->get_subcommand("check")->parsed()) {
            return check_registration(flags_.config, flags_.check_file, out) ? done : configuration;
        } else {
            flags_.registration.config = flags_.config;
            flags_.registration.output = flags_.output;
            write_registration(flags_.registration, out);
        }
        return done;
    }
};
}  // namespace

int run_cli(int argc, const char* const* argv, const hooks& with, std::ostream& out, std::ostream& err)
{
    try {
        return command_line{with}.obey(argc, argv, with, out, err);
    } catch (const lease_held& e) {
        err << "rialto: " << e.what() << "\n";
        return held;
    } catch (const config_error& e) {
        err << "rialto: " << e.what() << "\n";
        return configuration;
    } catch (const std::exception& e) {
        err << "rialto: " << e.what() << "\n";
        return fault;
    }
}

int run_cli(int argc, const char* const* argv, const hooks& with)
{
    return run_cli(argc, argv, with, std::cout, std::cerr);
}

}  // namespace rialto::cli
