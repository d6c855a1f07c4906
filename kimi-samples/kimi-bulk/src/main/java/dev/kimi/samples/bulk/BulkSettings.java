package dev.kimi.samples.bulk;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of this application, not of the client.
 *
 * @param maxTokens limit of output tokens of one response, reasoning included: the service charges them before the
 *     model begins
 * @param input file of prompts
 * @param output file for the responses; {@code -} is the standard output
 * @param faults what the simulator is to do wrong, as in {@code 429:0.05,503:0.02,stall:1}
 * @param color whether the terminal shows a bar that moves; found out when not set
 */
@ConfigurationProperties("bulk")
record BulkSettings(
        @DefaultValue("16384") int maxTokens,
        @DefaultValue("") String input,
        @DefaultValue("-") String output,
        @DefaultValue("") String faults,
        @Nullable Boolean color) {}
