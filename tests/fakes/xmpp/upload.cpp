// HTTP file upload (XEP-0363): slots by IQ, the bytes by HTTP. Clients get slots; a component only if it may.
#include "tests/fakes/xmpp/server.hpp"

namespace rialto::fakes::xmpp {

namespace {
constexpr const char* upload_ns = "urn:xmpp:http:upload:0";
constexpr std::size_t largest = 50U << 20U;
}  // namespace

void server::to_upload(const element& iq)
{
    if (iq.name != "iq" || (iq.get("type") != "get" && iq.get("type") != "set"))
        return;
    element reply = answer_to(iq);
    if (const element* q = iq.find("query", "http://jabber.org/protocol/disco#info")) {
        element& query = reply.add("query", q->ns);
        query.add("identity", query.ns).set("category", "store").set("type", "file");
        query.add("feature", query.ns).set("var", upload_ns);
        return route(std::move(reply));
    }
    const element* request = iq.find("request", upload_ns);
    if (!request)
        return bounce(iq, "cancel", "service-unavailable");
    if (is_component(jid{iq.get("from")}.domain) && !options_.component_may_create)
        return bounce(iq, "auth", "forbidden");
    if (std::strtoull(request->get("size").c_str(), nullptr, 10) > largest)
        return bounce(iq, "modify", "not-acceptable", "File too large");
    const std::string url = "http://127.0.0.1:" + std::to_string(http_.port()) + "/upload/" + fresh_id(24) +
                            '/' + percent_encoded(request->get("filename"));
    element& slot = reply.add("slot", upload_ns);
    slot.add("put", upload_ns).set("url", url);
    slot.add("get", upload_ns).set("url", url);
    route(std::move(reply));
}

awaitable<http_reply> server::serve_upload(http_request r)
{
    if (!r.target.starts_with("/upload/"))
        co_return http_reply{"", 404};
    if (r.method == "PUT") {
        uploads_[r.target] = std::move(r.body);
        co_return http_reply{"", 201};
    }
    const auto at = uploads_.find(r.target);
    if (at == uploads_.end())
        co_return http_reply{"", 404};
    http_reply out{at->second};
    out.type = "application/octet-stream";
    co_return out;
}

}  // namespace rialto::fakes::xmpp
