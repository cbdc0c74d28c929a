// Gilbert–Elliott: the two-state chain by which a link loses datagrams, none in the good state, all in the bad one.
#pragma once

namespace punktfunk::impair {

struct LossChain {
    double loss = 0;  // the share of datagrams that meet the bad state, in the long run
    double good_to_bad = 0, bad_to_good = 1;

    // `burst` is the mean run of losses in datagrams. 0 makes losses independent of each other (the chain whose next
    // state does not depend on its last).
    [[nodiscard]] static constexpr LossChain of(double loss, double burst) {
        if (burst == 0) return {loss, loss, 1 - loss};
        return {loss, loss / (1 - loss) / burst, 1 / burst};
    }
    // Runs of one datagram cannot lose more than half of them: short runs put a limit to the loss.
    [[nodiscard]] static constexpr bool possible(double loss, double burst) {
        return loss >= 0 && loss <= 1 && (burst == 0 || (burst >= 1 && loss < 1 && loss / (1 - loss) <= burst));
    }
};

}  // namespace punktfunk::impair
