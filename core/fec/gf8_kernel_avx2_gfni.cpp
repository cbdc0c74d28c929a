#if defined(__x86_64__)
#include "gf8_vector_kernel.hpp"
#include "vector_avx2_gfni.hpp"

namespace punktfunk::fec {

extern const Gf8Kernel kGf8Avx2Gfni =
    make_gf8_kernel<Avx2Gfni, 6, 2, 3>("avx2+gfni", Kernel::Avx2Gfni, Avx2Gfni::supported, {1.2, 2.5, 4});

}  // namespace punktfunk::fec
#endif
