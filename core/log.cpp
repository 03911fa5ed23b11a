#include "core/log.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace rialto::log {

namespace {
constexpr std::size_t longest_value = 512;

spdlog::level::level_enum native(level l)
{
    switch (l) {
        case level::debug: return spdlog::level::debug;
        case level::info: return spdlog::level::info;
        case level::warn: return spdlog::level::warn;
        case level::error: return spdlog::level::err;
    }
    return spdlog::level::info;
}

spdlog::logger& logger()
{
    static auto first = [] {
        auto made = spdlog::stderr_logger_mt("rialto");
        made->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
        return made;
    }();
    auto now = spdlog::get("rialto");
    return now ? *now : *first;
}
}  // namespace

void start(level least, const std::string& file)
{
    logger();
    if (!file.empty()) {
        spdlog::drop("rialto");
        auto made = spdlog::basic_logger_mt("rialto", file);
        made->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
        made->flush_on(spdlog::level::info);
    }
    logger().set_level(native(least));
}

bool wanted(level l) { return logger().should_log(native(l)); }
void line(level l, const std::string& text) { logger().log(native(l), text); }

void append(std::string& out, std::string_view key, std::string_view value)
{
    const auto cut = value.substr(0, longest_value);
    const bool plain = !cut.empty() && cut.find_first_of(" \"=\\") == cut.npos;
    out.append(" ").append(key).append("=");
    if (!plain)
        out += '"';
    for (const char c : cut) {
        const auto u = static_cast<unsigned char>(c);
        if (u < 0x20 || u == 0x7f) {
            out += '?';  // no line break, no terminal escape ever reaches the log
            continue;
        }
        if (c == '"' || c == '\\')
            out += '\\';
        out += c;
    }
    if (!plain)
        out += '"';
}

}  // namespace rialto::log
