// What the theory says: with how many losses a frame still comes through, and how probable that is.
//
// An erasure code restores a block of k data and m parity packets from any k of them, so a frame survives exactly when
// no block of it loses more than m. Over the two-state chain of a link that is computed, not simulated: a matrix of 2x2
// holds the probabilities to cross a stretch of packets alive, from each state of the chain to each, and stretches
// follow each other by multiplication. Independent losses are the chain whose next state does not depend on its last;
// the result is then the product of the blocks' binomial tails.
#pragma once

#include <cstddef>
#include <vector>

#include "punktfunk/impair/loss_chain.hpp"

namespace punktfunk::loss_harness {

struct Block {
    size_t data = 0, parity = 0;
};
// How the packetizer splits a frame (spec §4.5).
[[nodiscard]] std::vector<Block> split(size_t data_packets, size_t per_block, unsigned fec_percent);

struct Expectation {
    double survival = 0;   // the share of frames that come through
    double frames_sd = 0;  // standard deviation of their number in the run
};
// For `frames` frames that follow each other over one link. Bursts that cross from a frame to the next make their fates
// depend on each other; the deviation accounts for that.
[[nodiscard]] Expectation expect(const impair::LossChain& chain, const std::vector<Block>& blocks, size_t frames);

}  // namespace punktfunk::loss_harness
