// bridges/email/quoting.hpp: what of a mail its author did not write just now: the mails below an answer, a
// signature (RFC 3676 §4.3). Told apart, never thrown away. Pure, any thread; linear.
#pragma once

#include "core/document.hpp"

namespace rialto::email {

struct folded
{
    document said;
    std::string rest;  // plain; "" when all of it is the author's own
    folded() = default;
};

// `answers`: the mail says that it answers one. Else what is quoted is what it is about, and stays.
folded fold(document d, bool answers);

}  // namespace rialto::email
