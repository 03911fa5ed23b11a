#include "core/yaml.hpp"

#include "core/backend.hpp"

#include <yaml-cpp/yaml.h>

namespace rialto::yaml {

namespace {
constexpr int deepest = 32, most = 10'000;

class copier
{
    const std::string& file_;
    int seen_ = 0;

public:
    explicit copier(const std::string& file) : file_{file} {}

    node copy(const YAML::Node& from, int depth)
    {
        const int line = from.Mark().line + 1;
        if (depth > deepest || ++seen_ > most)
            refuse(line, depth > deepest ? "nested too deeply" : "too many values");
        node out;
        out.line = line;
        if (from.IsScalar()) {
            out.is = node::shape::scalar;
            out.scalar = from.Scalar();
            out.quoted = from.Tag() == "!";
        } else if (from.IsSequence()) {
            out.is = node::shape::list;
            for (const auto& each : from)
                out.items.push_back(copy(each, depth + 1));
        } else if (from.IsMap()) {
            out.is = node::shape::map;
            for (const auto& each : from)
                enter(out, copy(each.first, depth + 1), each.second, depth);
        }
        return out;
    }

private:
    void enter(node& into, node key, const YAML::Node& value, int depth)
    {
        if (key.is != node::shape::scalar)
            refuse(key.line, "a key must be a plain word");
        if (const auto* first = into.find(key.scalar)) {
            const auto at = std::to_string(first->line);
            refuse(key.line, "'" + key.scalar + "' is given twice, first in line " + at);
        }
        auto copied = copy(value, depth + 1);
        if (copied.line == 0)
            copied.line = key.line;  // a key without a value has no place of its own
        into.entries.emplace_back(std::move(key), std::move(copied));
    }
    [[noreturn]] void refuse(int line, const std::string& what) const
    {
        throw config_error(file_ + ":" + std::to_string(line) + ": " + what);
    }
};
}  // namespace

const node* node::find(std::string_view key) const
{
    for (const auto& [name, value] : entries)
        if (name.scalar == key)
            return &value;
    return nullptr;
}

node parsed(const std::string& text, const std::string& file)
{
    try {
        return copier{file}.copy(YAML::Load(text), 0);
    } catch (const YAML::Exception& e) {
        throw config_error(file + ":" + std::to_string(e.mark.line + 1) + ": this is not YAML: " + e.msg);
    }
}

std::string quoted(std::string_view text)
{
    constexpr std::string_view hex = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto u = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            out += '\\';
        if (u < 0x20 || u == 0x7f) {
            out += "\\x";
            out += hex[u >> 4];
            out += hex[u & 15];
        } else {
            out += c;
        }
    }
    return out + '"';
}

}  // namespace rialto::yaml
