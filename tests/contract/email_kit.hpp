// tests/contract/email_kit.hpp: a mail network over the real core, between a scripted Matrix and sockets.
#pragma once

#include "bridges/email/email_backend.hpp"
#include "hub_kit.hpp"
#include "tests/fakes/email/smart_host.hpp"

#include <gmock/gmock.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <nlohmann/json.hpp>

namespace rialto {

using namespace rialto::test;
using testing::HasSubstr;

inline std::uint16_t free_port(boost::asio::io_context& io)
{
    using boost::asio::ip::tcp;
    tcp::acceptor probe{io, tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0}};
    return probe.local_endpoint().port();
}

inline const std::string from_carol =
    "From: Carol <carol@ext.example>\r\nTo: alice@chat.example\r\nSubject: Lunch\r\nMessage-ID: "
    "<1@ext.example>\r\n"
    "Authentication-Results: mx.example; dmarc=pass header.from=ext.example\r\n\r\nAt noon?\r\n";

struct Email : ::testing::Test
{
    world w;
    memory_store disk{w.io.get_executor()};
    life one{w, disk};
    fakes::smart_host smart{w.io.get_executor()};
    std::uint16_t port = free_port(w.io);
    boost::asio::cancellation_signal stop;

    virtual nlohmann::json settings() const
    {
        return {
            {"domain", "chat.example"},
            {"home", "hs"},
            {"listen", "127.0.0.1:" + std::to_string(port)},
            {"smart_port", smart.port()},
            {"secret", "0123456789abcdef"},
            {"authserv", "mx.example"},
            {"postmaster", "@root:hs"}
        };
    }
    void SetUp() override
    {
        const auto config = settings();
        one.core.add("g", [&](host& h) { return email::make(h, config); });
        one.start();
        boost::asio::co_spawn(
            w.io, one.core.run("g"),
            boost::asio::bind_cancellation_slot(stop.slot(), [](std::exception_ptr) {})
        );
        w.settle();
    }
    void TearDown() override
    {
        stop.emit(boost::asio::cancellation_type::terminal);
        settle();
    }
    bool until(const std::function<bool()>& so)
    {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{5};
        while (!so() && std::chrono::steady_clock::now() < end) {
            w.io.restart();
            w.io.run_for(std::chrono::milliseconds{2});
        }
        return so();
    }
    void settle()
    {
        w.io.restart();
        w.io.run_for(std::chrono::milliseconds{20});
    }
    // The codes after the greeting and the envelope's.
    std::string hand_in(
        const std::string& mail, const std::vector<std::string>& to,
        const std::string& sender = "carol@ext.example"
    )
    {
        fakes::mail_client mta{w.io.get_executor(), port};
        std::string all = "LHLO mta.example\r\nMAIL FROM:<" + sender + ">\r\n";
        for (const auto& who : to)
            all += "RCPT TO:<" + who + ">\r\n";
        mta.say(all + "DATA\r\n" + mail + ".\r\nQUIT\r\n");
        EXPECT_TRUE(until([&] { return mta.heard->find("221 ") != std::string::npos; })) << *mta.heard;
        settle();
        const auto codes = mta.codes();
        const auto from = std::min(codes.size(), std::string{"220 250 250 "}.size());
        return codes.substr(from, codes.size() - from - 4);
    }
    std::vector<order> told() const  // the messages on Matrix; the room's own facts come as orders too
    {
        std::vector<order> out;
        for (const auto& o : one.matrix.orders)
            if (std::holds_alternative<message>(o.what))
                out.push_back(o);
        return out;
    }
    std::string said(std::size_t i) { return text_of(told().at(i).what); }
    void write(const std::string& id, const std::string& text)
    {
        auto e = near_said("!made1", id, text);
        one.push(std::move(e));
    }
    std::string header(const fakes::smart_host::mail& m, const std::string& name) const
    {
        const auto at = m.text.find("\r\n" + name + ": ");
        return at == m.text.npos
                   ? ""
                   : m.text.substr(at + 4 + name.size(), m.text.find("\r\n", at + 2) - at - 4 - name.size());
    }
};

}  // namespace rialto
