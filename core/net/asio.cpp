// Asio and Beast are compiled once, here: it halves the build.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
