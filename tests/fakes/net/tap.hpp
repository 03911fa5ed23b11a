// tests/fakes/net/tap.hpp: a wire with a knife: passes bytes between a backend and a fake server, counts what
// the backend sends, remembers where each piece ended, and cuts after exactly so many bytes. Knows no
// protocol. One io_context thread; one connection or several, counted together.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <limits>
#include <memory>
#include <set>
#include <vector>

namespace rialto::fakes {

class tap
{
public:
    enum class way
    {
        out,  // from the backend to the server
        back
    };
    static constexpr std::size_t never = std::numeric_limits<std::size_t>::max();

    tap(boost::asio::any_io_executor ex, std::uint16_t server);
    ~tap();
    tap(const tap&) = delete;
    tap& operator=(const tap&) = delete;

    std::uint16_t port() const;
    // Bytes that came so far, over all connections; `out` also those that still lie in the socket.
    std::size_t passed(way w) const;
    const std::vector<std::size_t>& steps(way w) const;  // what passed() was after each piece
    void cut();                                          // both sides at once, as when a process dies
    void cut_at(
        way w, std::size_t passed
    );                   // the first so many pass, then cut(); later connections are sound
    void hold(bool on);  // nothing passes, nothing breaks: a far side that is silent

private:
    struct shared;
    struct wire;
    std::shared_ptr<shared> shared_;
};

}  // namespace rialto::fakes
