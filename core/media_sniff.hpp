// core/media_sniff.hpp: what bytes are, told by the bytes themselves (WHATWG MIME Sniffing §6, and the
// formats' own signatures): what a stranger claims about a file decides nothing. Pure; any thread; total over
// any input.
#pragma once

#include "core/event.hpp"

#include <string_view>

namespace rialto {

inline constexpr std::size_t sniffed_bytes = 64 * 1024;  // as much of the beginning as is ever looked at

struct sniffed_kind
{
    std::string_view mime = "application/octet-stream";
    file::as shown = file::as::file;      // image, audio, video: may be shown in place; file: is saved
    std::uint32_t width = 0, height = 0;  // 0: not cheaply known
    sniffed_kind() = default;
    sniffed_kind(std::string_view m, file::as a) : mime{m}, shown{a} {}
};
sniffed_kind sniff(std::string_view beginning);

// Brings what is claimed of a file in line with its bytes. A claimed type stays only where the bytes say
// nothing against it and it is one that is never shown in place.
void settle_kind(file& f, const sniffed_kind& found, std::uint64_t size);

}  // namespace rialto
