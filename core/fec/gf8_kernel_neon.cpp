#if defined(__aarch64__)
#include "gf8_vector_kernel.hpp"
#include "vector_neon.hpp"

namespace punktfunk::fec {

extern const Gf8Kernel kGf8Neon = make_gf8_kernel<Neon, 6, 4, 3>("neon", Kernel::Neon, Neon::supported, 2.1);

}  // namespace punktfunk::fec
#endif
