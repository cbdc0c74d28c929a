#if defined(__x86_64__)
#include "gf8_vector_kernel.hpp"
#include "vector_avx512_gfni.hpp"

namespace punktfunk::fec {

extern const Gf8Kernel kGf8Avx512Gfni =
    make_gf8_kernel<Avx512Gfni, 12, 6, 4>("avx512+gfni", Kernel::Avx512Gfni, Avx512Gfni::supported, {1.2, 2.5, 8});

}  // namespace punktfunk::fec
#endif
