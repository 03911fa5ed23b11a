// The echo backend under contract: it has no link, and its far person says again what is said.
#include "tests/contract/peers.hpp"

#include "bridges/echo/echo.hpp"

#include <boost/asio/co_spawn.hpp>
#include <nlohmann/json.hpp>

#include <set>

namespace rialto::contract {
namespace {

class echo_peer final : public contract_peer
{
    boost::asio::io_context& io_;
    test::ledger& disk_;
    backend* now_ = nullptr;
    std::set<std::string, std::less<>> done_, refused_;

public:
    echo_peer(boost::asio::io_context& io, test::ledger& disk) : io_{io}, disk_{disk} {}

    habits about() const override
    {
        habits out;
        out.acknowledges = true;
        return out;
    }
    std::unique_ptr<backend> make(host& h) override
    {
        auto made = echo::make(h, nlohmann::json::object());
        now_ = made.get();
        return made;
    }
    wish wanted(person asker) const override { return wish{std::move(asker), kind::group}; }
    std::vector<native> authors() const override
    {
        std::vector<native> out;
        out.emplace_back(native::what::person, "alice", "hs.example", "Alice");
        return out;
    }
    // Nobody there speaks first: a Matrix person does, and what comes back is the far person's.
    void say(std::string text) override
    {
        event e{
            disk_.portals.begin()->first, person{user_id{"bob@hs.example"}, "Bob"}, timestamp{},
            message_id{"$" + text}, message{document{text}}
        };
        boost::asio::co_spawn(
            io_, now_->deliver(std::move(e)),
            [this, text](std::exception_ptr, const result<sent>& r) { (r ? done_ : refused_).insert(text); }
        );
    }
    std::vector<heard> hears() const override
    {
        std::vector<heard> out;
        for (const auto& e : disk_.accepted)
            if (const auto* m = std::get_if<message>(&e.what))
                out.emplace_back(e.id.value, m->body.plain());
        return out;
    }
    bool acknowledged(std::string_view text) const override { return done_.contains(text); }
    bool told_to_wait(std::string_view text) const override { return refused_.contains(text); }
};

}  // namespace

std::unique_ptr<contract_peer> make_echo_peer(boost::asio::io_context& io, test::ledger& disk)
{
    return std::make_unique<echo_peer>(io, disk);
}

}  // namespace rialto::contract
