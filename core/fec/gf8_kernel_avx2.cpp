#if defined(__x86_64__)
#include "gf8_vector_kernel.hpp"
#include "vector_avx2.hpp"

namespace punktfunk::fec {

extern const Gf8Kernel kGf8Avx2 = make_gf8_kernel<Avx2, 4, 1, 2>("avx2", Kernel::Avx2, Avx2::supported, {2.1, 2.1, 0});

}  // namespace punktfunk::fec
#endif
