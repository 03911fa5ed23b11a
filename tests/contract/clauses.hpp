// tests/contract/clauses.hpp: what a backend owes the core (core/backend.hpp), one function each. "" is kept;
// anything else says where it was broken. Plain functions, so that the kit itself can be tried on backends
// that break them.
#pragma once

#include "tests/contract/peer.hpp"

namespace rialto::contract {

std::string delivers_in_order(const peer_type& type);
std::string says_try_later_wherever_the_link_drops(const peer_type& type);
std::string delivers_once_though_asked_twice(const peer_type& type);
std::string delivers_once_wherever_the_process_dies(const peer_type& type);
std::string refuses_without_a_link(const peer_type& type);
std::string ends_promptly_when_cancelled(const peer_type& type);
std::string keeps_order_within_its_window(const peer_type& type);
std::string honours_only(const peer_type& type);

std::string acknowledges_only_what_is_accepted(const peer_type& type);
std::string loses_nothing_it_did_not_acknowledge(const peer_type& type);
std::string takes_in_order(const peer_type& type);
std::string says_later_when_the_journal_is_full(const peer_type& type);

}  // namespace rialto::contract
