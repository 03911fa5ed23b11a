// core/json_keys.hpp: reads a table of settings (nlohmann::json) key by key, for backends: what is missing,
// of the wrong type, or unknown is a config_error that names the key, the nearest known one, and the remedy.
//   json_reader in{config, "networks.prosody"};
//   out.host = in.text("host", "localhost");
//   out.port = in.number("port", 5347, 1, 65535);
//   out.secret = in.needed_text("secret");
//   in.end();  // refuses every key that was not asked for
// Pure; of any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rialto {

// The candidate that was probably meant, or "" when none is near (edit distance; a swap of neighbours is one
// edit).
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

// "; did you mean 'x'?" or the list of what is known.
std::string instead_of(std::string_view word, const std::vector<std::string>& known);

class json_reader
{
    const nlohmann::json& from_;
    std::string where_;
    std::vector<std::string> asked_;

    const nlohmann::json* find(std::string_view key);

public:
    // `where` is for messages: "networks.prosody". REQUIRES: `from` outlives it.
    json_reader(const nlohmann::json& from, std::string where);

    std::string text(std::string_view key, std::string otherwise);
    std::string needed_text(std::string_view key);  // not empty
    std::int64_t number(std::string_view key, std::int64_t otherwise, std::int64_t least, std::int64_t most);
    bool flag(std::string_view key, bool otherwise);
    std::vector<std::string> texts(std::string_view key);  // [] when it is not there
    const nlohmann::json& table(std::string_view key);     // {} when it is not there
    [[noreturn]] void refuse(std::string_view key, std::string_view what) const;
    void end() const;
};

}  // namespace rialto
