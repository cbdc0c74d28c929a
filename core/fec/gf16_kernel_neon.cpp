#if defined(__aarch64__)
#include "gf16_passes.hpp"
#include "vector_neon.hpp"

namespace punktfunk::fec {

extern const Gf16Kernel kGf16Neon = Gf16Passes<Neon>::kernel<2, 3, 4>("neon", Kernel::Neon, Neon::supported);

}  // namespace punktfunk::fec
#endif
