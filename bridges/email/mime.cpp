#include "bridges/email/mime.hpp"

#include "bridges/email/letters.hpp"
#include "bridges/email/mime_guard.hpp"
#include "core/text.hpp"

#include <gmime/gmime.h>

#include <cassert>
#include <memory>

namespace rialto::email {
namespace {

struct unref
{
    void operator()(void* object) const { g_object_unref(object); }
};
template <class T>
using owned = std::unique_ptr<T, unref>;

GMimeParserOptions* reading()
{
    static GMimeParserOptions* const options = [] {
        g_mime_init();
        auto* made = g_mime_parser_options_new();
        const char* charsets[] = {"utf-8", "windows-1252", nullptr};
        g_mime_parser_options_set_fallback_charsets(made, charsets);
        return made;
    }();
    return options;
}

// COMPAT: "Message from Carol <carol@x.example> of 1 Sep <id@x.example>": an address may stand before the
// name.
std::string last_id_in(std::string_view value)
{
    auto all = message_ids_in(value);
    return all.empty() ? std::string{} : std::move(all.back());
}

std::string str(const char* s) { return s ? text::to_utf8(s) : std::string{}; }

std::string type_of(GMimeObject* part)
{
    auto* type = g_mime_object_get_content_type(part);
    if (!type)
        return "text/plain";
    const std::unique_ptr<char, void (*)(void*)> whole{g_mime_content_type_get_mime_type(type), &g_free};
    return small(text::one_line(str(whole.get()), 100));
}

// Decoded, at most `most` bytes.
std::string bytes_of(GMimePart* part, std::size_t most, bool& cut)
{
    auto* content = g_mime_part_get_content(part);
    if (!content)
        return {};
    const owned<GMimeStream> memory{g_mime_stream_mem_new()};
    g_mime_data_wrapper_write_to_stream(content, memory.get());
    const auto* array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory.get()));
    cut = cut || array->len > most;
    return std::string(reinterpret_cast<const char*>(array->data), std::min<std::size_t>(array->len, most));
}

class reader
{
    const mime_limits& limits_;
    parsed_mail& out_;
    std::size_t parts_ = 0;

    void people(InternetAddressList* list, std::vector<mail_person>& out, std::size_t& seen, int depth)
    {
        for (int i = 0; list && i < internet_address_list_length(list) && seen < limits_.people; ++i) {
            auto* one = internet_address_list_get_address(list, i);
            if (INTERNET_ADDRESS_IS_GROUP(one)) {
                if (depth < 5)
                    people(
                        internet_address_group_get_members(INTERNET_ADDRESS_GROUP(one)), out, seen, depth + 1
                    );
                continue;
            }
            ++seen;
            const auto who =
                parse_address(str(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one))));
            if (who)
                out.emplace_back(text::one_line(str(internet_address_get_name(one)), 200), *who);
        }
    }

    void header(std::string_view name, GMimeHeader* h)
    {
        const auto value = text::one_line(str(g_mime_header_get_value(h)), 64 * 1024);
        if (name == "from")
            ++out_.from_headers;
        else if (name == "received")
            ++out_.received;
        else if (name == "authentication-results")
            out_.authentication.push_back(value);
        else if (name == "message-id" && out_.message_id.empty())
            out_.message_id = message_id_in(value);
        else if (name == "in-reply-to" && out_.in_reply_to.empty())
            out_.in_reply_to = last_id_in(value);
        else if (name == "references" && out_.references.empty())
            out_.references = message_ids_in(value);
        else if (name == "auto-submitted")
            out_.auto_submitted = small(value);
        else if (name == "precedence")
            out_.precedence = small(value);
        else if (name == "list-id")
            out_.list_id = small(value);
        else if (name == "x-auto-response-suppress")
            out_.suppress = small(value);
        else if (name == "list-unsubscribe")
            out_.list_unsubscribe = value;
        else if (name == "list-unsubscribe-post")
            out_.list_unsubscribe_post = value;
    }

    void text_part(GMimePart* part, const std::string& type)
    {
        auto* about = g_mime_object_get_content_type(GMIME_OBJECT(part));
        const auto parameter = [about](const char* name) {
            return str(about ? g_mime_content_type_get_parameter(about, name) : nullptr);
        };
        auto said = to_utf8(bytes_of(part, limits_.text, out_.cut), parameter("charset"));
        if (type == "text/plain" && small(parameter("format")) == "flowed")
            said = unflowed(said, small(parameter("delsp")) == "yes");
        auto& whole = type == "text/html" ? out_.html : out_.text;
        if (!whole)
            whole = std::move(said);
        else if (whole->size() + said.size() <= limits_.text)
            *whole += "\n" + said;
        else
            out_.cut = true;
    }

    void file(GMimePart* part, std::string type)
    {
        mail_file f;
        f.name = text::one_line(str(g_mime_part_get_filename(part)), 200);
        f.content_id = text::one_line(str(g_mime_part_get_content_id(part)), 200);
        if (f.name.empty() && type == "text/calendar")
            f.name = "event.ics";
        f.in_body = !f.content_id.empty() && type.starts_with("image/");
        f.type = std::move(type);
        bool cut = false;
        f.bytes = bytes_of(part, 100 * 1024 * 1024, cut);
        out_.files.push_back(std::move(f));
    }

    void leaf(GMimePart* part)
    {
        auto type = type_of(GMIME_OBJECT(part));
        const bool attached = g_mime_part_is_attachment(part) != FALSE ||
                              (g_mime_part_get_filename(part) && type != "text/html");
        if (type == "message/delivery-status" && !out_.delivery_status) {
            bool cut = false;
            out_.delivery_status = text::to_utf8(bytes_of(part, limits_.text, cut));
        } else if (!attached && (type == "text/plain" || type == "text/html")) {
            text_part(part, type);
        } else {
            file(part, std::move(type));
        }
    }

    void whole_mail(GMimeObject* part)  // a mail within: a file that mail programs open
    {
        mail_file f;
        f.type = "message/rfc822";
        f.name = "message.eml";
        const owned<GMimeStream> memory{g_mime_stream_mem_new()};
        g_mime_object_write_content_to_stream(part, nullptr, memory.get());
        const auto* array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory.get()));
        f.bytes.assign(reinterpret_cast<const char*>(array->data), array->len);
        out_.files.push_back(std::move(f));
    }

