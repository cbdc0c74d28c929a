#include "gf16_passes.hpp"
#include "vector_portable.hpp"

namespace punktfunk::fec {

extern const Gf16Kernel kGf16Scalar =
    Gf16Passes<Portable>::kernel<1, 2, 1>("scalar", Kernel::Scalar, Portable::supported);

}  // namespace punktfunk::fec
