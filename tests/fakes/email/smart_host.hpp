// tests/fakes/email/smart_host.hpp: a mail server that takes everybody's mail and keeps it; replies to
// recipients and to the end of DATA can be scripted, and the link can be cut. And the sending side of a mail
// server: says bytes, keeps replies. One io_context thread.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace rialto::fakes {

using boost::asio::awaitable;
using boost::asio::ip::tcp;

class smart_host
{
public:
    struct mail
    {
        std::string sender, text;  // sender: the whole MAIL line
        std::vector<std::string> recipients;
        mail() = default;
    };
    std::vector<mail> mails;
    std::map<std::string, std::string> at_rcpt;  // address -> reply
    std::string at_end = "250 2.0.0 queued";
    bool cut_at_end = false;  // instead of the last reply
    bool ends_after = false;  // with the last reply, whatever may come
    int connections = 0;
    std::vector<std::string> commands;  // all that was said but mails

    explicit smart_host(const boost::asio::any_io_executor& ex)
        : door_{ex, tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0}}
    {
        boost::asio::co_spawn(ex, accept(), boost::asio::detached);
    }
    std::uint16_t port() const { return door_.local_endpoint().port(); }

private:
    awaitable<void> accept()
    {
        for (;;) {
            auto [error, socket] =
                co_await door_.async_accept(boost::asio::as_tuple(boost::asio::use_awaitable));
            if (error)
                co_return;
            ++connections;
            auto task = serve(std::move(socket));
            boost::asio::co_spawn(door_.get_executor(), std::move(task), boost::asio::detached);
        }
    }
    static std::string inside(const std::string& line)
    {
        const auto open = line.find('<');
        return line.substr(open + 1, line.find('>') - open - 1);
    }
    awaitable<bool> say(tcp::socket& s, std::string line)
    {
        line += "\r\n";
        auto [error, n] = co_await boost::asio::async_write(
            s, boost::asio::buffer(line), boost::asio::as_tuple(boost::asio::use_awaitable)
        );
        co_return !error;
    }
    std::string answer(mail& now, const std::string& line)
    {
        if (line.starts_with("EHLO"))
            return "250-smart.example\r\n250-PIPELINING\r\n250-SIZE\r\n250 DSN";
        if (line.starts_with("MAIL")) {
            now = mail{};
            now.sender = line;
            return "250 2.1.0 ok";
        }
        if (line.starts_with("RCPT")) {
            const auto who = inside(line);
            const auto at = at_rcpt.find(who);
            if (at != at_rcpt.end())
                return at->second;
            now.recipients.push_back(who);
            return "250 2.1.5 ok";
        }
        if (line.starts_with("DATA"))
            return "354 go";
        return line.starts_with("QUIT") ? "221 bye" : "500 what";
    }
    awaitable<void> serve(tcp::socket socket)
    {
        std::string in;
        mail now;
        co_await say(socket, "220 smart.example");
        bool data = false;
        for (;;) {
            auto [error, n] = co_await boost::asio::async_read_until(
                socket, boost::asio::dynamic_buffer(in), data ? "\r\n.\r\n" : "\r\n",
                boost::asio::as_tuple(boost::asio::use_awaitable)
            );
            if (error)
                co_return;
            auto line = in.substr(0, n - 2);
            in.erase(0, n);
            if (data) {
                data = false;
                now.text = line.substr(0, line.size() - 1);
                if (at_end.starts_with("250"))
                    mails.push_back(now);
                if (cut_at_end)
                    co_return;
                co_await say(socket, at_end);
                if (ends_after)
                    co_return;
                continue;
            }
            commands.push_back(line);
            auto said = answer(now, line);
            data = said.starts_with("354");
            co_await say(socket, std::move(said));
            if (line.starts_with("QUIT"))
                co_return;
        }
    }
    tcp::acceptor door_;
};

class mail_client
{
    tcp::socket socket_;
    std::string piece_ = std::string(4096, '\0');

    void read(std::shared_ptr<std::string> into)
    {
        socket_.async_read_some(
            boost::asio::buffer(piece_),
            [this, into](boost::system::error_code e, std::size_t n) {
                if (e) {
                    *into += e == boost::asio::error::operation_aborted ? "" : "<closed>";
                    return;
                }
                into->append(piece_, 0, n);
                read(into);
            }
        );
    }

public:
    std::shared_ptr<std::string> heard = std::make_shared<std::string>();

    mail_client(const boost::asio::any_io_executor& ex, std::uint16_t port) : socket_{ex}
    {
        socket_.connect(tcp::endpoint{boost::asio::ip::address_v4::loopback(), port});
        read(heard);
    }
    void say(const std::string& bytes) { boost::asio::write(socket_, boost::asio::buffer(bytes)); }
    // Replies whose last line has come: "250 550".
    std::string codes() const
    {
        std::string out;
        std::size_t at = 0;
        for (auto end = heard->find("\r\n"); end != heard->npos; end = heard->find("\r\n", at)) {
            if (end >= at + 4 && (*heard)[at + 3] == ' ')
                out += (out.empty() ? "" : " ") + heard->substr(at, 3);
            at = end + 2;
        }
        return out;
    }
};

}  // namespace rialto::fakes
