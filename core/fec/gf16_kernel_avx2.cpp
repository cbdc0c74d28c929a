#if defined(__x86_64__)
#include "gf16_passes.hpp"
#include "vector_avx2.hpp"

namespace punktfunk::fec {

extern const Gf16Kernel kGf16Avx2 = Gf16Passes<Avx2>::kernel<2, 3, 2>("avx2", Kernel::Avx2, Avx2::supported);

}  // namespace punktfunk::fec
#endif
