#include "tests/fakes/net/tap.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>

namespace rialto::fakes {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {
constexpr auto quietly = asio::as_tuple(asio::use_awaitable);
}

struct tap::wire
{
    tcp::socket near, far;
    wire(tcp::socket n, tcp::socket f) : near{std::move(n)}, far{std::move(f)} {}
    void close()
    {
        error_code ignored;
        near.close(ignored);
        far.close(ignored);
    }
};

struct tap::shared : std::enable_shared_from_this<tap::shared>
{
    struct count
    {
        std::size_t passed = 0, cut_at = never;
        std::vector<std::size_t> steps;
        count() = default;
    };
    tcp::acceptor acceptor;
    asio::steady_timer released;
    std::uint16_t server;
    std::set<std::shared_ptr<wire>> wires;
    std::array<count, 2> counts;
    bool holding = false;

    shared(asio::any_io_executor ex, std::uint16_t to)
        : acceptor{ex, tcp::endpoint{asio::ip::address_v4::loopback(), 0}},
          released{ex, asio::steady_timer::time_point::max()},
          server{to}
    {
    }
    count& of(way w) { return counts[w == way::out ? 0 : 1]; }

    void cut()
    {
        for (const auto& w : std::exchange(wires, {})) {
            auto& sent = of(way::out);
            error_code gone;
            sent.passed += w->near.available(gone);
            w->close();
        }
    }

    static asio::awaitable<void> accept_all(std::shared_ptr<shared> self)
    {
        for (;;) {
            auto came = co_await self->acceptor.async_accept(quietly);
            auto& [broken, near] = came;
            if (broken)
                co_return;
            tcp::socket far{near.get_executor()};
            error_code refused;
            far.connect({asio::ip::address_v4::loopback(), self->server}, refused);
            if (refused)
                continue;  // the backend sees a connection that ends at once
            error_code ignored;
            near.set_option(tcp::no_delay{true}, ignored);
            far.set_option(tcp::no_delay{true}, ignored);
            auto w = std::make_shared<wire>(std::move(near), std::move(far));
            self->wires.insert(w);
            asio::co_spawn(self->acceptor.get_executor(), pump(self, w, way::out), asio::detached);
            asio::co_spawn(self->acceptor.get_executor(), pump(self, w, way::back), asio::detached);
        }
    }

    static asio::awaitable<void> pump(std::shared_ptr<shared> self, std::shared_ptr<wire> w, way to)
    {
        auto& from = to == way::out ? w->near : w->far;
        auto& into = to == way::out ? w->far : w->near;
        std::string bytes(16'384, '\0');
        while (self->wires.contains(w)) {
            if (self->holding) {
                co_await self->released.async_wait(quietly);
                continue;
            }
            co_await from.async_wait(tcp::socket::wait_read, quietly);
            if (self->holding)
                continue;
            error_code broken;
            const auto n = from.read_some(asio::buffer(bytes), broken);
            if (broken)
                break;
            auto& c = self->of(to);
            const auto pass = std::min(n, c.cut_at - c.passed);
            c.passed += n;
            c.steps.push_back(c.passed);
            co_await asio::async_write(into, asio::buffer(bytes.data(), pass), quietly);
            if (c.passed >= c.cut_at) {
                c.cut_at = never;
                self->cut();
            }
        }
        if (self->wires.erase(w) > 0)
            w->close();
    }
};

tap::tap(asio::any_io_executor ex, std::uint16_t server) : shared_{std::make_shared<shared>(ex, server)}
{
    asio::co_spawn(ex, shared::accept_all(shared_), asio::detached);
}

tap::~tap()
{
    error_code ignored;
    shared_->acceptor.close(ignored);
    shared_->cut();
    shared_->released.cancel();
}

std::uint16_t tap::port() const { return shared_->acceptor.local_endpoint().port(); }

std::size_t tap::passed(way w) const
{
    std::size_t n = shared_->of(w).passed;
    error_code gone;
    if (w == way::out)
        for (const auto& open : shared_->wires)
            n += open->near.available(gone);
    return n;
}

const std::vector<std::size_t>& tap::steps(way w) const { return shared_->of(w).steps; }

void tap::cut() { shared_->cut(); }

void tap::cut_at(way w, std::size_t passed)
{
    auto& c = shared_->of(w);
    c.cut_at = std::max(passed, c.passed);
}

void tap::hold(bool on)
{
    shared_->holding = on;
    shared_->released.cancel();
}

}  // namespace rialto::fakes
