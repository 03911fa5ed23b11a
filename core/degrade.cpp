#include "core/degrade.hpp"

#include "core/rich/html.hpp"
#include "core/rich/plain.hpp"
#include "core/rich/split.hpp"
#include "core/text.hpp"

#include <algorithm>

namespace rialto {

namespace {

constexpr std::size_t longest_name = 64, longest_excerpt = 240, longest_emoji = 64, most_emoji = 20;
constexpr std::uint64_t narrowest = 16;  // a limit below this could not even hold the marks of a part

block paragraph(std::string text)
{
    return block{block::is::paragraph, std::vector<run>(1, run{std::move(text)})};
}

std::string author_of(const reference& r)
{
    auto name = text::one_line(r.shown_as, longest_name);
    return name.empty() ? text::one_line(r.author.value, longest_name) : name;
}

std::string excerpt_of(const reference& r)
{
    return text::isolate(text::shortened(text::one_line(r.excerpt, 4 * longest_excerpt), longest_excerpt));
}

// "what": the words "romeo: “But soft!”", as much of them as is known.
std::string told(const reference& r)
{
    const auto author = author_of(r), excerpt = excerpt_of(r);
    if (excerpt.empty())
        return author;
    return (author.empty() ? "" : author + ": ") + "“" + excerpt + "”";
}

void put_before(document& d, std::string words)
{
    const bool has_words = !d.blocks.empty() && (d.blocks.front().kind == block::is::paragraph ||
                                                 d.blocks.front().kind == block::is::heading);
    if (!has_words) {
        d.blocks.insert(d.blocks.begin(), paragraph(std::move(words)));
        return;
    }
    std::vector<run> runs;
    append(runs, run{words + " "});
    for (auto& r : d.blocks.front().runs)
        append(runs, std::move(r));
    d.blocks.front().runs = std::move(runs);
}

void put_after(document& d, std::string words)
{
    if (d.blocks.empty() || d.blocks.back().kind != block::is::paragraph)
        d.blocks.push_back(paragraph(std::move(words)));
    else
        append(d.blocks.back().runs, run{" " + words});
}

bool known(const std::optional<reference>& r) { return r && !r->id.empty(); }

void fold_thread(message& m, const abilities& able)
{
    if (!m.thread || (able.threads && known(m.thread)))
        return;
    if (!m.reply_to)
        m.reply_to = std::move(m.thread);
    m.thread.reset();
}

void fold_reply(message& m, const abilities& able)
{
    if (!m.reply_to || (able.replies && known(m.reply_to)))
        return;
    const auto author = author_of(*m.reply_to), excerpt = excerpt_of(*m.reply_to);
    if (m.how == manner::emote) {  // an emote has to begin with its verb
        if (const auto words = told(*m.reply_to); !words.empty())
            put_after(m.body, "(in reply to " + words + ")");
    } else if (!excerpt.empty()) {
        block quote{block::is::quote};
        quote.inside.push_back(paragraph((author.empty() ? "" : author + ": ") + excerpt));
        m.body.blocks.insert(m.body.blocks.begin(), std::move(quote));
    } else if (!author.empty()) {
        put_before(m.body, "(in reply to " + author + ")");
    }
    m.reply_to.reset();
}

std::string readable(std::uint64_t bytes)
{
    if (bytes < 1000)
        return std::to_string(bytes) + " B";
    std::uint64_t tenths = (bytes + 50) / 100;
    const char* unit = " kB";
    if (tenths >= 10'000) {
        tenths = (bytes / 100'000) + (bytes % 100'000 >= 50'000 ? 1 : 0);
        unit = " MB";
    }
    auto out = std::to_string(tenths / 10);
    if (tenths < 100)
        out += "." + std::to_string(tenths % 10);
    return out + unit;
}

bool goes_as_link(const file& f, const abilities& able) { return !able.files || f.size > able.max_file; }

block link_to(const file& f)
{
    auto words = text::one_line(f.name);
    if (words.empty())
        words = "file";
    if (f.size > 0)
        words += ", " + readable(f.size);
    block line = paragraph(std::move(words));
    if (rich::is_link(f.url))
        line.runs.front().link = f.url;
    else
        append(line.runs, run{" (cannot be shown here)"});
    return line;
}

void fold_files(message& m, const abilities& able)
{
    for (const auto& f : m.files)
        if (goes_as_link(f, able))
            m.body.blocks.push_back(link_to(f));
    std::erase_if(m.files, [&](const file& f) { return goes_as_link(f, able); });
}

void fold(message& m, const abilities& able)
{
    fold_thread(m, able);
    fold_files(m, able);
    fold_reply(m, able);
    if (!able.html && !m.body.is_plain())
        m.body = document{rich::to_plain(m.body)};
}

// Most texts are short: their documents need no second look.
bool fits(const document& d, std::uint64_t most) { return rich::text_size(d) <= most; }

// The first keeps what can be said once: its verb, what it answers.
std::vector<message> pieces(message m, std::uint64_t most, bool one_file)
{
    std::vector<message> out;
    std::vector<document> bodies;
    if (most != abilities{}.max_text && !fits(m.body, most))
        bodies = rich::split(m.body, static_cast<std::size_t>(std::max(most, narrowest)));
    std::vector<file> apart;
    if (one_file && m.files.size() > 1) {
        apart.assign(std::next(m.files.begin()), m.files.end());
        m.files.erase(std::next(m.files.begin()), m.files.end());
    }
    message next;
    next.how = m.how == manner::emote ? manner::say : m.how;
    next.thread = m.thread;
    out.push_back(std::move(m));
    for (std::size_t i = 1; i < bodies.size(); ++i) {
        out.push_back(next);
        out.back().body = std::move(bodies[i]);
    }
    if (!bodies.empty())
        out.front().body = std::move(bodies.front());
    for (auto& f : apart) {
        out.push_back(next);
        out.back().files.push_back(std::move(f));
    }
    return out;
}

result<std::vector<event>> in_parts(event e, const abilities& able)
{
    auto said = pieces(std::get<message>(std::move(e.what)), able.max_text, able.one_file);
    if (said.size() > most_parts)
        return failure{
            verdict::give_up, cause::too_large,
            "the message is too long for this network: it would be " + std::to_string(said.size()) +
                " messages there, and no more than " + std::to_string(most_parts) + " are made of one"
        };
    std::vector<event> out;
    for (auto& part : said) {
        out.push_back(e);
        out.back().what = std::move(part);
        if (out.size() == 1)
            continue;
        out.back().also.clear();
        if (!e.id.empty())
            out.back().id.value += "/" + std::to_string(out.size());
    }
    return out;
}

result<std::vector<event>> one(event e) { return std::vector<event>(1, std::move(e)); }

result<std::vector<event>> of(event e, message m, const abilities& able)
{
    fold(m, able);
    e.what = std::move(m);
    return in_parts(std::move(e), able);
}

result<std::vector<event>> of(event e, edit what, const abilities& able, const standing& now)
{
    if (able.edits && (able.old_edits || now.latest) && !what.target.id.empty()) {
        auto text = what.now;
        fold(text, able);
        if (able.max_text == abilities{}.max_text || fits(text.body, able.max_text)) {
            what.now = std::move(text);
            e.what = std::move(what);
            return one(std::move(e));
        }
    }
    put_before(what.now.body, "(corrected)");
    return of(std::move(e), std::move(what.now), able);
}

result<std::vector<event>> of(event e, reactions what, const abilities& able, const standing& now)
{
    if (able.reactions && !what.target.id.empty()) {
        e.what = std::move(what);
        return one(std::move(e));
    }
    std::string words;
    std::size_t count = 0;
    for (const auto& emoji : what.set) {
        const bool old = std::find(now.had.begin(), now.had.end(), emoji) != now.had.end();
        const auto shown = text::one_line(emoji, longest_emoji);
        if (old || shown.empty() || ++count > most_emoji)
            continue;
        words += " " + (shown.starts_with("mxc:") ? std::string{"a picture"} : shown);
    }
    if (words.empty())
        return std::vector<event>{};
    message line{document{"reacted with" + words}};
    line.how = manner::emote;
    if (able.replies && !what.target.id.empty())
        line.reply_to = std::move(what.target);
    else if (const auto target = told(what.target); !target.empty())
        put_after(line.body, "to " + target);
    return of(std::move(e), std::move(line), able);
}

result<std::vector<event>> of(event e, retraction what, const abilities& able)
{
    if (!able.retractions)
        return failure{
            verdict::unsupported, cause::other,
            "this network cannot take a message back: it is still to be seen there"
        };
    if (what.target.id.empty())
        return failure{verdict::unsupported, cause::not_found, "the message to take back is not known there"};
    e.what = std::move(what);
    return one(std::move(e));
}

}  // namespace

result<std::vector<event>> degrade(event e, const abilities& able, const standing& now)
{
    auto what = std::move(e.what);
    if (auto* m = std::get_if<message>(&what))
        return of(std::move(e), std::move(*m), able);
    if (auto* c = std::get_if<edit>(&what))
        return of(std::move(e), std::move(*c), able, now);
    if (auto* r = std::get_if<reactions>(&what))
        return of(std::move(e), std::move(*r), able, now);
    if (auto* r = std::get_if<retraction>(&what))
        return of(std::move(e), std::move(*r), able);
    const bool mute = (std::holds_alternative<typing>(what) && !able.typing) ||
                      (std::holds_alternative<receipt>(what) && !able.receipts);
    if (mute)
        return std::vector<event>{};
    e.what = std::move(what);
    return one(std::move(e));
}

std::vector<file*> files_to_link(event& e, const abilities& able)
{
    std::vector<file*> out;
    auto* m = std::get_if<message>(&e.what);
    if (auto* c = std::get_if<edit>(&e.what))
        m = &c->now;
    if (m)
        for (auto& f : m->files)
            if (goes_as_link(f, able) && f.url.empty())
                out.push_back(&f);
    return out;
}

}  // namespace rialto
