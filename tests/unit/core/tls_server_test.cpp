#include "core/net/tls_server.hpp"

#include <gmock/gmock.h>

namespace rialto::net::tls_server_test {
namespace {

using testing::HasSubstr;

TEST(TlsServer, NamesTheFileThatCannotBeUsed)
{
    const auto none = check_tls("/nowhere/cert.pem", "/nowhere/key.pem");
    ASSERT_FALSE(none);
    EXPECT_THAT(none.error().why, HasSubstr("/nowhere/cert.pem"));
    EXPECT_EQ(none.error().next, verdict::try_later) << "it may come";
}

}  // namespace
}  // namespace rialto::net::tls_server_test
