// core/rich/split.hpp: a long document cut into parts that a network with a size limit carries. Pure, any
// thread.
#pragma once

#include "core/document.hpp"

namespace rialto::rich {

// Bytes of it as text: as plain text or as XEP-0393, whichever is longer.
std::size_t text_size(const document& d);

// Parts of at most `most` bytes by that measure, cut between blocks, else at line ends, else between words.
// What is quoted stays quoted and lists go on counting in the next part. Where not even one letter fits into
// its quotes and lists, a part is as long as it has to be.
std::vector<document> split(const document& d, std::size_t most);

}  // namespace rialto::rich
