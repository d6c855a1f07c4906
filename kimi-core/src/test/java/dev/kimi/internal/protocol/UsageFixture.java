package dev.kimi.internal.protocol;

import dev.kimi.chat.Usage;

final class UsageFixture {

    private UsageFixture() {}

    static Usage usage(long prompt, long completion, long total, long cached, long reasoning) {
        return Usage.builder()
                .promptTokens(prompt)
                .completionTokens(completion)
                .totalTokens(total)
                .cachedTokens(cached)
                .reasoningTokens(reasoning)
                .build();
    }
}
