package dev.kimi.internal.endpoint;

import dev.kimi.chat.Usage;

/** What a service counts of a call against the limits of its account: before it has read it, and in the end. */
public interface BookingPolicy {

    /**
     * Kimi's way: the prompt and the whole output cap are booked when the call begins, and all tokens count, those from
     * the cache too.
     */
    BookingPolicy CAP_BOOKED = new BookingPolicy() {
        @Override
        public long bookedInput(long estimate) {
            return estimate;
        }

        @Override
        public long bookedOutput(long cap) {
            return cap;
        }

        @Override
        public long countedInput(Usage usage) {
            return Math.min(usage.promptTokens(), usage.totalTokens());
        }

        @Override
        public long countedOutput(Usage usage) {
            return usage.totalTokens() - countedInput(usage);
        }
    };

    /**
     * Claude's way: the prompt is booked when the call begins, and of the output only what is written. What was read
     * from the cache does not count.
     */
    BookingPolicy WRITTEN_COUNTED = new BookingPolicy() {
        @Override
        public long bookedInput(long estimate) {
            return estimate;
        }

        @Override
        public long bookedOutput(long cap) {
            return 0;
        }

        @Override
        public long countedInput(Usage usage) {
            return Math.max(0, usage.promptTokens() - usage.cachedTokens());
        }

        @Override
        public long countedOutput(Usage usage) {
            return usage.completionTokens();
        }
    };

    /** Input tokens that are booked for a prompt of an estimated size. */
    long bookedInput(long estimate);

    /** Output tokens that are booked for a response that may have so many at most. */
    long bookedOutput(long cap);

    /** Input tokens that count in the end. */
    long countedInput(Usage usage);

    /** Output tokens that count in the end. */
    long countedOutput(Usage usage);
}
