// tests/fakes/email/imap_host.hpp: an IMAP server with one account and as many folders as are asked for,
// which keeps what it was told and can drop its links. No TLS. One io_context thread.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace rialto::fakes {

using boost::asio::awaitable;
using boost::asio::ip::tcp;

class imap_host
{
public:
    struct folder
    {
        std::uint32_t validity = 5, next = 1;
        std::map<std::uint32_t, std::string> mails;
        folder() = default;
    };
    std::map<std::string, folder> folders;
    std::vector<std::string> commands;  // without their tags
    int logins = 0;

    explicit imap_host(const boost::asio::any_io_executor& ex)
        : door_{ex, tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0}}
    {
        folders["INBOX"];
        boost::asio::co_spawn(ex, accept(), boost::asio::detached);
    }
    std::uint16_t port() const { return door_.local_endpoint().port(); }

    void put(const std::string& where, std::string mail)
    {
        auto& box = folders[where];
        box.mails[box.next++] = std::move(mail);
        for (const auto& one : links_)
            if (one->idles && one->selected == where)
                write(one, count_of(*one, box));
    }
    void drop_links()
    {
        for (const auto& one : links_)
            one->socket.close();
    }
    std::size_t idling() const
    {
        std::size_t n = 0;
        for (const auto& one : links_)
            n += one->idles ? 1 : 0;
        return n;
    }
    bool heard(const std::string& what) const
    {
        for (const auto& one : commands)
            if (one.find(what) != one.npos)
                return true;
        return false;
    }

