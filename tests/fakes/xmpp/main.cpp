// fake_xmpp: the fake as a process. Prints {"c2s":n,"component":n,"http":n,"control":n} when it listens.
#include "tests/fakes/net/control.hpp"
#include "tests/fakes/xmpp/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>

int main(int argc, char** argv)
{
    using namespace rialto::fakes;
    std::uint16_t c2s = 0, component = 0, http = 0, control_at = 0;
    xmpp::options o;
    std::vector<std::string> users, components;
    bool no_mam = false, no_occupant_id = false, nonanonymous = false;
    std::string as = "prosody";
    CLI::App app{"An XMPP server for tests: behaves as Prosody or ejabberd, has accidents when told to"};
    app.add_option("--c2s-port", c2s, "0: any");
    app.add_option("--component-port", component, "0: any");
    app.add_option("--http-port", http, "of uploads; 0: any");
    app.add_option("--control-port", control_at, "0: any");
    app.add_option("--as", as)->check(CLI::IsMember({"prosody", "ejabberd"}));
    app.add_option("--domain", o.domain);
    app.add_option("--muc", o.muc);
    app.add_option("--upload", o.upload);
    app.add_option("--component", components, "domain of a component; none given: any");
    app.add_option("--secret", o.secret, "of components");
    app.add_option("--user", users, "name:password");
    app.add_option("--seed", o.seed);
    app.add_flag("--kick-old", o.kick_old, "a component's new link ends the old one (Prosody)");
    app.add_flag("--room-locking", o.room_locking);
    app.add_flag("--no-mam", no_mam);
    app.add_flag("--no-occupant-id", no_occupant_id);
    app.add_flag("--nonanonymous", nonanonymous);
    CLI11_PARSE(app, argc, argv)
    o.as = as == "prosody" ? xmpp::personality::prosody : xmpp::personality::ejabberd;
    o.components.insert(components.begin(), components.end());
    o.mam = !no_mam;
    o.occupant_id = !no_occupant_id;
    o.nonanonymous = nonanonymous;
    try {
        boost::asio::io_context io{1};
        xmpp::server fake{io.get_executor(), o};
        for (const auto& u : users) {
            const std::size_t colon = std::min(u.find(':'), u.size());
            fake.add_user(u.substr(0, colon), colon < u.size() ? u.substr(colon + 1) : "");
        }
        fake.start(c2s, component, http);
        control_port control{io.get_executor(), [&](const nlohmann::json& order) {
                                 return fake.control(order);
                             }};
        control.listen(control_at);
        nlohmann::json told;
        told["c2s"] = fake.c2s_port();
        told["component"] = fake.component_port();
        told["http"] = fake.http_port();
        told["control"] = control.port();
        std::cout << told.dump() << std::endl;
        boost::asio::signal_set stop{io, SIGINT, SIGTERM};
        stop.async_wait([&](auto, auto) { io.stop(); });
        io.run();
    } catch (const std::exception& e) {
        std::cerr << "fake_xmpp: " << e.what() << '\n';
        return 1;
    }
    return 0;
}
