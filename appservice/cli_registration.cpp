#include "appservice/cli_registration.hpp"

#include "appservice/cli_files.hpp"
#include "core/backend.hpp"
#include "registrations/load.hpp"

#include <sys/stat.h>

#include <array>
#include <ostream>

namespace rialto::cli {

namespace fs = std::filesystem;
namespace reg = rialto::registrations;

namespace {
reg::tokens kept_tokens(const fs::path& file)
{
    auto old = reg::read(whole_file(file), file.string()).it;
    if (old.as_token.empty() || old.hs_token.empty())
        throw config_error(file.string() + " has no tokens to keep: use --force for fresh ones");
    return {std::move(old.as_token), std::move(old.hs_token)};
}

// Ours must be private; the homeserver's copy has another owner, whose group may be the homeserver's own.
std::vector<reg::finding> findings_of_mode(const fs::path& file, bool ours)
{
    std::vector<reg::finding> out;
    struct stat about = {};
    if (::stat(file.c_str(), &about) != 0 || (about.st_mode & 077) == 0)
        return out;
    std::array<char, 8> mode{};
    std::snprintf(mode.data(), mode.size(), "%04o", about.st_mode & 07777U);
    const bool world = (about.st_mode & 07) != 0;
    out.emplace_back(
        ours || world, 0,
        std::string{"others than its owner can read the tokens in it (mode "} + mode.data() + ")",
        "chmod 600 " + file.string() + (ours ? "" : ", owned by the homeserver's user")
    );
    return out;
}
}  // namespace

void write_registration(const registration_wish& wish, std::ostream& out)
{
    const auto server = reg::homeserver_named(wish.homeserver);
    if (!server)
        throw config_error(
            "--for '" + wish.homeserver + "': there are synapse, dendrite, conduit (tuwunel, continuwuity)"
        );
    const auto from = load_config(wish.config);
    const auto file =
        fs::absolute(wish.output.empty() ? from.appservice.registration : wish.output).lexically_normal();
    auto secret = wish.update ? kept_tokens(file) : reg::tokens{reg::fresh_token(), reg::fresh_token()};
    const auto made = reg::made_for(reg::setting_of(from), std::move(secret));
    if (wish.print) {
        out << reg::yaml_of(made);
        return;
    }
    if (!wish.force && !wish.update && fs::exists(file))
        throw config_error(
            file.string() +
            " is there already and was not touched: --update writes it anew and keeps its tokens, "
            "--force makes fresh tokens (the homeserver must then be given it again)"
        );
    write_private(file, reg::yaml_of(made), true);
    out << "wrote " << file.string() << "\n" << reg::how_to_install(*server, file, made);
}

bool check_registration(const fs::path& config, const fs::path& file, std::ostream& out)
{
    const auto from = load_config(config);
    const auto& own = from.appservice.registration;
    const auto& looked_at = file.empty() ? own : file;
    std::error_code ec;
    const bool ours = fs::equivalent(looked_at, own, ec);
    auto read = reg::read(whole_file(looked_at), looked_at.string());
    std::optional<reg::tokens> tokens;
    if (!ours && fs::exists(own))
        tokens = kept_tokens(own);
    auto all = findings_of_mode(looked_at, ours);
    std::ranges::move(read.findings, std::back_inserter(all));
    std::ranges::move(reg::check(read.it, reg::setting_of(from), tokens), std::back_inserter(all));
    out << reg::shown(all, looked_at.string());
    bool good = true;
    for (const auto& each : all)
        good = good && !each.fatal;
    if (good)
        out << looked_at.string() << ": fits the configuration" << (all.empty() ? "" : ", with warnings")
            << "\n";
    return good;
}

}  // namespace rialto::cli
