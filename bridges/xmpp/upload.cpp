#include "bridges/xmpp/upload.hpp"

#include "bridges/xmpp/stanza_error.hpp"
#include "bridges/xmpp/stanza_names.hpp"
#include "bridges/xmpp/xml.hpp"

#include <algorithm>
#include <charconv>

namespace rialto::xmpp {
namespace {

constexpr std::size_t most_services = 50, longest_slot_url = 4'096, longest_slot_header = 4'096;

bool is_slot_url(std::string_view url)
{
    return url.size() <= longest_slot_url && (url.starts_with("https://") || url.starts_with("http://")) &&
           std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

// §4: these alone, and no line break in them.
bool is_slot_header(std::string_view name, std::string_view value)
{
    std::string low;
    for (const char c : name)
        low += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return (low == "authorization" || low == "cookie" || low == "expires") &&
           value.size() <= longest_slot_header &&
           value.find_first_of(std::string_view{"\r\n\0", 3}) == value.npos;
}

std::uint64_t number_in(std::string_view text)
{
    std::uint64_t n = 0;
    std::from_chars(text.data(), text.data() + text.size(), n);
    return n;
}

}  // namespace

std::vector<std::string> read_items(const node* query)
{
    std::vector<std::string> out;
    if (query == nullptr)
        return out;
    for (const auto* item = query->child("item"); item != nullptr && out.size() < most_services;
         item = item->sibling("item"))
        if (!item->attr("jid").empty() && !item->has("node") &&
            item->attr("jid").find('@') == std::string_view::npos)
            out.emplace_back(item->attr("jid"));
    return out;
}

std::optional<std::uint64_t> read_offer(const node* query)
{
    bool offers = false;
    std::uint64_t most = 0;
    if (query == nullptr)
        return std::nullopt;
    for (const auto* f = query->child("feature"); f != nullptr; f = f->sibling("feature"))
        offers = offers || f->attr("var") == ns::upload;
    for (const auto* form = query->child("x", ns::data); form != nullptr; form = form->sibling("x", ns::data))
        for (const auto* f = form->child("field"); f != nullptr; f = f->sibling("field"))
            if (const auto* value = f->child("value"); f->attr("var") == "max-file-size" && value != nullptr)
                most = number_in(value->content());
    if (!offers)
        return std::nullopt;
    return most;
}

std::string write_slot_request(const file& f)
{
    std::string out;
    {
        element request{out, "request", ns::upload};
        request("filename", f.name.empty() ? "file" : f.name)("size", std::to_string(f.size));
        if (!f.mime.empty())
            request("content-type", f.mime);
    }
    return out;
}

std::optional<upload_slot> read_slot(const node* slot)
{
    if (slot == nullptr || !slot->is("slot", ns::upload))
        return std::nullopt;
    const auto *put = slot->child("put"), *get = slot->child("get");
    if (put == nullptr || get == nullptr || !is_slot_url(put->attr("url")) || !is_slot_url(get->attr("url")))
        return std::nullopt;
    upload_slot out;
    out.put = put->attr("url");
    out.get = get->attr("url");
    for (const auto* h = put->child("header"); h != nullptr; h = h->sibling("header"))
        if (is_slot_header(h->attr("name"), h->content()))
            out.headers.emplace_back(h->attr("name"), h->content());
    return out;
}

failure slot_failure(const stanza_error& e, std::string_view service)
{
    const std::string who{service};
    if (e.condition == "forbidden" || e.condition == "not-allowed" || e.condition == "not-authorized")
        return {
            verdict::give_up, cause::forbidden,
            who + " lets the bridge upload nothing: its administrator can allow the bridge's component"
        };
    if (e.condition == "not-acceptable")
        return {verdict::give_up, cause::too_large, "it is too large for " + who};
    return {verdict::give_up, cause::other, who + " refused it" + (e.text.empty() ? "" : ": " + e.text)};
}

std::string_view server_of(std::string_view component)
{
    const auto dot = component.find('.');
    return dot == component.npos ? std::string_view{} : component.substr(dot + 1);
}

std::string upload_memory::known(const media_id& id) const
{
    const auto at = past_.find(id.value);
    return at == past_.end() ? std::string{} : at->second.url;
}

upload_memory::past& upload_memory::of(const media_id& id)
{
    const auto at = past_.find(id.value);
    if (at != past_.end())
        return at->second;
    if (order_.size() >= most) {
        past_.erase(order_.front());
        order_.pop_front();
    }
    order_.push_back(id.value);
    return past_[id.value];
}

void upload_memory::put(const media_id& id, std::string url) { of(id).url = std::move(url); }

bool upload_memory::once_more(const media_id& id) { return ++of(id).failed < tries; }

}  // namespace rialto::xmpp
