#include "leopard_parts.hpp"

#include <bit>

namespace punktfunk::fec {

LeopardShape::LeopardShape(size_t k, size_t m) : data_count(k), parity_count(m) {
    high_rate = std::bit_ceil(k) >= std::bit_ceil(m);
    chunk = std::bit_ceil(high_rate ? m : k);
    layers = static_cast<size_t>(std::countr_zero(chunk));
    data_at = high_rate ? chunk : 0;
    parity_at = high_rate ? 0 : chunk;
}

LeopardRows::LeopardRows(Workspace::Impl& space, size_t sets, size_t count, size_t shard_bytes) {
    // Wide rows, few strips: the order of the passes (leopard_transform.hpp) keeps most of what they share near,
    // however many rows there are. From here on the rows would leave the second cache even so.
    constexpr size_t kWorkingSet = 256 * 1024, kNarrowest = 12;  // bytes; units: a shard of an Ethernet packet
    const size_t units = (shard_bytes + kUnitBytes - 1) / kUnitBytes;
    const size_t most = std::max(kWorkingSet / (sets * count * kUnitBytes), kNarrowest);
    const size_t strips = (units + most - 1) / most;
    width = (units + strips - 1) / strips * kUnitBytes;
    const size_t set_bytes = Gf16Rows::offset(count, width);
    uint8_t* memory = space.scratch(sets * set_bytes + width);
    sum = {memory, width};
    work = {memory + (sets - 1) * set_bytes, width};
    spare = memory + sets * set_bytes;
    if (space.zeros.size() < width) space.zeros.resize(width);
    zeros = space.zeros.data();
}

Gf16Pass LeopardRows::pass(const Strip& strip, size_t layers) const {
    Gf16Pass pass{};
    pass.layers = layers;
    pass.column = strip.column;
    pass.width = strip.width;
    pass.zeros = zeros;
    pass.spare = spare;
    return pass;
}

void LeopardParts::sum_chunks(const LeopardShape& shape, const Strip& strip, const LeopardRows& rows) const {
    for (size_t first = 0; first < shape.data_count; first += shape.chunk) {
        Gf16Pass pass = rows.pass(strip, shape.layers);
        pass.position = shape.data_at + first;
        pass.from_shards = strip.in + first;
        pass.from_count = std::min(shape.chunk, shape.data_count - first);
        pass.to = rows.sum;
        pass.accumulate = first > 0;
        transform.inverse(pass, rows.work);
    }
}

}  // namespace punktfunk::fec
