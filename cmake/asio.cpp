// Boost.Asio's own code, once, instead of in every source that includes a header of it.
#include <boost/asio/impl/src.hpp>
