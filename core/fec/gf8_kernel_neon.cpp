#if defined(__aarch64__)
#include "gf8_vector_kernel.hpp"
#include "vector_neon.hpp"

namespace punktfunk::fec {

extern const Gf8Kernel kGf8Neon = make_gf8_kernel<Neon, 6, 2, 3>("neon", Kernel::Neon, Neon::supported, {1.2, 2.1, 4});

}  // namespace punktfunk::fec
#endif
