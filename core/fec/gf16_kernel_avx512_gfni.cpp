#if defined(__x86_64__)
#include "gf16_passes.hpp"
#include "vector_avx512_gfni.hpp"

namespace punktfunk::fec {

extern const Gf16Kernel kGf16Avx512Gfni =
    Gf16Passes<Avx512Gfni>::kernel<3, 4, 6>("avx512+gfni", Kernel::Avx512Gfni, Avx512Gfni::supported);

}  // namespace punktfunk::fec
#endif
