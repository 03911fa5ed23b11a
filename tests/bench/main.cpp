#include "tests/bench/world.hpp"
#include <cstdio>
using namespace rialto::bench;
int main(int, char** argv)
{
    world w{argv[1], size_of{100}};
    w.start();
    std::printf("open %.1f entered %.1f cpu %.1f rss %.1f\n", w.open_ms, w.entered_ms, w.cpu_ms, w.rialto.rss_mb());
    w.warm_up(100);
    for (int i = 0; i < 3; ++i) {
        auto f = w.to_far(load{10000, 100});
        std::printf("to_far %.1f us %.0f/s p50 %.0f p99 %.0f commits %.0f\n", f.cpu_us, f.per_second, f.p50_us, f.p99_us, w.commits_per_second);
        f = w.to_matrix(load{10000, 100});
        std::printf("to_matrix %.1f us %.0f/s p50 %.0f p99 %.0f commits %.0f\n", f.cpu_us, f.per_second, f.p50_us, f.p99_us, w.commits_per_second);
    }
}
