#include "core/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <memory>

namespace rialto::metrics {

namespace {
prometheus::Registry& registry()
{
    static prometheus::Registry all;
    return all;
}
}  // namespace

void counter::add(double by) { behind_->Increment(by); }
double counter::value() const { return behind_->Value(); }
void gauge::set(double to) { behind_->Set(to); }
void gauge::add(double by) { behind_->Increment(by); }
double gauge::value() const { return behind_->Value(); }
void histogram::observe(double value) { behind_->Observe(value); }

counter count(const std::string& name, const std::string& help, const labels& with)
{
    return counter{prometheus::BuildCounter().Name(name).Help(help).Register(registry()).Add(with)};
}

gauge level(const std::string& name, const std::string& help, const labels& with)
{
    return gauge{prometheus::BuildGauge().Name(name).Help(help).Register(registry()).Add(with)};
}

histogram spread(
    const std::string& name, const std::string& help, const labels& with, std::vector<double> bounds
)
{
    if (bounds.empty())
        bounds = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60};
    return histogram{
        prometheus::BuildHistogram().Name(name).Help(help).Register(registry()).Add(with, std::move(bounds))
    };
}

std::string exposition() { return prometheus::TextSerializer{}.Serialize(registry().Collect()); }

}  // namespace rialto::metrics
