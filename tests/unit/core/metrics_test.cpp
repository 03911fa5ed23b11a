#include "core/metrics.hpp"

#include <gmock/gmock.h>

namespace rialto::metrics_test {
namespace {

using testing::HasSubstr;

TEST(Metrics, TheSameNameAndLabelsAreTheSameCounter)
{
    metrics::count("test_things_total", "Things.", {{"network", "a"}}).add();
    auto again = metrics::count("test_things_total", "Things.", {{"network", "a"}});
    again.add(2);
    EXPECT_EQ(again.value(), 3);
    EXPECT_EQ(metrics::count("test_things_total", "Things.", {{"network", "b"}}).value(), 0);
}

TEST(Metrics, AllOfThemAreWrittenForPrometheusToRead)
{
    metrics::count("test_written_total", "Written.", {{"network", "a"}}).add();
    metrics::level("test_depth", "Depth.").set(7);
    metrics::spread("test_seconds", "Time.", {}, {0.1, 1}).observe(0.5);
    const auto text = metrics::exposition();
    EXPECT_THAT(text, HasSubstr("# TYPE test_written_total counter\ntest_written_total{network=\"a\"} 1"));
    EXPECT_THAT(text, HasSubstr("test_depth 7"));
    EXPECT_THAT(text, HasSubstr("test_seconds_bucket{le=\"1\"} 1"));
}

TEST(Metrics, ANameThatPrometheusWouldRefuseIsRefusedHere)
{
    EXPECT_THROW(metrics::count("not a name", ""), std::invalid_argument);
}

TEST(Metrics, AGaugeGoesUpAndDown)
{
    auto it = metrics::level("test_open", "Open.");
    it.add(3);
    it.add(-1);
    EXPECT_EQ(it.value(), 2);
}

}  // namespace
}  // namespace rialto::metrics_test
