// The TLS part of Boost.Asio's own code: see asio.cpp.
#include <boost/asio/ssl/impl/src.hpp>