public:
    reader(const mime_limits& limits, parsed_mail& out) : limits_{limits}, out_{out} {}

    void headers(GMimeMessage* mail)
    {
        auto* all = g_mime_object_get_header_list(GMIME_OBJECT(mail));
        for (int i = 0; i < g_mime_header_list_get_count(all); ++i) {
            auto* h = g_mime_header_list_get_header_at(all, i);
            header(small(str(g_mime_header_get_name(h))), h);
        }
        out_.subject = text::one_line(str(g_mime_message_get_subject(mail)), 500);
        std::size_t to = 0, cc = 0;
        people(g_mime_message_get_from(mail), out_.from, out_.from_people, 0);
        people(g_mime_message_get_to(mail), out_.to, to, 0);
        people(g_mime_message_get_cc(mail), out_.cc, cc, 0);
        if (auto* date = g_mime_message_get_date(mail))
            out_.date = timestamp{std::chrono::seconds{g_date_time_to_unix(date)}};
    }

    void walk(GMimeObject* part, std::size_t depth)
    {
        if (!part)
            return;
        if (++parts_ > limits_.parts || depth > limits_.depth) {
            out_.cut = true;
            return;
        }
        const auto type = type_of(part);
        out_.encrypted = out_.encrypted || type == "multipart/encrypted" || type == "application/pkcs7-mime";
        out_.is_report = out_.is_report || type == "multipart/report";
        if (GMIME_IS_MULTIPART(part)) {
            auto* many = GMIME_MULTIPART(part);
            for (int i = 0; i < g_mime_multipart_get_count(many); ++i)
                walk(g_mime_multipart_get_part(many, i), depth + 1);
        } else if (GMIME_IS_PART(part)) {
            leaf(GMIME_PART(part));
        } else {
            whole_mail(part);
        }
    }
};

owned<GMimeObject> text_object(const char* subtype, std::string_view said)
{
    owned<GMimePart> part{g_mime_part_new_with_type("text", subtype)};
    g_mime_object_set_content_type_parameter(GMIME_OBJECT(part.get()), "charset", "utf-8");
    const owned<GMimeStream> stream{g_mime_stream_mem_new_with_buffer(said.data(), said.size())};
    const owned<GMimeDataWrapper> content{
        g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT)
    };
    g_mime_part_set_content(part.get(), content.get());
    g_mime_part_set_content_encoding(part.get(), GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    return owned<GMimeObject>{GMIME_OBJECT(part.release())};
}

bool is_token(std::string_view s)
{
    return !s.empty() && s.size() <= 60 && std::ranges::all_of(s, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view{"-+._"}.find(c) != std::string_view::npos;
    });
}

// Its bytes stay as they are: base64, whatever it is.
owned<GMimeObject> file_object(const mail_file& f)
{
    const auto slash = std::min(f.type.find('/'), f.type.size());
    auto kind = f.type.substr(0, slash), subkind = f.type.substr(std::min(slash + 1, f.type.size()));
    if (!is_token(kind) || !is_token(subkind) || kind == "message" || kind == "multipart") {
        kind = "application";
        subkind = "octet-stream";
    }
    owned<GMimePart> part{g_mime_part_new_with_type(kind.c_str(), subkind.c_str())};
    const auto name = text::one_line(f.name, 200);
    g_mime_part_set_filename(part.get(), name.empty() ? "file" : name.c_str());  // as an attachment
    const owned<GMimeStream> stream{g_mime_stream_mem_new_with_buffer(f.bytes.data(), f.bytes.size())};
    const owned<GMimeDataWrapper> content{
        g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT)
    };
    g_mime_part_set_content(part.get(), content.get());
    g_mime_part_set_content_encoding(part.get(), GMIME_CONTENT_ENCODING_BASE64);
    return owned<GMimeObject>{GMIME_OBJECT(part.release())};
}

