#include "leopard_transform.hpp"

#include <algorithm>

namespace punktfunk::fec {
namespace {

// The pass's groups within the range one by one, or all at once when nothing is to be done between them.
template <typename F>
void for_each_group(Gf16Pass pass, bool one_by_one, size_t begin, size_t end, F f) {
    const size_t most = std::min(pass.end, end);
    const size_t step = one_by_one ? size_t{1} << (pass.first_layer + pass.layers) : most - begin;
    for (size_t at = begin; at < most; at += step) {
        pass.begin = at;
        pass.end = std::min(at + step, most);
        f(pass);
    }
}

}  // namespace

bool LeopardTransform::byte_factors(const Gf16Pass& pass, size_t layers, size_t from_layer) {
    return (pass.position + (size_t{1} << layers) - 1) >> from_layer < 256;
}

LeopardTransform::Cut LeopardTransform::cut(const Gf16Pass& pass) const {
    Cut cut;
    size_t layer = 0;
    do {
        const bool shards = layer == 0 && (pass.from_shards || pass.to_shards);
        const size_t most =
            !shards && byte_factors(pass, pass.layers, layer) ? kernel_.byte_layers : kernel_.symbol_layers;
        size_t taken = std::min(pass.layers - layer, most);
        // What is left behind the shards is shared out evenly: 4 layers as 2 + 2, not as 3 + 1.
        if (const size_t left = pass.layers - layer; !shards && left > most) {
            const size_t passes = (left + most - 1) / most;
            taken = (left + passes - 1) / passes;
        }
        cut.layers[cut.passes++] = taken;
        layer += taken;
    } while (layer < pass.layers);
    return cut;
}

void LeopardTransform::inverse(Gf16Pass pass, Gf16Rows between) const {
    const Gf16Pass whole = pass;
    const Cut cut = this->cut(whole);
    Gf16Pass passes[kMostPasses];
    pass.first_layer = 0;
    for (size_t i = 0; i < cut.passes; ++i) {
        const bool last = i + 1 == cut.passes;
        pass.layers = cut.layers[i];
        pass.byte_factors = byte_factors(whole, whole.layers, pass.first_layer);
        pass.end = pass.from_count;  // a group of zeros stays zero
        pass.to = last ? whole.to : between;
        pass.accumulate = last && whole.accumulate;
        passes[i] = pass;
        pass.first_layer += pass.layers;
        const size_t group = size_t{1} << pass.first_layer;
        pass.from_count = (pass.from_count + group - 1) / group * group;
        pass.from_shards = nullptr;
        pass.from = between;
    }
    inverse({passes, cut.passes}, 0, whole.from_count);
}

void LeopardTransform::inverse(std::span<const Gf16Pass> passes, size_t begin, size_t end) const {
    const auto below = passes.first(passes.size() - 1);
    for_each_group(passes.back(), !below.empty(), begin, end, [&](const Gf16Pass& pass) {
        if (!below.empty()) inverse(below, pass.begin, pass.end);
        kernel_.inverse(pass, tower_);
    });
}

void LeopardTransform::forward(Gf16Pass pass, Gf16Rows between) const {
    const Gf16Pass whole = pass;
    const Cut cut = this->cut(whole);
    Gf16Pass passes[kMostPasses];
    pass.first_layer = whole.layers;
    pass.end = whole.to_count;
    for (size_t i = cut.passes; i-- > 0;) {
        pass.layers = cut.layers[i];
        pass.first_layer -= pass.layers;
        pass.byte_factors = byte_factors(whole, whole.layers, pass.first_layer);
        pass.to_shards = i == 0 ? whole.to_shards : nullptr;
        pass.to = i == 0 ? whole.to : between;
        passes[i] = pass;
        pass.from_count = size_t{1} << whole.layers;
        pass.from = between;
    }
    forward({passes, cut.passes}, 0, whole.to_count);
}

void LeopardTransform::forward(std::span<const Gf16Pass> passes, size_t begin, size_t end) const {
    const auto below = passes.first(passes.size() - 1);
    for_each_group(passes.back(), !below.empty(), begin, end, [&](const Gf16Pass& pass) {
        kernel_.forward(pass, tower_);
        if (!below.empty()) forward(below, pass.begin, pass.end);
    });
}

}  // namespace punktfunk::fec
