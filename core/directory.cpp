#include "core/directory.hpp"

#include "core/key.hpp"

namespace rialto {

namespace {
constexpr std::size_t most_cached = 100'000;
constexpr std::string_view hash_mark =
    "/long/";  // no address begins so: what follows stands for a longer one

std::string key_of(std::string_view network, std::string_view id)
{
    return std::string{network} + '\n' + std::string{id};
}
native native_person(std::string_view mxid, std::string shown_as)
{
    const auto colon = mxid.find(':');
    std::string local{mxid.substr(1, colon == mxid.npos ? mxid.npos : colon - 1)};
    std::string server{colon == mxid.npos ? std::string_view{} : mxid.substr(colon + 1)};
    return native{native::what::person, std::move(local), std::move(server), std::move(shown_as)};
}
}  // namespace

const std::string* directory::cache::find(const std::string& key) const
{
    const auto at = known.find(key);
    return at == known.end() ? nullptr : &at->second;
}

void directory::cache::keep(std::string key, std::string value)
{
    if (known.size() >= most_cached)
        known.clear();
    known[std::move(key)] = std::move(value);
}

std::string directory::network_of(std::string_view mxid) const
{
    auto far = grammar_.behind_ghost(mxid);
    return far ? std::move(far->network) : std::string{};
}

std::string directory::portal_alias(std::string_view network, std::string_view what) const
{
    const auto whole = grammar_.alias(network, what);
    if (!whole)
        return {};
    return whole->substr(1, whole->find(':') - 1);
}

void directory::named(std::string mxid, std::string shown_as)
{
    if (!shown_as.empty())
        names_.keep(std::move(mxid), std::move(shown_as));
}

awaitable<std::string> directory::shown_as(homeserver& matrix, std::string mxid)
{
    if (const auto* known = names_.find(mxid))
        co_return *known;
    auto said = co_await matrix.describe(mxid);
    if (!said)
        co_return std::string{};
    names_.keep(std::move(mxid), said->shown_as);
    co_return std::move(said->shown_as);
}

awaitable<result<std::string>> directory::mxid_of(const network_state& net, user_id far)
{
    const auto key = key_of(net.name, far.value);
    if (const auto* known = mxids_.find(key))
        co_return *known;
    auto row = co_await disk_.person_by_far(net.name, far);
    if (!row)
        co_return row.error();
    std::string mxid;
    if (*row && (*row)->puppet)
        mxid = (*row)->mxid;
    else if (auto puppet = co_await person_behind(net, far); !puppet.empty())
        mxid = std::move(puppet);
    else if (auto spelled = grammar_.ghost(net.name, far.value))
        mxid = std::move(*spelled);
    else {
        auto hashed = co_await hashed_ghost(net.name, far);
        if (!hashed)
            co_return hashed.error();
        mxid = std::move(*hashed);
    }
    mxids_.keep(key, mxid);
    co_return mxid;
}

// A far person may write to a puppet before anybody asked for its address: the backend can read it back.
awaitable<std::string> directory::person_behind(const network_state& net, user_id far)
{
    auto who = co_await net.far->native_of(far.value);
    if (!who || who->is != native::what::person)
        co_return std::string{};
    co_return "@" + who->local + ":" + who->server;
}

// An address too long for a Matrix id: its hash stands for it, the store remembers which it was.
awaitable<result<std::string>> directory::hashed_ghost(std::string network, user_id far)
{
    auto mxid = grammar_.ghost(network, std::string{hash_mark} + digest({far.value}));
    if (!mxid)
        co_return failure{verdict::give_up, cause::too_large, "the address is too long for a Matrix id"};
    person_row row;
    row.network = network;
    row.far = std::move(far);
    row.mxid = *mxid;
    std::vector<store_change> all;
    all.emplace_back(put_person{std::move(row)});
    auto wrote = co_await disk_.commit(std::move(all));
    if (!wrote)
        co_return wrote.error();
    co_return std::move(*mxid);
}

awaitable<result<user_id>> directory::far_of(const network_state& net, std::string mxid, std::string shown_as)
{
    const auto far = grammar_.behind_ghost(mxid);
    const bool own = far && far->network == net.name;
    if (own && far->address.rfind(hash_mark, 0) != 0)
        co_return user_id{far->address};
    const auto key = key_of(net.name, mxid);
    if (const auto* known = fars_.find(key))
        co_return user_id{*known};
    auto row = co_await disk_.person_by_mxid(net.name, mxid);
    if (!row)
        co_return row.error();
    if (*row) {
        fars_.keep(key, (*row)->far.value);
        co_return (*row)->far;
    }
    if (own || mxid.size() < 2)
        co_return failure{verdict::give_up, cause::not_found, "nobody is known by this Matrix id"};
    auto address = co_await net.far->address_of(native_person(mxid, shown_as));
    if (!address)
        co_return address.error();
    person_row fresh;
    fresh.network = net.name;
    fresh.far = *address;
    fresh.mxid = std::move(mxid);
    fresh.puppet = true;
    fresh.shown_as = std::move(shown_as);
    std::vector<store_change> all;
    all.emplace_back(put_person{std::move(fresh)});
    auto wrote = co_await disk_.commit(std::move(all));
    if (!wrote)
        co_return wrote.error();
    fars_.keep(key, address->value);
    co_return address;
}

}  // namespace rialto
