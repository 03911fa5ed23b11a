#include "bridges/xmpp/file_places.hpp"

#include "bridges/xmpp/muc.hpp"
#include "bridges/xmpp/stanza_names.hpp"
#include "bridges/xmpp/xml.hpp"
#include "core/log.hpp"
#include "core/text.hpp"

namespace rialto::xmpp {
namespace {

constexpr std::chrono::minutes ask_again{10};

message* message_in(happening& what)
{
    if (auto* e = std::get_if<edit>(&what))
        return &e->now;
    return std::get_if<message>(&what);
}

std::string our_jid(const surroundings& around) { return around.config.listener_jid() + "/rialto"; }

awaitable<std::optional<upload_service>> offer_of(surroundings& around, std::string jid)
{
    auto said = co_await around.wire.ask(our_jid(around), jid, iq_type::get, disco_query());
    if (!said || said->error)
        co_return std::nullopt;
    const auto most = read_offer(said->payload());
    if (!most)
        co_return std::nullopt;
    upload_service out;
    out.jid = std::move(jid);
    out.most = *most;
    co_return out;
}

// XEP-0363 §3: the services of the server whose component we are. Asked seldom: they do not come and go.
awaitable<void> look_for_service(surroundings& around)
{
    auto& known = around.uploads;
    const auto now = around.time.now();
    if (known.service || (known.asked != timestamp{} && now - known.asked < ask_again))
        co_return;
    known.asked = now;
    std::vector<std::string> candidates;
    if (!around.config.upload.empty()) {
        candidates.push_back(around.config.upload);
    } else {
        const std::string server{server_of(around.config.domain)};
        const std::string query = "<query xmlns='" + std::string{ns::disco_items} + "'/>";
        auto said = co_await around.wire.ask(our_jid(around), server, iq_type::get, query);
        if (said && !said->error)
            candidates = read_items(said->payload());
        candidates.insert(candidates.begin(), server);
    }
    for (auto& jid : candidates) {
        auto found = co_await offer_of(around, std::move(jid));
        if (!found)
            continue;
        log::info("files go to the upload service", "service", found->jid, "most", found->most);
        known.service = std::move(found);
        co_return;
    }
}

// The bytes decide about size and type: the service holds us to both.
awaitable<result<file>> facts_of(surroundings& around, file f)
{
    auto true_facts = co_await around.core.media().stat(f.bytes);
    if (!true_facts)
        co_return true_facts.error();
    f.size = true_facts->size;
    f.mime = true_facts->mime;
    co_return f;
}

awaitable<result<std::string>> put(surroundings& around, file f)
{
    const failure none{
        verdict::give_up, cause::other, "neither the bridge nor the XMPP server has a place for files"
    };
    if (auto url = around.uploads.known(f.bytes); !url.empty())
        co_return url;
    co_await look_for_service(around);
    if (!around.uploads.service)
        co_return none;
    const auto service = *around.uploads.service;
    auto facts = co_await facts_of(around, f);
    if (!facts)
        co_return facts.error();
    if (service.most > 0 && facts->size > service.most)
        co_return failure{verdict::give_up, cause::too_large, "it is too large for " + service.jid};
    auto said =
        co_await around.wire.ask(our_jid(around), service.jid, iq_type::get, write_slot_request(*facts));
    if (!said)
        co_return said.error();
    if (said->error)
        co_return slot_failure(*said->error, service.jid);
    auto slot = read_slot(said->payload());
    if (!slot)
        co_return failure{
            verdict::give_up, cause::malformed, service.jid + " gave no place that we understand"
        };
    std::vector<note> headers;
    for (auto& [name, value] : slot->headers)
        headers.emplace_back(std::move(name), std::move(value));
    auto pushed = co_await around.core.media().push(f.bytes, slot->put, std::move(headers));
    if (!pushed)
        co_return pushed.error();
    around.uploads.put(f.bytes, slot->get);
    co_return std::move(slot->get);
}

awaitable<result<std::string>> address_for(surroundings& around, file f)
{
    auto url = co_await around.core.media().link(f);
    if (url || url.error().next != verdict::unsupported)
        co_return url;
    auto uploaded = co_await put(around, f);
    // A service that is broken may not hold up what is said behind the file.
    if (!uploaded && uploaded.error().next == verdict::try_later && around.wire.up() &&
        !around.uploads.once_more(f.bytes))
        uploaded.error().next = verdict::give_up;
    co_return uploaded;
}

}  // namespace

std::string words_for(const file& f, const failure& why)
{
    auto name = text::one_line(f.name);
    if (name.empty())
        name = "a file";
    return name + " (this file could not be passed on: " + why.why + ")";
}

awaitable<outcome> place_files(surroundings& around, happening& what)
{
    auto* m = message_in(what);
    if (m == nullptr)
        co_return ok();
    std::vector<file> placed;
    for (auto& f : m->files) {
        if (f.url.empty()) {
            auto url = co_await address_for(around, f);
            if (!url && url.error().next == verdict::try_later)
                co_return url.error();
            if (!url) {
                block line{block::is::paragraph};
                line.runs.emplace_back(words_for(f, url.error()));
                m->body.blocks.push_back(std::move(line));
                continue;
            }
            f.url = std::move(*url);
        }
        placed.push_back(std::move(f));
    }
    m->files = std::move(placed);
    co_return ok();
}

}  // namespace rialto::xmpp