void set(GMimeMessage* mail, const char* name, const std::string& value)
{
    const auto line = text::one_line(value, 8000);
    if (!line.empty())
        g_mime_object_set_header(GMIME_OBJECT(mail), name, line.c_str(), "utf-8");
}

void add(GMimeMessage* mail, GMimeAddressType as, const mail_person& who)
{
    const auto name = text::one_line(who.shown_as, 200);
    g_mime_message_add_mailbox(mail, as, name.empty() ? nullptr : name.c_str(), who.who.text().c_str());
}

}  // namespace

result<parsed_mail> read_mail(std::string raw, const mime_limits& limits)
{
    auto safe = guarded(std::move(raw));
    if (!safe)
        return safe.error();
    parsed_mail out;
    auto* options = reading();
    const owned<GMimeStream> stream{g_mime_stream_mem_new_with_buffer(safe->data(), safe->size())};
    const owned<GMimeParser> parser{g_mime_parser_new_with_stream(stream.get())};
    const owned<GMimeMessage> mail{g_mime_parser_construct_message(parser.get(), options)};
    if (!mail) {
        out.text = to_utf8(std::string_view{*safe}.substr(0, limits.text), "");
        return out;
    }
    reader all{limits, out};
    all.headers(mail.get());
    all.walk(g_mime_message_get_mime_part(mail.get()), 0);
    return out;
}

std::string write_mail(const outgoing_mail& m)
{
    reading();  // begins GMime
    const owned<GMimeMessage> mail{g_mime_message_new(TRUE)};
    add(mail.get(), GMIME_ADDRESS_TYPE_FROM, m.from);
    for (const auto& who : m.to)
        add(mail.get(), GMIME_ADDRESS_TYPE_TO, who);
    for (const auto& who : m.cc)
        add(mail.get(), GMIME_ADDRESS_TYPE_CC, who);
    g_mime_message_set_subject(mail.get(), text::one_line(m.subject, 900).c_str(), "utf-8");
    const std::unique_ptr<GDateTime, void (*)(GDateTime*)> date{
        g_date_time_new_from_unix_utc(
            std::chrono::duration_cast<std::chrono::seconds>(m.date.time_since_epoch()).count()
        ),
        &g_date_time_unref
    };
    if (date)
        g_mime_message_set_date(mail.get(), date.get());
    set(mail.get(), "Message-Id", message_id_in(m.message_id));
    set(mail.get(), "In-Reply-To", message_id_in(m.in_reply_to));
    std::string references;
    for (const auto& id : m.references)
        references += (references.empty() ? "" : " ") + message_id_in(id);
    set(mail.get(), "References", references);
    set(mail.get(), "Auto-Submitted", m.auto_submitted);

    auto body = text_object("plain", m.text);
    if (!m.html.empty()) {
        owned<GMimeMultipart> both{g_mime_multipart_new_with_subtype("alternative")};
        g_mime_multipart_set_boundary(
            both.get(), ("=_" + m.boundary).c_str()
        );  // no line of quoted-printable
        const auto rich = text_object("html", m.html);
        g_mime_multipart_add(both.get(), body.get());
        g_mime_multipart_add(both.get(), rich.get());
        body.reset(GMIME_OBJECT(both.release()));
    }
    if (!m.files.empty()) {
        owned<GMimeMultipart> all{g_mime_multipart_new_with_subtype("mixed")};
        g_mime_multipart_set_boundary(all.get(), ("=_m" + m.boundary).c_str());
        if (!m.text.empty() || !m.html.empty())
            g_mime_multipart_add(all.get(), body.get());
        for (const auto& f : m.files)
            g_mime_multipart_add(all.get(), file_object(f).get());
        body.reset(GMIME_OBJECT(all.release()));
    }
    g_mime_message_set_mime_part(mail.get(), body.get());
    const std::unique_ptr<GMimeFormatOptions, void (*)(GMimeFormatOptions*)> format{
        g_mime_format_options_new(), &g_mime_format_options_free
    };
    g_mime_format_options_set_newline_format(format.get(), GMIME_NEWLINE_FORMAT_DOS);
    g_mime_format_options_set_param_encoding_method(format.get(), GMIME_PARAM_ENCODING_METHOD_RFC2231);
    const std::unique_ptr<char, void (*)(void*)> whole{
        g_mime_object_to_string(GMIME_OBJECT(mail.get()), format.get()), &g_free
    };
    return whole ? std::string{whole.get()} : std::string{};
}

}  // namespace rialto::email
