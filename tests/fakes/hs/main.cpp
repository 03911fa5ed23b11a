// fake_homeserver: the fake as a process. Prints {"port":n,"control":n} when it listens.
#include "tests/fakes/hs/homeserver.hpp"
#include "tests/fakes/net/control.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>

int main(int argc, char** argv)
{
    using namespace rialto::fakes;
    std::uint16_t port = 0, control_at = 0;
    std::vector<std::string> registrations, users;
    hs::options o;
    double scale = 1;
    CLI::App app{"A homeserver for tests: behaves as Synapse, has accidents when told to"};
    app.add_option("--port", port, "0: any");
    app.add_option("--control-port", control_at, "0: any");
    app.add_option("--registration", registrations, "YAML; may be given more than once");
    app.add_option("--server-name", o.name);
    app.add_option("--room-version", o.room_version, "of new rooms")
        ->check(CLI::IsMember({"10", "11", "12"}));
    app.add_option("--seed", o.seed);
    app.add_option("--user", users, "localpart:password");
    app.add_option("--time-scale", scale, "100: a second of retry back-off lasts 10 ms");
    CLI11_PARSE(app, argc, argv)
    try {
        boost::asio::io_context io{1};
        hs::homeserver fake{io.get_executor(), o};
        for (const auto& file : registrations)
            fake.add(hs::registration_from_file(file));
        nlohmann::json told;
        for (const auto& u : users) {
            const std::size_t colon = std::min(u.find(':'), u.size());
            const std::string name = u.substr(0, colon);
            told["tokens"][name] = fake.make_user(name, colon < u.size() ? u.substr(colon + 1) : "");
        }
        fake.time().scale(scale);
        fake.start(port);
        control_port control{io.get_executor(), [&](const nlohmann::json& order) {
                                 return fake.control(order);
                             }};
        control.listen(control_at);
        told["port"] = fake.port();
        told["control"] = control.port();
        std::cout << told.dump() << std::endl;
        boost::asio::signal_set stop{io, SIGINT, SIGTERM};
        stop.async_wait([&](auto, auto) { io.stop(); });
        io.run();
    } catch (const std::exception& e) {
        std::cerr << "fake_homeserver: " << e.what() << '\n';
        return 1;
    }
    return 0;
}
