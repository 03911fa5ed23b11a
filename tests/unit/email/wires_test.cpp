#include "bridges/email/wires.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <gtest/gtest.h>

namespace rialto::email::wires_test {
namespace {

namespace asio = boost::asio;

struct Wires : testing::Test
{
    asio::io_context io{1};
    std::shared_ptr<wires> all = std::make_shared<wires>();
    asio::local::stream_protocol::socket far{io};
    std::shared_ptr<wire> near;
    std::optional<std::string> got;

    void SetUp() override
    {
        asio::local::stream_protocol::socket one{io};
        asio::local::connect_pair(one, far);
        near = std::make_shared<wire>(all, stream_socket{std::move(one)});
    }
    void begin_reading(std::string farewell)
    {
        asio::co_spawn(
            io, near->read(std::chrono::seconds{60}, std::move(farewell)),
            [this](std::exception_ptr, std::string s) { got = std::move(s); }
        );
        io.poll();
    }
    std::string heard()
    {
        std::string out;
        boost::system::error_code end;
        asio::read(far, asio::dynamic_buffer(out), end);
        EXPECT_EQ(end, asio::error::eof);
        return out;
    }
};

TEST_F(Wires, WhoIsWaitedForIsToldWhenAllEnds)
{
    begin_reading("421 going down\r\n");
    all->close_all();
    io.poll();
    EXPECT_EQ(got, "");
    EXPECT_EQ(heard(), "421 going down\r\n");
}

TEST_F(Wires, NothingIsSaidInTheMiddleOfSomethingElse)
{
    begin_reading("421 going down\r\n");
    asio::write(far, asio::buffer(std::string{"NOOP\r\n"}));
    io.poll();
    EXPECT_EQ(got, "NOOP\r\n");
    all->close_all();
    EXPECT_EQ(heard(), "");
}

TEST_F(Wires, WhatWasClosedStaysSilent)
{
    begin_reading("421 going down\r\n");
    near->close();
    all->close_all();
    EXPECT_EQ(heard(), "");
}

}  // namespace
}  // namespace rialto::email::wires_test
