// tests/crash/saboteur.hpp: tests of the test: a Rialto that breaks its promise in one known way, which the
// matrix must find. It is broken from outside, by what this program defines in place of a library's function,
// so that the product has no line for it.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>

namespace rialto::crash {

enum class treason
{
    none,
    no_sync,       // the database is opened with synchronous=OFF
    early_answer,  // a commit is answered before it is made: with the next one, or at the end
    no_device,  // sends carry no device id, so the homeserver forgets their transaction ids with its memory
    by_transaction,  // a transaction id that was answered once is answered again without a look at what is
                     // inside
};

void choose(const std::string& name
);  // "": none. In the world, before its first fork; throws std::invalid_argument
treason chosen();

// Of by_transaction; what passes through the sockets of the process under test.
void betray_received(int fd, void* bytes, ssize_t n);
void betray_sent(int fd, const void* bytes, std::size_t n);

}  // namespace rialto::crash
