#if defined(__x86_64__)
#include "gf8_vector_kernel.hpp"
#include "vector_avx512_gfni.hpp"

namespace punktfunk::fec {

extern const Gf8Kernel kGf8Avx512Gfni =
    make_gf8_kernel<Avx512Gfni, 12, 2, 4>("avx512+gfni", Kernel::Avx512Gfni, Avx512Gfni::supported, 2.5);

}  // namespace punktfunk::fec
#endif
