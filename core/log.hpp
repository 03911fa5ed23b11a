// core/log.hpp: the log is an interface: one line per fact, key=value, ids but never bodies or tokens,
// addresses at debug only. error = a human must act, warn = we recovered, info = life-cycle,
// debug = per message.
//   log::info("link up", "network", "prosody", "took_ms", 12);
// Thread-safe. The only file that knows spdlog is log.cpp.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>

namespace rialto::log {

enum class level
{
    debug,
    info,
    warn,
    error
};

// Before it, and with file "", lines go to standard error.
void start(level least, const std::string& file);
bool wanted(level l);
void line(level l, const std::string& text);
// Quotes what needs it, bounds the length.
void append(std::string& out, std::string_view key, std::string_view value);

inline void fields(std::string&) {}
template <class V, class... More>
void fields(std::string& out, std::string_view key, const V& value, const More&... more)
{
    if constexpr (std::is_same_v<V, bool>)
        append(out, key, value ? "true" : "false");
    else if constexpr (std::is_arithmetic_v<V>)
        append(out, key, std::to_string(value));
    else
        append(out, key, std::string_view{value});
    fields(out, more...);
}
template <class... F>
void write(level l, std::string_view what, const F&... f)
{
    if (!wanted(l))
        return;
    std::string out{what};
    fields(out, f...);
    line(l, out);
}
template <class... F>
void debug(std::string_view what, const F&... f)
{
    write(level::debug, what, f...);
}
template <class... F>
void info(std::string_view what, const F&... f)
{
    write(level::info, what, f...);
}
template <class... F>
void warn(std::string_view what, const F&... f)
{
    write(level::warn, what, f...);
}
template <class... F>
void error(std::string_view what, const F&... f)
{
    write(level::error, what, f...);
}

}  // namespace rialto::log
