#if defined(__x86_64__)
#include "gf16_passes.hpp"
#include "vector_avx2_gfni.hpp"

namespace punktfunk::fec {

extern const Gf16Kernel kGf16Avx2Gfni =
    Gf16Passes<Avx2Gfni>::kernel<2, 3, 4>("avx2+gfni", Kernel::Avx2Gfni, Avx2Gfni::supported);

}  // namespace punktfunk::fec
#endif
