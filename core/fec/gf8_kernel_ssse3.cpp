#if defined(__x86_64__)
#include "gf8_vector_kernel.hpp"
#include "vector_ssse3.hpp"

namespace punktfunk::fec {

extern const Gf8Kernel kGf8Ssse3 =
    make_gf8_kernel<Ssse3, 4, 1, 2>("ssse3", Kernel::Ssse3, Ssse3::supported, {2.1, 2.1, 0});

}  // namespace punktfunk::fec
#endif
