// tests/crash/seams.hpp: where the process under test touches the world, without a line for it in the
// product: this program defines the C library's own calls (sockets, timers, clocks), so Asio, curl and gloox
// call these. They count, they strike (page.hpp), and they let time run faster for the whole family of
// processes.
#pragma once

#include "tests/crash/page.hpp"

#include <chrono>
#include <cstddef>

namespace rialto::crash {

void hurry(double faster);              // from now on, here and in all children: a second lasts 1/faster
std::chrono::milliseconds true_time();  // real, since some moment

// In the child, before anything else runs: its operations count from here on. `channel`: where it asks the
// world for a blow::call (one byte out, one byte back).
void become_victim(page& p, int channel);

// For the file layer, which shares count and blow with the sockets.
enum class verdict : std::uint8_t
{
    go,
    half_then_die,
    cut_here
};
verdict count(act a);  // does not return when the process dies here
[[noreturn]] void die();
page* this_page();  // null: this process is not under test

}  // namespace rialto::crash