private:
    struct link
    {
        tcp::socket socket;
        std::string selected, idle_tag, in;
        bool idles = false;
        std::size_t told = 0;  // of its folder's mails
        explicit link(tcp::socket s) : socket{std::move(s)} {}
    };
    using link_ptr = std::shared_ptr<link>;

    // "" when the client knows (RFC 3501 §5.2).
    static std::string count_of(link& on, const folder& box)
    {
        if (std::exchange(on.told, box.mails.size()) == box.mails.size())
            return {};
        return "* " + std::to_string(on.told) + " EXISTS\r\n";
    }
    static void write(const link_ptr& to, const std::string& bytes)
    {
        boost::system::error_code gone;
        boost::asio::write(to->socket, boost::asio::buffer(bytes), gone);
    }
    awaitable<void> accept()
    {
        for (;;) {
            auto [error, socket] =
                co_await door_.async_accept(boost::asio::as_tuple(boost::asio::use_awaitable));
            if (error)
                co_return;
            auto one = std::make_shared<link>(std::move(socket));
            auto task = serve(std::move(one));
            boost::asio::co_spawn(door_.get_executor(), std::move(task), boost::asio::detached);
        }
    }
    static std::string quoted(const std::string& line, std::size_t from = 0)
    {
        const auto open = line.find('"', from);
        return line.substr(open + 1, line.find('"', open + 1) - open - 1);
    }
    static std::set<std::uint32_t> uids_in(const folder& box, std::string set)
    {
        std::set<std::uint32_t> out;
        if (const auto colon = set.find(':'); colon != set.npos) {
            const auto from = static_cast<std::uint32_t>(std::stoul(set));
            for (const auto& [uid, mail] : box.mails)
                if (uid >= from || uid == box.mails.rbegin()->first)
                    out.insert(uid);
            return out;
        }
        for (std::size_t at = 0; at < set.size(); at = std::min(set.find(',', at), set.size() - 1) + 1)
            out.insert(static_cast<std::uint32_t>(std::stoul(set.substr(at))));
        return out;
    }
    static std::string literal(const std::string& name, const std::string& bytes)
    {
        return " " + name + " {" + std::to_string(bytes.size()) + "}\r\n" + bytes;
    }
    static std::string header_of(const std::string& mail, const std::string& name)
    {
        const auto head = mail.substr(0, mail.find("\r\n\r\n") + 2);
        const auto at = head.find(name + ": ");
        return at == head.npos ? "\r\n" : head.substr(at, head.find("\r\n", at) - at) + "\r\n\r\n";
    }
    std::string fetch(const folder& box, const std::string& line)
    {
        const auto from = line.find("FETCH ") + 6;
        std::string out;
        for (const auto uid : uids_in(box, line.substr(from, line.find(' ', from) - from))) {
            const auto at = box.mails.find(uid);
            if (at == box.mails.end())
                continue;
            const auto& mail = at->second;
            out += "* 1 FETCH (UID " + std::to_string(uid) + " RFC822.SIZE " + std::to_string(mail.size()) +
                   " INTERNALDATE \"17-Jul-2026 02:00:00 +0000\"";
            if (line.find("BODY.PEEK[]") != line.npos)
                out += literal("BODY[]<0>", mail);
            else if (line.find("BODY.PEEK[HEADER]") != line.npos)
                out += literal("BODY[HEADER]<0>", mail.substr(0, mail.find("\r\n\r\n") + 4));
            else
                out += literal("BODY[HEADER.FIELDS (MESSAGE-ID)]", header_of(mail, "Message-ID"));
            out += ")\r\n";
        }
        return out;
    }
    std::string search(const folder& box, const std::string& id)
    {
        std::string out = "* SEARCH";
        for (const auto& [uid, mail] : box.mails)
            if (mail.find(id) != mail.npos)
                out += " " + std::to_string(uid);
        return out + "\r\n";
    }
    std::string answer(const link_ptr& on, const std::string& tag, const std::string& line)
    {
        auto& box = folders[on->selected.empty() ? "INBOX" : on->selected];
        const auto done = tag + " OK done\r\n";
        if (line.starts_with("CAPABILITY"))
            return "* CAPABILITY IMAP4rev1 IDLE\r\n" + done;
        if (line.starts_with("LOGIN")) {
            ++logins;
            return done;
        }
        if (line.starts_with("SELECT")) {
            if (!folders.contains(quoted(line)))
                return tag + " NO there is none\r\n";
            on->selected = quoted(line);
            const auto& now = folders[on->selected];
            on->told = now.mails.size();
            return "* " + std::to_string(now.mails.size()) + " EXISTS\r\n* OK [UIDVALIDITY " +
                   std::to_string(now.validity) + "] v\r\n* OK [UIDNEXT " + std::to_string(now.next) +
                   "] n\r\n" + done;
        }
        if (line.starts_with("CREATE"))
            folders[quoted(line)];
        if (line.find("FETCH ") != line.npos)
            return fetch(box, line) + count_of(*on, box) + done;
        if (line.starts_with("UID SEARCH"))
            return search(box, quoted(line)) + done;
        if (line.starts_with("IDLE")) {
            on->idles = true;
            on->idle_tag = tag;
            return "+ idling\r\n" + count_of(*on, box);
        }
        return done;
    }
    awaitable<void> serve(link_ptr on)
    {
        links_.insert(on);
        write(on, "* OK ready\r\n");
        const auto how = boost::asio::as_tuple(boost::asio::use_awaitable);
        for (;;) {
            auto [error, n] = co_await boost::asio::async_read_until(
                on->socket, boost::asio::dynamic_buffer(on->in), "\r\n", how
            );
            if (error)
                break;
            auto line = on->in.substr(0, n - 2);
            on->in.erase(0, n);
            if (line == "DONE") {
                on->idles = false;
                write(on, on->idle_tag + " OK done\r\n");
                continue;
            }
            const auto blank = line.find(' ');
            const auto tag = line.substr(0, blank);
            line.erase(0, blank + 1);
            commands.push_back(line);
            if (!line.starts_with("APPEND")) {
                write(on, answer(on, tag, line));
                continue;
            }
            write(on, "+ go\r\n");
            const auto size = std::stoul(line.substr(line.rfind('{') + 1)) + 2;
            while (on->in.size() < size) {
                auto [lost, more] = co_await boost::asio::async_read_until(
                    on->socket, boost::asio::dynamic_buffer(on->in), "\r\n", how
                );
                if (lost)
                    break;
                if (more > 0 && on->in.size() < size) {
                    std::string some(size - on->in.size(), '\0');
                    auto [cut, got] =
                        co_await boost::asio::async_read(on->socket, boost::asio::buffer(some), how);
                    on->in.append(some, 0, got);
                }
            }
            put(quoted(line), on->in.substr(0, size - 2));
            on->in.erase(0, size);
            write(on, tag + " OK done\r\n");
        }
        links_.erase(on);
    }

    tcp::acceptor door_;
    std::set<link_ptr> links_;
};

}  // namespace rialto::fakes
