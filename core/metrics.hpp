// core/metrics.hpp: what is counted, for whoever watches the bridge. Names follow Prometheus (unit last,
// `_total` for counters); label values come from a small fixed set (a network, a verdict), never from
// outside: each one is kept for ever. Ask for a handle once and keep it: asking looks names up, using it is
// one atomic addition. Thread-safe. A name that Prometheus would refuse throws std::invalid_argument. The
// only file that knows the library is metrics.cpp.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace rialto::metrics {

using labels = std::map<std::string, std::string>;

class counter
{
    prometheus::Counter* behind_;

public:
    explicit counter(prometheus::Counter& b) : behind_{&b} {}
    void add(double by = 1);
    double value() const;
};

class gauge
{
    prometheus::Gauge* behind_;

public:
    explicit gauge(prometheus::Gauge& b) : behind_{&b} {}
    void set(double to);
    void add(double by);
    double value() const;
};

class histogram
{
    prometheus::Histogram* behind_;

public:
    explicit histogram(prometheus::Histogram& b) : behind_{&b} {}
    void observe(double value);
};

// The same name and labels give the same metric, wherever it is asked for.
counter count(const std::string& name, const std::string& help, const labels& with = {});
gauge level(const std::string& name, const std::string& help, const labels& with = {});
histogram spread(
    const std::string& name, const std::string& help, const labels& with = {}, std::vector<double> bounds = {}
);  // {}: seconds, 1 ms to 60 s

std::string exposition();  // all of them, in Prometheus' text format 0.0.4

}  // namespace rialto::metrics
