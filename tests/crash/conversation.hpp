// tests/crash/conversation.hpp: what people say in one run, on the four lanes, and the waiting until it has
// all arrived, over as many lives of Rialto as it takes. One io_context thread, which is run while it waits.
#pragma once

#include "tests/crash/families.hpp"

namespace rialto::crash {

class conversation
{
public:
    static constexpr std::chrono::milliseconds patience{5'000};
    // Longer than the ten minutes after which all is read again.
    static constexpr std::chrono::milliseconds last_patience{16'000};
    // Half a second of theirs: what comes late comes in it.
    static constexpr std::chrono::milliseconds afterwards{10};

    // Texts begin with `mark`, which is used once.
    conversation(stage& on, std::string mark, bool dan_only = false);

    static const std::vector<std::string>& lanes();
    // Each third is an edit of the one before; of six of alice's one is taken back at once, one later.
    // Nothing where nobody would take it.
    void say(const std::string& lane);
    void wave(int rounds);                                 // all lanes in turn
    void wait(std::chrono::milliseconds most = patience);  // until all has arrived, or the process is dead
    void survive();                                        // the same, with a new life for each death
    // No accidents any more; rialto ends by SIGTERM. What it would not end by is a finding.
    std::vector<std::string> end();
    ledgers read() const { return on_.read(mark_); }

private:
    bool talks(const std::string& lane) const;
    bool complete();
    void terminate(std::vector<std::string>& findings);

    stage& on_;
    std::string mark_;
    bool dan_only_;
    std::map<std::string, int> said_;
    std::chrono::milliseconds looked_{0};
};

// The next life's plan: `f` strikes at this operation; 0: nothing happens.
plan plan_of(stage& on, const family& f, std::uint64_t at);

}  // namespace rialto::crash
